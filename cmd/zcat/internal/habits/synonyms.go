// Package habits knows what users of other tools type, and what a word that is mistyped
// was probably meant to be.
package habits

import (
	"slices"
	"strings"
)

// The names of our commands and flags in other tools: nc, socat, kcat, nats,
// redis-cli, websocat, omq, those for MQTT, and in plain English.

// verbs are the commands of other tools; each line begins with what they are here.
const verbs = `
pub: publish publisher produce producer emit broadcast announce notify
sub: subscribe subscriber consume consumer tail watch monitor follow
push: connect send sender write writer put enqueue distribute ventilator
pull: receive receiver recv read reader dequeue pop collect sink
pull --bind: listen bind
req: request requester ask query call rpc invoke
rep: reply replier respond responder response answer serve service
rep --echo: echo
pair: talk chat p2p exclusive
proxy: broker queue relay bridge device balancer mediate mediator forwarding
proxy --forwarder: forwarder xpub-xsub xsub-xpub fanout
proxy --streamer: streamer
router: route mux
probe: open ping check status info scan inspect whois discover identify test
bench: benchmark perf latency throughput measure load-test
keygen: key keys genkey gen-key keypair curve-keygen makekeys cert certificate curve_keygen
replay: play playback resend rerun
completion: completions complete autocomplete bash zsh fish powershell pwsh
man: manual manpage
`

// habits are the flags of others. Each line begins with what stands for them
// here, the first that the command has, and with how many values they take. Targets
// that are not flags: FRAME is a frame to send, TOPIC the first of them, LINES the
// first of each line of stdin, OPERAND an endpoint in its place, <, > and >> the
// shell's, PASSWORD a file in place of a secret, HOST and PORT the halves of an
// endpoint, DROP nothing.
const habits = `
retries|DROP 1: retry tries attempts max-retries retry-count request-retries
repeat|count 1: times repetitions repeats rounds
count 1: replies num number limit max messages max-messages max-count msgs msg-count nmsgs C total size-limit
count=1 0: once one single first
<|> 1: file input input-file infile in-file from-file stdin-file payload-file load F I
LINES 1: lines-of
>> 1: append-to append-output
> 1: output output-file outfile out-file save write tee record
exec|filter 1: filter cmd command run sh shell handler script hook on-message execute system sh-exec program
filter 1: pipe through transform translate
subscribe|join|TOPIC|DROP 1: join group topic topics subject subjects channel channels prefix pattern psubscribe
join|DROP 1: subscribe subscribe-hex
OPERAND|connect 1: connect c conn connection connect-to address addr endpoint url uri broker brokers broker-list bootstrap-server bootstrap-servers peer remote target to dst dest destination L
OPERAND|bind 1: bind b listen listen-on bind-to bind-address serve local publish-on
OPERAND 1: front back frontend backend xsub xpub router dealer in-endpoint out-endpoint
SERVER 1: server servers s
HOST 1: host hostname server-host
PORT 1: port p
timeout 1: max-time time-limit wait-time deadline recv-timeout receive-timeout send-timeout reply-timeout connect-timeout request-timeout rcvtimeo sndtimeo read-timeout w W
wait-subs|wait-peers 1: wait
expect-type|types|as 1: type socket-type
wait-peers 1: min-peers peers wait-for-peers expect-peers ready
wait-subs 1: min-subs subs subscribers wait-for-subscribers subscriber-wait
interval 1: repeat-delay delay sleep every period pause
identity|DROP 1: id name client-id clientid ident routing-id router-id i
FRAME 1: reply response answer message msg m data D body payload text-message send content
plain-user 1: user username login u
PASSWORD 1: pass password passwd pw P
DROP 1: log-level loglevel verbosity level qos q retain-as protocol-version V io-threads context
DROP 0: all everything any from-beginning retain r z follow persist keep-open keep-alive-listen forever loop fork reuseaddr reuseport unbuffered line-buffered no-buffer no-buffering transient compress stdin no-newline nonewline N binary-mode E ask-port keep
verbose 0: debug trace log loud d
quiet 0: silent no-progress
hwm 1: high-water-mark highwatermark watermark queue queue-size queue-length buffer-size backlog sndhwm rcvhwm
max-size 1: max-message-size max-msg-size maxmsgsize message-size max-payload
heartbeat 1: k keepalive keep-alive ping-interval ping-every heartbeat-interval heartbeat-ivl
reconnect 1: reconnect-ivl reconnect-delay reconnect-interval reconnect-time-wait backoff
frame-sep 1: sep separator field-separator frame-separator parts-separator
delimiter 1: delim line-delimiter message-delimiter record-separator
null 0: print0 null-data zero nul null-terminated z0
format 1: output-format input-format encoding fmt type codec
json 0: jsonl ndjson jsonlines json-lines
text 0: ascii quoted plain A Q str string line lines
hex 0: hexdump xxd hexadecimal base16
raw 0: binary bin bytes b64
format=view 0: pretty human
color 1: colour colours colors
color=never 0: no-color no-colour nocolor monochrome
curve-server-key 1: server-key serverkey curve-serverkey server-public-key
curve-secret 1: secret-key secretkey identity-file private-key keyfile curve-secretkey
meta 0: timestamps timestamp ts headers with-meta
jobs 1: parallel workers threads concurrency
echo 0: loopback reflect mirror
conflate 0: latest newest last last-value keep-last
linger 1: drain drain-timeout flush-timeout
immediate 0: connected-only
summary 0: statistics
handover 0: router-handover takeover
speed 1: rate-factor
wait 1: wait-for-server
`

// entries reads a table: it calls each with the beginning of a line and the names
// on it.
func entries(table string, each func(head string, names []string)) {
	for line := range strings.SplitSeq(strings.TrimSpace(table), "\n") {
		head, names, _ := strings.Cut(line, ": ")
		each(head, strings.Fields(names))
	}
}

// Verb returns what a command of another tool is here, with the flags that it
// takes, nil where it is not known.
func Verb(name string) (meant []string) {
	entries(verbs, func(head string, names []string) {
		if meant == nil && slices.Contains(names, strings.ToLower(name)) {
			meant = strings.Fields(head)
		}
	})
	return meant
}

// Habit returns what a flag of another tool may be here, and the number of values
// that it takes.
func Habit(name string) (targets []string, values int) {
	entries(habits, func(head string, names []string) {
		if targets == nil && slices.Contains(names, name) {
			to, n, _ := strings.Cut(head, " ")
			targets, values = strings.Split(to, "|"), len(n)-len(strings.TrimLeft(n, "1"))
		}
	})
	return targets, values
}

// Known reports whether another tool has a flag of that name.
func Known(name string) bool {
	targets, _ := Habit(name)
	return targets != nil
}
