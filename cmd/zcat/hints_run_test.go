//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// TestHintsRun runs each hint of the table in a shell as it is printed, with peers
// at its other end, and sees the message arrive. In what is typed, hosts are those of
// this machine, ports are free ones, and times are longer than any machine is slow;
// so they are in what is printed, where a port that nobody typed is changed too.
func TestHintsRun(t *testing.T) {
	t.Setenv("HOME", "/home/joe")
	var all []scene
	for _, row := range hintRows(t) {
		if row.unrun != "" {
			continue
		}
		all = append(all, scene{row.typed, func(t *testing.T) {
			place := newStage(t)
			place.run(t, place.offered(t, row.typed))
		}})
	}
	play(t, all)
}

// scene is a test among many that mostly wait.
type scene struct {
	name string
	run  func(*testing.T)
}

// play runs scenes, many at a time, whatever the processors.
func play(t *testing.T, all []scene) {
	t.Helper()
	const atOnce = 16
	var running sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for _, one := range all {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			t.Run(one.name, one.run)
		})
	}
	running.Wait()
}

// TestHintPairsMeet types the two ends of a conversation in the words of another
// tool, and sees the message pass between the hints for them.
func TestHintPairsMeet(t *testing.T) {
	var all []scene
	for _, pair := range []struct{ receives, sends string }{
		{"zcat nats sub news", "zcat nats pub news hello"},
		{"zcat nats sub 'news.>' -s nats://localhost:4222", "zcat nats pub news.hello hello -s nats://localhost:4222"},
		{"zcat sub news", "zcat pub news hello"},
		{"zcat subscribe news", "zcat publish news hello"},
		{"zcat nats reply help hello", "zcat nats request help please"},
		{"zcat reply hello", "zcat request help please"},
		{"zcat rep hello", "zcat req please"},
		{"zcat BRPOP jobs 0", "zcat LPUSH jobs hello"},
		{"zcat redis-cli -p 6379 BLPOP jobs 0", "zcat redis-cli -p 6379 RPUSH jobs hello"},
		{"zcat SUBSCRIBE news", "zcat PUBLISH news hello"},
		{"zcat redis-cli -h localhost PSUBSCRIBE 'ne*'", "zcat redis-cli -h localhost PUBLISH news hello"},
		{"zcat mosquitto_sub -t 'news/#' -C 1", "zcat mosquitto_pub -t news/a -m hello"},
		{"zcat mosquitto_sub -h localhost -p 1883 -t news", "zcat mosquitto_pub -h localhost -p 1883 -t news -m hello"},
		{"zcat sub -L mqtt://localhost:1883/news", "zcat pub -L mqtt://localhost:1883/news -m hello"},
		{"zcat -C -b localhost:9092 -t news", "zcat -P -b localhost:9092 -t news"},
		{"zcat consumer -b localhost:9092 -t news", "zcat producer -b localhost:9092 -t news"},
		{"zcat kcat -b localhost:9092 -G group news", "zcat kcat -P -b localhost:9092 -t news -K :"},
		{"zcat nc -l 5555", "zcat nc -N localhost 5555"},
		{"zcat -lU /tmp/zcat.sock", "zcat -NU /tmp/zcat.sock"},
		{"zcat -u TCP-LISTEN:5555,fork -", "zcat -u - TCP:localhost:5555"},
		{"zcat -u UNIX-LISTEN:/tmp/zcat.sock STDOUT", "zcat -u STDIN UNIX-CONNECT:/tmp/zcat.sock"},
		{"zcat socat TCP-LISTEN:5555 STDIO", "zcat socat - TCP:localhost:5555"},
		{"zcat websocat -s 1234", "zcat websocat ws://127.0.0.1:1234"},
		{"zcat listen 5555", "zcat send localhost 5555 hello"},
		{"zcat pull", "zcat push hello"},
		{"zcat sub", "zcat pub hello"},
		{"zcat pair", "zcat pair hello"},
	} {
		all = append(all, scene{pair.sends, func(t *testing.T) {
			place := newStage(t)
			receives, sends := place.offered(t, pair.receives), place.offered(t, pair.sends)
			receiver := place.start(t, receives, "")
			input := `["hello"]` + "\n"
			if strings.Contains(sends, "awk") {
				input = "hello\n"
			}
			sender := place.start(t, sends, input)
			if strings.Contains(sends, " req ") {
				sender.sees(t, "hello") // the reply
			} else {
				receiver.sees(t, "hello")
			}
			receiver.stop(t)
			sender.stop(t)
		}})
	}
	play(t, all)
}

// stage is where hints run: a directory of their own, and ports that nobody has.
type stage struct {
	dir   string
	names map[string]string // what stands for what
	env   []string
}

var stages atomic.Int64

func newStage(t *testing.T) *stage {
	t.Helper()
	dir, err := os.MkdirTemp("", "zcat") // short enough for the path of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, text := range map[string]string{
		"message.txt": "hello\n", "lines.json": `["hello"]` + "\n", "message.bin": `["hello"]` + "\n", "password": "secret\n",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	// What the table runs, whether it is installed or not.
	for _, name := range []string{"jq", "uptime"} {
		path := filepath.Join(dir, name)
		write(t, path, "#!/bin/sh\nexec cat\n")
		if err := os.Chmod(path, 0o755); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
	}
	return &stage{
		dir: dir, names: map[string]string{},
		env: append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", "HOME="+dir, "ZCAT_FOR=0.05", "ZCAT_WAIT_SUBS=1"),
	}
}

// offered is the hint for a line, on the stage.
func (s *stage) offered(t *testing.T, typed string) string {
	t.Helper()
	words := shellWords(t, s.set(typed))
	_, lines := retyped(words[0], words[1:], false)
	if len(lines) == 0 {
		t.Fatalf("%s: nothing is offered", typed)
	}
	return s.set(lines[0])
}

var (
	portOnStage = regexp.MustCompile(`\b(5555|5556|5557|4222|6379|9092|1883|8080|1234)\b`)
	timeOnStage = regexp.MustCompile(`((?:-w|-W|--max-time|--timeout|--reply-timeout|--recv-timeout|BRPOP jobs) )(\d+)(s?)\b`)
	fileOnStage = regexp.MustCompile(`/tmp/zcat\.sock|/home/joe/zcat\.sock`)
)

// set puts a line on the stage.
func (s *stage) set(line string) string {
	line = regexp.MustCompile(`\b(a|b|h|broker):(\d+)`).ReplaceAllStringFunc(line, func(host string) string {
		name, port, _ := strings.Cut(host, ":")
		return "127.0.0.1:" + s.port(name+port)
	})
	line = portOnStage.ReplaceAllStringFunc(line, s.port)
	line = timeOnStage.ReplaceAllString(line, "${1}${2}00${3}")
	return fileOnStage.ReplaceAllString(strings.ReplaceAll(line, "@zcat", "@"+filepath.Base(s.dir)), s.dir+"/zcat.sock")
}

// port is the free port that stands for another.
func (s *stage) port(name string) string {
	if s.names[name] == "" {
		s.names[name] = freePort()
	}
	return s.names[name]
}

var taken sync.Map // the ports of all stages

// freePort is a port on which nobody listens, below those that the system gives to
// who asks for any.
func freePort() string {
	for n := 0; ; n++ {
		port := fmt.Sprint(12000 + (os.Getpid()*37+int(stages.Add(1))*7)%18000)
		if _, mine := taken.LoadOrStore(port, true); mine {
			continue
		}
		listener, err := net.Listen("tcp", ":"+port) //nolint:gosec,noctx // to see that nobody has it anywhere
		if err != nil {
			continue
		}
		_ = listener.Close()
		return port
	}
}

// actor is a hint that runs.
type actor struct {
	line string
	cmd  *exec.Cmd
	errs bytes.Buffer
	done chan struct{}

	mu    sync.Mutex
	out   bytes.Buffer
	moved chan struct{} // closed and made anew when out grows
}

func (a *actor) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.moved)
	a.moved = make(chan struct{})
	return a.out.Write(p)
}

// start runs a line in a shell; its stdin has input, and then ends.
func (s *stage) start(t *testing.T, line, input string) *actor {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	a := &actor{line: line, done: make(chan struct{}), moved: make(chan struct{})}
	a.cmd = exec.CommandContext(ctx, "/bin/sh", "-c", line)
	a.cmd.Dir, a.cmd.Env, a.cmd.Stdin = s.dir, s.env, strings.NewReader(input)
	a.cmd.Stdout, a.cmd.Stderr = a, &a.errs
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	a.cmd.Cancel = func() error { return syscall.Kill(-a.cmd.Process.Pid, syscall.SIGKILL) }
	if err := a.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() {
		defer close(a.done)
		_ = a.cmd.Wait() // its error is the status
	}()
	t.Cleanup(func() { cancel(); <-a.done })
	return a
}

// sees waits until text was printed.
func (a *actor) sees(t *testing.T, text string) {
	t.Helper()
	for {
		a.mu.Lock()
		found, moved := strings.Contains(a.out.String(), text), a.moved
		a.mu.Unlock()
		if found {
			return
		}
		select {
		case <-moved:
		case <-a.done:
			a.mu.Lock()
			defer a.mu.Unlock()
			if !strings.Contains(a.out.String(), text) {
				t.Fatalf("%s\nended with %d and printed %q, without %q; said %q", a.line, shellStatus(a.cmd.ProcessState), &a.out, text, &a.errs)
			}
			return
		}
	}
}

// stop ends a command that goes on by itself.
func (a *actor) stop(t *testing.T) {
	t.Helper()
	_ = syscall.Kill(-a.cmd.Process.Pid, syscall.SIGTERM) // it may have ended
	<-a.done
	if got := shellStatus(a.cmd.ProcessState); got != 0 && got != 143 {
		t.Errorf("%s: status %d, said %q", a.line, got, &a.errs)
	}
}

// ends waits for the end, which is a good one.
func (a *actor) ends(t *testing.T) {
	t.Helper()
	<-a.done
	if got := shellStatus(a.cmd.ProcessState); got != 0 {
		t.Errorf("%s: status %d, said %q", a.line, got, &a.errs)
	}
}

// run runs a hint among its peers.
func (s *stage) run(t *testing.T, line string) {
	t.Helper()
	var c *config
	for one := range strings.SplitSeq(line, " && ") {
		_, one, _ = cutPipe(one)
		words := shellWords(t, one)
		var err error
		if c, err = configure(wordOf(t, words[1]), words[2:], false); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if c.word.tool == probeTool {
			s.peer(t, sockets.Rep, attachment{c.args[0], false}, nil)
		}
	}
	switch c.word.tool { //nolint:exhaustive // the others need nobody
	case noTool:
		s.converse(t, line, c)
	case proxyTool:
		s.mediate(t, line, c)
	case benchTool:
		s.measure(t, line, c)
	default:
		s.start(t, line, "").ends(t)
	}
}

// cutPipe cuts off what feeds a command.
func cutPipe(line string) (feeder, command string, found bool) {
	if at := strings.LastIndex(line, " | zcat "); at >= 0 {
		return line[:at], line[at+len(" | "):], true
	}
	return "", line, false
}

// peer is a socket at the other end of an endpoint.
func (s *stage) peer(t *testing.T, kind sockets.Type, a attachment, c *config) *sockets.Socket {
	t.Helper()
	peer, err := sockets.New(kind, func(o *sockets.Options) {
		o.Linger = 0
		if c != nil && c.access.PlainUser != "" {
			o.Security = sockets.PlainServer()
			o.Authorize = func(context.Context, *zap.Request) zap.Reply { return zap.Allow("joe") }
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	endpoint := strings.Replace(strings.Replace(a.endpoint, "//*:", "//127.0.0.1:", 1), "*:", "127.0.0.1:", 1)
	if strings.HasPrefix(endpoint, "./") {
		endpoint = "ipc://" + filepath.Join(s.dir, endpoint)
	}
	if path, ok := strings.CutPrefix(endpoint, "ipc://"); ok && !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "@") {
		endpoint = "ipc://" + filepath.Join(s.dir, path)
	}
	if a.bind {
		err = peer.Connect(endpoint)
	} else {
		_, err = peer.Bind(t.Context(), endpoint)
	}
	if err != nil {
		t.Fatalf("%s: %v", endpoint, err)
	}
	return peer
}

// opposite is the type of the peers.
var opposite = map[sockets.Type]sockets.Type{
	sockets.Push: sockets.Pull, sockets.Pull: sockets.Push, sockets.Pub: sockets.Sub, sockets.Sub: sockets.XPub, sockets.Req: sockets.Rep, sockets.Rep: sockets.Req,
	sockets.Router: sockets.Dealer, sockets.Dealer: sockets.Router, sockets.Pair: sockets.Pair,
}

// converse runs a socket command.
func (s *stage) converse(t *testing.T, line string, c *config) {
	t.Helper()
	var peers []*sockets.Socket
	for _, a := range c.endpoints {
		for range max(1, c.waitPeers) {
			p := s.peer(t, opposite[c.word.kind], a, c)
			if c.word.kind == sockets.Pub {
				if err := p.Subscribe(nil); err != nil {
					t.Fatal(err)
				}
			}
			peers = append(peers, p)
		}
	}
	input, sent := s.input(t, line, c)
	a := s.start(t, line, input)
	greet := frames.Strings("hello")
	if len(c.subscribe) > 0 {
		greet = frames.Message{c.subscribe[0], []byte("hello")}
	}
	switch {
	case c.word.kind == sockets.Pull || c.word.kind == sockets.Sub:
		for _, p := range peers {
			if c.word.kind == sockets.Sub {
				mustReceive(t, a, p)
			}
			for range max(1, c.limit) {
				must(t, p.Send(t.Context(), greet))
			}
		}
		s.printed(t, a, line, c)
	case c.word.kind == sockets.Rep:
		must(t, peers[0].Send(t.Context(), frames.Strings("hello")))
		mustReceive(t, a, peers[0])
		a.stop(t)
		return
	case c.word.kind == sockets.Req:
		same(t, a, mustReceive(t, a, peers[0]), sent)
		must(t, peers[0].Send(t.Context(), frames.Strings("hello")))
		a.sees(t, "hello")
		a.ends(t)
		return
	case c.word.kind == sockets.Router:
		must(t, peers[0].Send(t.Context(), frames.Strings("hello")))
		a.sees(t, "hello")
	case c.word.kind == sockets.Dealer:
		got := mustReceive(t, a, peers[0])
		if id := c.options.Identity; id != nil && !bytes.Equal(id, got[0]) {
			t.Errorf("%s: the identity is %q", a.line, got[0])
		}
		must(t, peers[0].Send(t.Context(), frames.Message{got[0], []byte("hello")}))
		a.sees(t, "hello")
	case c.word.kind == sockets.Pair:
		same(t, a, mustReceive(t, a, peers[0]), sent)
		must(t, peers[0].Send(t.Context(), frames.Strings("hello")))
		a.sees(t, "hello")
	default:
		for range max(1, c.repeat) {
			same(t, a, anyReceives(t, a, peers), sent)
		}
		a.ends(t)
		return
	}
	if c.limit > 0 || c.idle > 0 {
		a.ends(t)
	} else {
		a.stop(t)
	}
}

// input is what a hint reads from stdin, and the message that it sends.
func (s *stage) input(t *testing.T, line string, c *config) (input string, sent frames.Message) {
	t.Helper()
	if c.message != nil {
		if strings.Contains(line, `"$(cat`) {
			c.message[len(c.message)-1] = []byte("hello")
			return "hello", c.message
		}
		return "", c.message
	}
	if feeder, _, fed := cutPipe(line); fed {
		topic := regexp.MustCompile(`"([a-z]+)`).FindStringSubmatch(feeder)
		separator := "\t"
		if c.separator != nil {
			separator = string(c.separator)
		}
		first, second, _ := strings.Cut("hello", separator)
		message := frames.Strings(topic[1], first)
		if second != "" {
			message = append(message, []byte(second))
		}
		return "hello\n", message
	}
	if c.word.kind == sockets.Router {
		return "", nil // whose peers have no ids that are known
	}
	sent = frames.Strings("hello")
	switch c.in.format {
	case frames.Text:
		return "hello" + c.ending(), sent
	case frames.Hex:
		return "68656c6c6f\n", sent
	case frames.Raw:
		return "hello", sent
	case frames.JSON:
	}
	return `["hello"]` + "\n", sent
}

// printed sees the message where the hint has it go.
func (s *stage) printed(t *testing.T, a *actor, line string, c *config) {
	t.Helper()
	target := regexp.MustCompile(`> ?([a-z.]+)`).FindStringSubmatch(line)
	if target == nil {
		if c.out.format == frames.Hex {
			a.sees(t, "68656c6c6f")
		} else {
			a.sees(t, "hello")
		}
		return
	}
	name := filepath.Join(s.dir, target[1])
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for ended := false; ; {
		text, err := os.ReadFile(name)
		if err == nil && strings.Contains(string(text), "hello") {
			return
		}
		if ended {
			t.Fatalf("%s ended, and %s has %q; said %q", line, name, text, &a.errs)
		}
		select {
		case <-a.done:
			ended = true
		case <-again.C:
		}
	}
}

// mediate runs a proxy: what goes in at the front comes out at the back.
func (s *stage) mediate(t *testing.T, line string, c *config) {
	t.Helper()
	front, back := c.proxy.sides[sockets.Front], c.proxy.sides[sockets.Back]
	outside := map[sockets.Type]sockets.Type{
		sockets.Router: sockets.Req, sockets.Dealer: sockets.Rep, sockets.XSub: sockets.Pub, sockets.XPub: sockets.Sub, sockets.Pull: sockets.Push, sockets.Push: sockets.Pull,
	}
	// Where both peers wait, the proxy's own links come first.
	sender := s.peer(t, outside[front.kind], front.endpoints[0], nil)
	receiver := s.peer(t, outside[back.kind], back.endpoints[0], nil)
	a := s.start(t, line, "")
	if back.kind == sockets.XPub {
		must(t, receiver.Subscribe(nil))
		must(t, sender.WaitSubscribers(t.Context(), 1, nil))
	}
	must(t, sender.Send(t.Context(), frames.Strings("hello")))
	same(t, a, mustReceive(t, a, receiver), frames.Strings("hello"))
	a.stop(t)
}

// measure runs a bench, with another for its other side.
func (s *stage) measure(t *testing.T, line string, c *config) {
	t.Helper()
	switch {
	case c.bench.serves:
		a := s.start(t, line, "")
		s.start(t, "zcat bench --connect "+quoted(c.endpoints[0].endpoint), "").ends(t)
		a.stop(t)
	case c.connects():
		server := s.start(t, "zcat bench --serve --bind "+quoted(c.endpoints[0].endpoint), "")
		s.start(t, line, "").ends(t)
		server.stop(t)
	default:
		s.start(t, line, "").ends(t)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mustReceive is the next message, unless the hint ends before.
func mustReceive(t *testing.T, a *actor, p *sockets.Socket) frames.Message {
	t.Helper()
	return anyReceives(t, a, []*sockets.Socket{p})
}

// anyReceives is the next message that one of the peers receives.
func anyReceives(t *testing.T, a *actor, peers []*sockets.Socket) frames.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got := make(chan frames.Message, len(peers))
	for _, p := range peers {
		go func() {
			if m, err := p.Recv(ctx); err == nil {
				got <- m.Clone()
			}
		}()
	}
	for done := a.done; ; {
		select {
		case m := <-got:
			return m
		case <-done:
			if done = nil; shellStatus(a.cmd.ProcessState) == 0 {
				continue // what it has sent is still on its way
			}
		case <-ctx.Done():
		}
		t.Fatalf("%s: no message came; said %q", a.line, &a.errs)
	}
}

func same(t *testing.T, a *actor, got, want frames.Message) {
	t.Helper()
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%s: sent %q, want %q", a.line, got, want)
	}
}

// shellPrints is what a line prints in a shell.
func shellPrints(t *testing.T, line string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", line).Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return string(out)
}
