package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// configured returns the configuration of a command line, or the reason why there
// is none.
func configured(t *testing.T, command string, args ...string) (*line.Config, error) {
	t.Helper()
	w := commandOf(t, command)
	written, err := line.Normalise(w, args)
	if err != nil {
		return nil, err
	}
	c := line.NewConfig(w)
	c.Args = written.Operands
	err = line.Parse(c, written, func() error {
		c.Settle(false, false)
		return c.Check()
	})
	return c, err
}

const someKey = "54jZosq9j9Ru=/nfqL3/TW9JNyKATH1S3V9Gun+P"

// Every rule has its own sentence, and a hint that would have worked.
func TestChecks(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []struct{ line, sentence string }{
		{"push", "push needs an endpoint"},
		{"pull -c :5555 hello", `pull sends nothing, so it takes no FRAME arguments such as "hello"`},
		{"rep -c :5555 --echo hello", "only one can be"},
		{"dealer -c :5555 --echo --rate 1", "--interval and --rate pace input"},
		{"rep -c :5555 --exec cat --filter cat", "--filter one for all"},
		{"rep -c :5555 --exec cat --echo", "--exec and --filter with what a command writes"},
		{"rep -c :5555 --filter cat hello", "FRAME arguments themselves"},
		{"dealer -c :5555 --exec cat --rate 1", "--exec sends each reply when it is ready"},
		{"pull -c :5555 --jobs 2", "--jobs says how many"},
		{"pull -c :5555 --exec cat --meta", "--exec prints no messages"},
		{"pull -c :5555 --then --expect a", "between two --expect"},
		{"pull -c :5555 --expect a --then", "between two --expect"},
		{"pull -c :5555 --expect hex:0", "--expect: "},
		{"pull -c :5555 --expect ... --expect a", "--expect: "},
		{"push -c :5555 --repeat 3", "--repeat sends FRAME arguments again"},
		{"push -c :5555 --rate 1 -i 1", "both say when the next message leaves"},
		{"req -c :5555 --retries 3", "--retries needs --timeout"},
		{"req -c :5555 -o req_relaxed=1", "without --timeout none ever is"},
		{"push -c :5555 --endpoint-file f", "nothing is bound"},
		{"pull -b :5555 --endpoint-file -", "is stdout, where the messages go"},
		{"push -c :5555 -q -v", "--quiet and --verbose exclude each other"},
		{"push -c :5555 -T -0 -d x", "--delimiter and --null both say"},
		{"push -c :5555 -d x", "are for the text format"},
		{"pull -c :5555 --null", "are for the text format"},
		{"push -c :5555 -T -d , --frame-sep ,", "the same separator"},
		{`push -c :5555 -T --frame-sep \n`, "the same separator"},
		{"pull -c :5555 -x --meta", "--meta prints records"},
		{"pull -c :5555 --heartbeat-timeout 1", "--heartbeat-timeout waits for the answer"},
		{"pull -c :5555 --heartbeat-ttl 1", "--heartbeat-ttl travels in a PING"},
		{"pull -c :5555 -o heartbeat_timeout=1000", "heartbeat_timeout waits for the answer"},
		{"pull -c :5555 -o ZMQ_HEARTBEAT_TTL=1000", "heartbeat_ttl travels in a PING"},
		{"pull -c :5555 -b ./s -o tcp_accept_filter=::1", "tcp_accept_filter says who may connect"},
		{"push -b :5555 -c ./s -o socks_proxy=127.0.0.1:1080", "socks_proxy is what"},
		{"push -c ./s -o tos=16", "tos is for connections of tcp"},
		{"push -c @s -o bindtodevice=lo", "bindtodevice is for connections of tcp"},
		{"push -c @s -o tcp_keepalive=1", "tcp_keepalive is for connections of tcp"},
		{"push -c @s -o tcp_keepalive_idle=1", "tcp_keepalive_idle is for connections of tcp"},
		{"proxy ./a ./b -o tcp_keepalive_cnt=1", "tcp_keepalive_cnt is for connections of tcp"},
		{"replay f -c ./s -o tcp_keepalive_intvl=1", "tcp_keepalive_intvl is for connections of tcp"},
		{"hub -o tos=16 a='pull -b ./s'", "tos is for connections of tcp"},
		{"hub a='pull -b ./s -o tos=16'", "a: tos is for connections of tcp"},
		{"pull -c inproc://a/b", "within one process"},
		{"pull -b inproc://a", "within one process"},
		{"pull -c tcp://127.0.0.1:70000", "--connect: "},
		{"pull -b tcp://127.0.0.1:x", "--bind: "},
		{"pull -c tcp://*:5555", "--connect: "},
		{"push -c :5555 -x ff 0g", `the FRAME "0g" is not hex`},
		{"push -c :5555 --max-size 3 hello", "the FRAME arguments are not a message"},
		{"router -c :5555 lonely", "the FRAME arguments are not a message"},
		{"router -c :5555 -x 00", "the FRAME arguments are not a message"},
		{"push -c :5555 -n 0", "--count: "},
		{"push -c :5555 -t 0", "--timeout: "},
		{"push -c :5555 -f xml", "--format: "},
		{"push -c :5555 -f view", "push receives nothing that view could show"},
		{"dealer -c :5555 --in view", "--in: \"view\" is for output only"},
		{"dealer -c :5555 --out xml", "--out: "},
		{"dealer -c :5555 -f view --meta", "view shows time and peer anyway"},
		{"push -c :5555 --color blue", "--color: "},
		{"push -c :5555 --hwm x", "--hwm: "},
		{"push -c :5555 --max-size 1T", "--max-size: "},
		{"push -c :5555 --reconnect 5..1", "--reconnect: "},
		{"push -c :5555 --verbose=9", "--verbose: "},
		{"push -c :5555 -o bogus=1", "--option: "},
		{"push -c :5555 -o sndhwm", "--option: "},
		{"push -c :5555 -o router_mandatory=1", "--option: "},
		{"pub -c :5555 --wait-subs x", "--wait-subs: "},
		{"pub -c :5555 --wait-subs 0:A", "--wait-subs: "},
		{"pub -c :5555 --wait-subs 1:hex:0", "--wait-subs: "},
		{"sub -c :5555 -S 0", "--subscribe-hex: "},
		{"dealer -c :5555 --identity hex:00", "--identity: "},
		{"dealer -c :5555 --identity=", "--identity: "},
		{"proxy :5555", `FRONT and BACK, and there is only ":5555"`},
		{"proxy a b c", "3 are too many"},
		{"proxy :5555 :5556 --tick 1", "are for a --filter, and there is none"},
		{"dealer -c :5555 --tick 1", "print records, among those of --meta"},
		{"hub", "hub needs at least one socket"},
		{"hub - a='pull -b :5555'", "beside a filter"},
		{"hub - - a='pull -b :5555' --filter cat", "which there are once"},
		{"hub a='pull -b :5555' a='pull -b :5556'", `two sockets have the name "a"`},
		{"hub a='pull -b :5555' --capture -", "stdout is where records go"},
		{"hub a='pull -b :5555' --out json", "--out is for what --capture - prints"},
		{"hub a='pull -b :5555' --endpoint-file -", "--endpoint-file - is stdout, where messages go"},
		{"hub a='pull -b :5555' --tick 1 --capture-type push", "--capture-type is for the endpoint of a --capture"},
		{"hub a='pull -b :5555' --capture-connect", "--capture-connect is for the endpoint of a --capture"},
		{"hub 'pull -b :5555'", "is not NAME='COMMAND FLAGS'"},
		{"hub 1='pull -b :5555'", "is no name: expected a letter"},
		{"hub back='pull -b :5555'", "is a name that a proxy gives"},
		{"hub a=", "a has no line"},
		{"hub a='pull -b :5555 hello'", "takes no FRAME such as"},
		{"hub a='push -b :5555 hello'", "takes no FRAME such as"},
		{"hub a='push -b :5555 --interval 1'", "--interval is nothing for a socket of a hub"},
		{"hub a='pusk -b :5555'", `a: "pusk" is no command`},
		{"hub a='proxy :5555 :5556'", "a: proxy is no socket"},
		{"pull -b :5555 --ipc-mode 600", "is the mode of the file of a bound ipc socket"},
		{"proxy :5555 :5556 --ipc-mode 600", "is the mode of the file of a bound ipc socket"},
		{"hub a='pull -b :5555' --ipc-mode 600", "is the mode of the file of a bound ipc socket"},
		{"pull -b :5555 --allow-origin null", "connect to a bound ws:// endpoint"},
		{"pull -c ws://127.0.0.1:8080 --allow-origin null", "connect to a bound ws:// endpoint"},
		{"proxy :5555 :5556 --allow-origin null", "connect to a bound ws:// endpoint"},
		{"bench --allow-origin null", "connect to a bound ws:// endpoint"},
		{"replay file -c :5555 --allow-origin null", "connect to a bound ws:// endpoint"},
		{"hub a='pull -b :5555' --allow-origin null", "connect to a bound ws:// endpoint"},
		{"hub a='pull -b :5555 --allow-origin null'", "a: --allow-origin lets web pages connect"},
		{"stream -b ws://127.0.0.1:5555", "stream is for programs that speak no ZeroMQ"},
		{"router -b :5555 -o connect_routing_id=a", "1 given, 0 --connect"},
		{"xpub -b :5555 -o xpub_manual=1 --wait-subs 1", "which the input makes with xpub_manual"},
		{"proxy :5555 :5556 --forwarder -o xpub_manual=1", "xpub_manual leaves subscriptions to answers"},
		{"router -b :5555 -o router_notify=1 --echo", "messages of router_notify and disconnect_msg are none of theirs"},
		{"proxy --front-bind :5555", "needs endpoints at both sides"},
		{"proxy :5555 :5556 --forwarder --streamer", "all say which sockets are joined"},
		{"proxy :5555 :5556 --last-value", "--last-value is for a forwarder"},
		{"proxy :5555 :5556 --forwarder --last-value -o invert_matching=1", "--last-value sends what a peer has subscribed to"},
		{"proxy :5555 :5556 --types rep:req", "REQ and REP keep turns"},
		{"proxy :5555 :5556 --types stream:dealer", "hub joins it to other sockets"},
		{"proxy :5555 :5556 --types push:pub", "PUSH and PUB cannot be joined"},
		{"proxy :5555 :5556 --types sub:xpub", "SUB and XPUB cannot be joined"},
		{"proxy :5555 :5556 --types xsub:disk", "--types: "},
		{"proxy :5555 :5556 --types server:dealer", "SERVER and PEER number their peers themselves"},
		{"proxy :5555 :5556 --types dish:radio", "a DISH receives what is sent to the groups that it joins"},
		{"proxy :5555 :5556 --join a", "--join is for a DISH"},
		{"proxy :5555 :5556 --types pull:scatter", "cannot be joined"},
		{"dish -c :5555", "dish receives what is sent to the groups that it joins"},
		{"dish -c :5555 --join hex:0061", "--join: "},
		{"client -c :5555 a b", "expected one frame, found 2"},
		{"server -c :5555 a", "expected a routing id and a body, found one"},
		{"radio -b :5555 a b c", "expected a group and a body, found 3"},
		{"proxy :5555 :5556 --types xsub", "--types: "},
		{"proxy :5555 :5556 --capture-type push", "--capture-type is for the endpoint"},
		{"proxy :5555 :5556 --capture file --capture-connect", "--capture-connect is for the endpoint"},
		{"proxy :5555 :5556 --capture :5557 --capture-type sub", "a SUB cannot capture"},
		{"proxy :5555 :5556 --out view", "--out is for what --capture - prints"},
		{"bench --serve -b :5555 --types req:rep --svg f.svg", "which the side that sends measures"},
		{"bench --types push:pull --svg f.svg", "and only throughput is measured"},
		{"bench --measure throughput --svg f.svg", "and only throughput is measured"},
		{"bench --svg -", "is stdout, where bench prints its table"},
		{"proxy :5555 :5556 --capture --out svg", `unknown format "svg": expected json, view or ladder`},
		{"proxy :5555 :5556 --capture --out hex", "a capture is printed as json, view or ladder"},
		{"proxy :5555 :5556 --capture=", "--capture: "},
		{"proxy --front-connect :5555 --back-connect :5556 --endpoint-file f", "nothing is bound"},
		{"proxy :5555 :5556 --capture - --endpoint-file -", "is stdout, where --capture - prints"},
		{"proxy :5555 :70000", "port"},
		{"proxy :5555 :5556 --front-connect tcp://*:5555", "to connect to"},
		{"proxy :5555 :5556 --control tcp://", "to bind"},
		{"proxy :5555 :5556 --metrics 9100", "--metrics: "},
		{"proxy :5555 :5556 --metrics :http", "--metrics: "},
		{"proxy :5555 :5556 --stats 0", "--stats: "},
		{"proxy :5555 :5556 --heartbeat-ttl 1", "--heartbeat-ttl travels in a PING"},
		{"push -c :5555 --curve-server", "--curve-server needs its own key"},
		{"push -c :5555 --curve-allow f", "--curve-allow names the clients that a CURVE server lets in"},
		{"push -c :5555 --curve-secret f", "--curve-secret is a key of our own"},
		{"push -c :5555 --curve-server-cert f --curve-server-key " + someKey, "both say which key"},
		{"push -c :5555 --curve-server --curve-secret f --curve-server-cert f", "--curve-server is for the server"},
		{"push -c :5555 --curve-server-key=-x", "--curve-server-key: a key of 2 characters"},
		{"push -c :5555 --plain-server f --plain-user u --plain-password-file f", "--plain-server is for the server"},
		{"push -c :5555 --plain-server f --curve-server --curve-secret f", "CURVE and PLAIN are two mechanisms"},
		{"push -c :5555 --plain-user u", "--plain-user needs a password"},
		{"push -c :5555 --plain-password-file f", "--plain-password-file has a password, but there is no user for it"},
		{"push -c :5555 --plain-user " + strings.Repeat("u", 256), "--plain-user: a name of 256 bytes"},
		{"proxy :5555 :5556 --secure front", "--secure says what the security flags are for"},
		{"proxy :5555 :5556 --secure middle", "--secure: "},
		{"proxy :5555 :5556 --curve-server-cert f", "binds, which the flags of a client"},
		{"proxy --front-bind :5555 --back-connect :5556 --curve-server --curve-secret f", "connects, which the flags of a server"},
		{"proxy :5555 :5556 --front-connect :5557 --plain-server f", "binds and connects"},
		{"keygen", "none is given"},
		{"keygen a b", "there are 2"},
		{"replay -c :5555", "replay sends one recording"},
		{"replay a b -c :5555", "replay sends one recording"},
		{"replay file", "replay needs an endpoint"},
		{"replay file -c :5555 --as sub", "a SUB sends nothing"},
		{"replay file -c :5555 --speed 0", "--speed: "},
		{"replay file -c :5555 --speed NaN", "--speed: "},
		{"replay file -c :5555 --from 2nd", "--from: "},
		{"replay file -c :5555 --strip -1", "--strip: "},
		{"replay file -c inproc://a", "within one process"},
		{"show", "show reads one recording"},
		{"show a b", "show reads one recording"},
		{"show a --out text", "--out: "},
		{"show a --from 5", "--from: "},
		{"show a --match ...", "--match: "},
		{"show a --match re:(", "--match: "},
		{"show a --peer=", "--peer: "},
		{"show a --follow --out svg", "a picture is drawn at the end"},
		{"show a --commands --match b", "a command is none"},
	} {
		t.Run(c.line, func(t *testing.T) {
			fields := strings.Fields(c.line)
			if strings.Contains(c.line, "'") {
				fields = shellWords(t, c.line)
			}
			_, err := configured(t, fields[0], fields[1:]...)
			usage, ok := usageOf(err)
			if !ok || !strings.Contains(usage.Sentence, c.sentence) {
				t.Fatalf("got %v, want %q", err, c.sentence)
			}
			seen[usage.Sentence] = true
			hint := hinted(t, usage.Hint)
			if _, err := configured(t, hint[0], hint[1:]...); err != nil {
				t.Errorf("the hint %q would not have worked: %v", usage.Hint, err)
			}
		})
	}
	var all []line.Rule
	rulesFor := func(c *line.Config) []line.Rule { return c.Command.Rules(c) }
	for _, name := range []string{"dealer", "proxy", "hub", "show", "replay", "keygen"} {
		all = append(all, rulesFor(line.NewConfig(commandOf(t, name)))...)
	}
	for _, r := range all {
		found := false
		for sentence := range seen {
			// A sentence may begin with the name of the command.
			found = found || strings.HasSuffix(sentence, strings.TrimPrefix(r.Sentence, "dealer")) ||
				sameButNames(sentence, r.Sentence)
		}
		if !found {
			t.Errorf("nothing above breaks the rule %q", r.Sentence)
		}
	}
}

// sameButNames reports whether two sentences differ only in what they quote,
// count or name in capitals.
func sameButNames(a, b string) bool {
	names := regexp.MustCompile(`"[^"]*"|[0-9]+|[A-Z]+|^dealer|^pull`)
	return names.ReplaceAllString(a, "") == names.ReplaceAllString(b, "")
}

// hinted splits a hint as a shell would, without the name of the program.
func hinted(t *testing.T, hint string) []string {
	t.Helper()
	fields := shellWords(t, hint)
	if len(fields) < 2 || fields[0] != "zcat" {
		t.Fatalf("the hint %q is not a command line", hint)
	}
	return fields[1:]
}

func TestSettings(t *testing.T) {
	c, err := configured(t, "push", "--out", "hex")
	if err == nil {
		t.Errorf("push takes --out: %+v", c.Out)
	}
	c, err = configured(t, "dealer", "-c", ":1", "-b", ":2", "-c", ":3", "-x", "--out", "text", "--hwm", "5", "-o", "sndhwm=7", "-vv")
	if err != nil {
		t.Fatal(err)
	}
	if c.In.Format.String() != "hex" || c.Out.Format.String() != "text" {
		t.Errorf("formats %v %v", c.In, c.Out)
	}
	if c.Options.SendHWM != 7 || c.Options.RecvHWM != 5 || c.Level() != say.LevelCommands {
		t.Errorf("%+v", c.Options)
	}
	var order []string
	for _, a := range c.Endpoints {
		order = append(order, a.Flag())
	}
	if got := strings.Join(order, " "); got != "--connect :1 --bind :2 --connect :3" {
		t.Errorf("endpoints %s", got)
	}
	// What a hub is given for one of its sockets need not fit the others.
	for _, flag := range []string{"--allow-origin=null", "--ipc-mode=660"} {
		if _, err = configured(t, "hub", "web=pub -b ws://127.0.0.1:1", "file=pull -b ./p", "other=pull -b :2", flag); err != nil {
			t.Errorf("hub %s: %v", flag, err)
		}
	}
	c, err = configured(t, "sub", "-c", ":1")
	if err != nil || len(c.Subscribe) != 1 || len(c.Subscribe[0]) != 0 {
		t.Errorf("sub subscribes to %q, %v", c.Subscribe, err)
	}
	c, err = configured(t, "sub", "-c", ":1", "-s", "a,b", "-S", "00ff", "-s", "")
	if err != nil || len(c.Subscribe) != 3 || string(c.Subscribe[0]) != "a,b" || string(c.Subscribe[1]) != "\x00\xff" {
		t.Errorf("sub subscribes to %q, %v", c.Subscribe, err)
	}
}

func TestFramesAreTextOrHex(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"a b", "a|b"}, {"-J a", "a"}, {"-x 00ff - FF", "\x00\xff||\xff"}, {"--raw a -", "a|-"}, {"--in hex 61 help", ""},
	} {
		got, err := configured(t, "push", append([]string{"-c", ":1"}, strings.Fields(c.args)...)...)
		if c.want == "" {
			if err == nil {
				t.Errorf("%q is a message: %q", c.args, got.Message)
			}
			continue
		}
		if err != nil || string(bytes.Join(got.Message, []byte("|"))) != c.want {
			t.Errorf("%q: got %q, %v", c.args, got.Message, err)
		}
	}
}
