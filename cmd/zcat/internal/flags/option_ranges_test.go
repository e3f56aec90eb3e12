package flags

import (
	"bytes"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// zmqTakes sets options of libzmq's sockets: each line of its input is a type, an option's
// number and its width, and a value; each of its output is 1 where it was taken, else 0.
const zmqTakes = `
import ctypes, sys, zmq
lib = ctypes.CDLL("libzmq.so.5")
lib.zmq_ctx_new.restype = lib.zmq_socket.restype = ctypes.c_void_p
lib.zmq_socket.argtypes = [ctypes.c_void_p, ctypes.c_int]
lib.zmq_setsockopt.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
lib.zmq_close.argtypes = lib.zmq_ctx_term.argtypes = [ctypes.c_void_p]
ctx = lib.zmq_ctx_new()
for row in sys.stdin:
    kind, name, value = row.split()
    cell = (ctypes.c_int64 if name == "maxmsgsize" else ctypes.c_int)(int(value))
    socket = lib.zmq_socket(ctx, int(getattr(zmq, kind)))
    print(int(lib.zmq_setsockopt(socket, int(getattr(zmq, name.upper())), ctypes.byref(cell), ctypes.sizeof(cell)) == 0))
    lib.zmq_close(socket)
lib.zmq_ctx_term(ctx)
`

// edges are where the ranges of options begin and end.
var edges = []int{-2, -1, 0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 6553599, 6553600, 1<<31 - 1}

// The values of numeric options that libzmq decides on otherwise, and why.
var otherwise = map[string]struct {
	taken bool // by us
	from  int
	to    int
	why   string
}{
	"reconnect_ivl":       {false, 0, 0, "without a pause a core would be busy while a peer is away"},
	"heartbeat_ttl":       {false, -2, -1, "it is cast to an unsigned number that stands for minutes"},
	"maxmsgsize":          {false, -2, 0, "-1 is no limit; 0 would take empty messages only"},
	"tos":                 {false, 256, 1<<31 - 1, "the field of a packet has eight bits"},
	"tcp_keepalive_idle":  {false, 0, 1<<31 - 1, "the kernel takes 1 to 32767"},
	"tcp_keepalive_intvl": {false, 0, 1<<31 - 1, "the kernel takes 1 to 32767"},
	"tcp_keepalive_cnt":   {false, 0, 1<<31 - 1, "the kernel takes 1 to 127"},
	// A boolean is 0 or 1 throughout; libzmq takes any number for some.
	"router_mandatory": {false, 2, 1<<31 - 1, aBoolean},
	"router_handover":  {false, 2, 1<<31 - 1, aBoolean},
	"probe_router":     {false, 2, 1<<31 - 1, aBoolean},
	"req_correlate":    {false, 2, 1<<31 - 1, aBoolean},
	"req_relaxed":      {false, 2, 1<<31 - 1, aBoolean},
	"xpub_verbose":     {false, 2, 1<<31 - 1, aBoolean},
	"xpub_verboser":    {false, 2, 1<<31 - 1, aBoolean},
	"xpub_manual":      {false, 2, 1<<31 - 1, aBoolean},
	"xpub_nodrop":      {false, 2, 1<<31 - 1, aBoolean},
	"invert_matching":  {false, -2, 1<<31 - 1, aBoolean},
}

const aBoolean = "a boolean is 0 or 1"

// numeric are the options whose values are numbers, each with a type that has it.
func numeric() (kinds []sockets.Type, names []string) {
	for _, row := range SocketOptions() {
		defaults := sockets.DefaultOptions()
		if _, err := strconv.Atoi(row.Get(&defaults)); err != nil {
			continue
		}
		for _, kind := range sockets.Types() {
			if row.fits(kind) && !kind.Traits().Draft {
				kinds, names = append(kinds, kind), append(names, row.Name)
				break
			}
		}
	}
	return kinds, names
}

// A number is taken where libzmq takes it, except as the table says.
func TestRangesAreLibzmqs(t *testing.T) {
	var ask strings.Builder
	kinds, all := numeric()
	var asked []string
	for i, name := range all {
		switch name {
		case "sndtimeo", "router_notify", "only_first_subscribe", "reconnect_stop":
			continue // the first is another thing here, the others are drafts, which Debian's does not have
		}
		asked = append(asked, name)
		for _, n := range edges {
			fmt.Fprintln(&ask, kinds[i], name, n)
		}
	}
	judge := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", zmqTakes)
	judge.Stdin = strings.NewReader(ask.String())
	var said bytes.Buffer
	judge.Stderr = &said
	answer, err := judge.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	taken := strings.Fields(string(answer))
	if len(taken) != len(asked)*len(edges) || len(asked) < 30 {
		t.Fatalf("%d answers for %d options", len(taken), len(asked))
	}
	differing := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSpace(ask.String()), "\n") {
		var kind, name string
		var n int
		if _, err := fmt.Sscan(line, &kind, &name, &n); err != nil {
			t.Fatal(err)
		}
		ours, theirs := takes(t, name, strconv.Itoa(n)), taken[i] == "1"
		d, listed := otherwise[name]
		switch {
		case ours == theirs:
		case !listed || ours != d.taken || n < d.from || n > d.to:
			t.Errorf("%s=%d: taken %v, by libzmq %v", name, n, ours, theirs)
		default:
			differing[name] = true
		}
	}
	for name, d := range otherwise {
		if !differing[name] {
			t.Errorf("%s is not decided on otherwise than by libzmq, where the table says %q", name, d.why)
		}
	}
}

// takes reports whether an option takes a value, and so does a socket that has it.
func takes(t *testing.T, name, value string) bool {
	t.Helper()
	for _, row := range SocketOptions() {
		if row.Name != name {
			continue
		}
		for _, kind := range sockets.Types() {
			if !row.fits(kind) {
				continue
			}
			c := line.NewConfig(line.Command{Name: "it", Kind: kind})
			if err := SetOption(c, name+"="+value); err != nil {
				return false
			}
			socket, err := sockets.New(kind, func(o *sockets.Options) { *o = c.Options })
			if err != nil {
				t.Errorf("%s=%.20q is taken, and a %s does not take it: %v", name, value, kind, err)
				return false
			}
			_ = socket.Close()
		}
		return true
	}
	t.Errorf("there is no option %s", name)
	return false
}

// What -o takes, a socket takes: of texts, too, and of numbers that are no C int.
func TestSocketsTakeWhatOptionsTake(t *testing.T) {
	long := strings.Repeat("x", 255)
	for _, row := range SocketOptions() {
		for _, value := range []string{"", "a", "hex:00", "hex:", long, long + "y", "2147483648", "4294967296", "9223372036854775807", "127.0.0.1:1080", "::1"} {
			takes(t, row.Name, value)
		}
	}
	_, names := numeric()
	for _, name := range names {
		for _, value := range []string{"", " 1", "1 ", "+1", "0x10", "1.5", "1e3", "5s", "5K", "x", "99999999999999999999"} {
			if takes(t, name, value) {
				t.Errorf("%s=%s is taken", name, value)
			}
		}
	}
}
