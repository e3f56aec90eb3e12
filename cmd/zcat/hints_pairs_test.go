//go:build linux

package main

import (
	"strings"
	"testing"
)

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
			t.Helper()
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
