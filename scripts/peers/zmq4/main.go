// Command zmq4 is a socket of go-zeromq/zmq4 with the command line and the lines of
// peer.py: as many of its flags as the tests of the library use.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-zeromq/zmq4"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("zmq4: ")
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		log.Fatal(err)
	}
}

func run(kind string, args []string) error {
	var bind, connect, identity, file string
	for i := 0; i+1 < len(args); i += 2 {
		switch value := args[i+1]; args[i] {
		case "--bind":
			bind = strings.ReplaceAll(value, "*", "0")
		case "--connect":
			connect = value
		case "--identity":
			identity = value
		case "--endpoint-file":
			file = value
		case "--linger", "--timeout", "-o":
		default:
			return fmt.Errorf("unknown flag %s", args[i])
		}
	}
	s, err := open(kind, identity)
	if err != nil {
		return err
	}
	if bind != "" {
		if err := s.Listen(bind); err != nil {
			return err
		}
		if err := os.WriteFile(file+".part", []byte("tcp://"+s.Addr().String()+"\n"), 0o600); err != nil {
			return err
		}
		if err := os.Rename(file+".part", file); err != nil {
			return err
		}
	}
	if connect != "" {
		if err := s.Dial(connect); err != nil {
			return err
		}
	}
	return talk(kind, s)
}

func open(kind, identity string) (zmq4.Socket, error) {
	makers := map[string]func(context.Context, ...zmq4.Option) zmq4.Socket{
		"req": zmq4.NewReq, "rep": zmq4.NewRep, "router": zmq4.NewRouter, "dealer": zmq4.NewDealer, "pair": zmq4.NewPair,
		"push": zmq4.NewPush, "pull": zmq4.NewPull, "pub": zmq4.NewPub, "sub": zmq4.NewSub, "xpub": zmq4.NewXPub, "xsub": zmq4.NewXSub,
	}
	opener := makers[kind]
	if opener == nil {
		return nil, fmt.Errorf("unknown type %s", kind)
	}
	var options []zmq4.Option
	if identity != "" {
		options = append(options, zmq4.WithID(zmq4.SocketIdentity(identity)))
	}
	s := opener(context.Background(), options...)
	if kind == "sub" {
		return s, s.SetOption(zmq4.OptionSubscribe, "")
	}
	return s, nil
}

// talk prints what comes, and sends the lines of stdin, whose end is its own. A REQ and a
// REP keep turns.
func talk(kind string, s zmq4.Socket) error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	switch kind {
	case "req", "rep", "push":
	case "pub":
		await(s)
	case "xpub":
		go receiveAll(s)
		await(s)
	default:
		go receiveAll(s)
	}
	for {
		if kind == "rep" {
			if err := receive(s); err != nil {
				return err
			}
		}
		if !lines.Scan() {
			return lines.Err()
		}
		m, err := parse(lines.Bytes())
		if err != nil {
			return err
		}
		if err := send(kind, s, m); err != nil {
			return err
		}
		if kind == "req" {
			if err := receive(s); err != nil {
				return err
			}
		}
	}
}

func receiveAll(s zmq4.Socket) {
	for receive(s) == nil {
	}
}

// await waits until somebody has subscribed.
func await(s zmq4.Socket) {
	topics, ok := s.(zmq4.Topics)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ok && len(topics.Topics()) == 0 {
		<-tick.C
	}
}

// send sends a message. A REQ that is bound fails where its peer is not there yet.
func send(kind string, s zmq4.Socket, m zmq4.Msg) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		err := s.SendMulti(m)
		if err == nil || kind != "req" || !strings.Contains(err.Error(), "no connections available") {
			return err
		}
		<-tick.C
	}
}

func receive(s zmq4.Socket) error {
	m, err := s.Recv()
	if err != nil {
		return err
	}
	var list []any
	for _, f := range m.Frames {
		if utf8.Valid(f) {
			list = append(list, string(f))
		} else {
			list = append(list, map[string]string{"hex": hex.EncodeToString(f)})
		}
	}
	return json.NewEncoder(os.Stdout).Encode(list)
}

func parse(line []byte) (m zmq4.Msg, err error) {
	var list []any
	if err := json.Unmarshal(line, &list); err != nil {
		return m, err
	}
	for _, f := range list {
		switch f := f.(type) {
		case string:
			m.Frames = append(m.Frames, []byte(f))
		case map[string]any:
			text, _ := f["hex"].(string)
			b, err := hex.DecodeString(text)
			if err != nil {
				return m, err
			}
			m.Frames = append(m.Frames, b)
		}
	}
	return m, nil
}
