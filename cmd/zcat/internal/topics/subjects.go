package topics

import "strings"

// subjects are words that users look up and that no page is named after, nor has most
// often of all. Each line begins with the page that explains them.
const subjects = `
envelopes: tutorial intro introduction quickstart getting-started start learn basics multipart multi-part routing-id routing-ids identity identities router-id frame frames
formats: binary base64 utf-8 utf8 newline newlines prompt tty terminal meta metadata record jq escape encoding encodings message messages
endpoints: reconnect reconnecting retry connect bind connecting binding tcp ephemeral free-port port fd descriptor activation socket-activation unix unix-socket dns address addresses url urls host
ws: wss tls ssl https http web html javascript
brokers: proxies proxy queue device devices forwarder streamer relay capture tap lvc last-value-cache prometheus metrics statistics stats steerable
filters: exec handler handlers script scripts hub rule rules presence tick join
traffic: recording record-replay replaying sniff sniffing wireshark tcpdump pcap pcapng ladder diagram svg
security: auth authentication authenticate authorization encrypt encryption certificate certificates cert certs zap secret secrets user users bcrypt
limits: high-water-mark high-watermark hwm backpressure back-pressure slow slow-consumer dos flood keepalive keep-alive heartbeats memory drafts queue-size buffer buffers
status: exit exit-status exit-code exit-codes code codes errors error event events log logs logging verbose debug quiet signal colour color colours colors monitor returncode
performance: benchmark benchmarks fast speed throughput latency slowness batch batching
recipes: config config-file config-files configuration configure settings environment env variables variable env-vars defaults ci github gitlab service systemd docker dockerfile podman kubernetes k8s container containers image makefile example examples cookbook howto file-transfer slow-joiner
smoke-tests: test tests testing expect expectation expectations assert asserts mock ci-test
from-other-tools: nc netcat ncat mqtt redis redis-cli curl sockopt sockopts setsockopt zmq-options options option libzmq pyzmq
`

// Subject returns the page that explains a word, in whatever case; "" where the table of
// subjects does not have it.
func Subject(word string) string {
	word = strings.ToLower(strings.ReplaceAll(word, "_", "-"))
	for line := range strings.Lines(strings.TrimSpace(subjects)) {
		name, words, _ := strings.Cut(line, ": ")
		for one := range strings.FieldsSeq(words) {
			if one == word {
				return name
			}
		}
	}
	return ""
}
