package main

import (
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/broker"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

func TestProxySettings(t *testing.T) {
	c, err := configured(t, "proxy", ":1", "--capture", "-", ":2", "--back-connect", ":3", "--capture", "@seen", "--front-bind", ":4", "--capture")
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, side := range broker.ProxyOf(c).Sides {
		order = append(order, side.Kind.String())
		for _, a := range side.Endpoints {
			order = append(order, a.Flag())
		}
	}
	if got := strings.Join(order, " "); got != "ROUTER --bind :1 --bind :4 DEALER --bind :2 --connect :3" {
		t.Errorf("sides %s", got)
	}
	if got := strings.Join(broker.ProxyOf(c).Capture.Names, " "); got != "- @seen -" {
		t.Errorf("captures %s", got)
	}
}

func TestIsEndpoint(t *testing.T) {
	for text, want := range map[string]bool{
		"tcp://127.0.0.1:1": true, "ipc:///tmp/x": true, "@name": true, ":5555": true, "*:5555": true,
		"file": false, "./file": false, "/tmp/file": false, "-": false, "a:5555": false, `C:\file`: false,
	} {
		if line.IsEndpoint(text) != want {
			t.Errorf("%q is an endpoint: %v, want %v", text, !want, want)
		}
	}
}

// Of each pair that may be joined, each side takes what the other receives.
func TestJoins(t *testing.T) {
	for pair, want := range map[string]bool{
		"ROUTER DEALER": true, "DEALER ROUTER": true, "DEALER DEALER": true, "ROUTER ROUTER": true, "PAIR PAIR": true,
		"XSUB XPUB": true, "XPUB XSUB": true, "PULL PUSH": true, "PUSH PULL": true, "SUB PUB": true, "SUB PUSH": true,
		"XSUB PUB": true, "PULL PUB": true, "SUB XPUB": false, "PULL PULL": false, "PUSH PUB": false, "PAIR PULL": false,
		"DEALER PUSH": true, "DEALER SUB": false,
		"GATHER SCATTER": true, "GATHER PUSH": true, "PULL SCATTER": false, "CLIENT CLIENT": true, "CHANNEL CLIENT": true, "PAIR CHANNEL": false,
		"DISH RADIO": true, "DISH PUB": true, "SUB RADIO": false, "GATHER RADIO": false, "SERVER DEALER": false, "SERVER CLIENT": false, "GATHER CLIENT": false,
	} {
		a, b, _ := strings.Cut(pair, " ")
		front, err := sockets.ParseType(a)
		if err != nil {
			t.Fatal(err)
		}
		back, err := sockets.ParseType(b)
		if err != nil {
			t.Fatal(err)
		}
		if broker.Joins(front, back) != want {
			t.Errorf("%s: joined %v, want %v", pair, !want, want)
		}
	}
	for _, a := range sockets.Types() {
		if !broker.KeepsTurns(a) && a.Traits().MostFrames != 2 && !broker.Joins(a, broker.Partner(a)) {
			t.Errorf("%v and its partner %v cannot be joined", a, broker.Partner(a))
		}
	}
}

// An option of one type alone does not keep the other side from opening.
func TestFitted(t *testing.T) {
	c, err := configured(t, "proxy", ":1", ":2", "--forwarder", "-o", "routing_id=me", "-o", "xpub_nodrop=1", "--hwm", "7")
	if err != nil {
		t.Fatal(err)
	}
	front, back := flags.Fitted(c.Options, sockets.XSub), flags.Fitted(c.Options, sockets.XPub)
	if len(front.Identity)+len(back.Identity) > 0 || front.NoDrop || !back.NoDrop || front.SendHWM != 7 || back.RecvHWM != 7 {
		t.Errorf("%+v\n%+v", front, back)
	}
}
