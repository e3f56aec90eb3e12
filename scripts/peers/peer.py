#!/usr/bin/python3
"""A ZeroMQ socket of libzmq that takes zcat's flags: the other side in tests.

    peer.py TYPE [-b EP]... [-c EP]... [flags] [FRAME...]

It sends FRAMEs as one message, or else the lines of its stdin, and prints what
it receives. A line is an array of frames in JSON, as zcat writes it. What each
TYPE does with stdin, and what ends it, is what `zcat TYPE` does.

Differences: --timeout (20 s) bounds every wait, the one for input too, so that
nothing hangs; pub opens an XPUB, because only that can wait for subscribers.
Status: 0 done, 124 a wait took too long, 1 anything else.
"""

import argparse
import json
import os
import re
import signal
import sys
import threading
import time

import zmq
import zmq.utils.z85
from zmq.utils.monitor import recv_monitor_message


def decode(frame):
    """The bytes of a frame in JSON: a string or {"hex": ...}."""
    if isinstance(frame, str):
        return frame.encode()
    return bytes.fromhex(frame["hex"])


def encode(body):
    """A frame in JSON: a string where it is valid UTF-8, else {"hex": ...}."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"hex": body.hex()}


def show(message):
    line = json.dumps([encode(f) for f in message], ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(line.encode() + b"\n")
    sys.stdout.buffer.flush()


def octets(text):
    """A routing id or a prefix: text, or hex after `hex:`."""
    return bytes.fromhex(text[4:]) if text.startswith("hex:") else text.encode()


class Input:
    """The messages to send: one of FRAMEs, or a line of stdin each."""

    def __init__(self, frames):
        self.messages = [[f.encode() for f in frames]] if frames else []
        self.open = not frames
        self.rest = b""

    def read(self):
        """Takes what stdin has, which has been polled."""
        chunk = os.read(0, 1 << 16)
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        if not chunk:
            self.open = False
            lines.append(self.rest)
        for line in lines:
            if line.strip():
                frames = json.loads(line)
                self.messages.append([decode(f) for f in frames])


def gatekeeper(context, allowed):
    """Answers ZAP requests (RFC 27): lets in who shows one of USER:PASSWORD or a key in Z85."""
    handler = context.socket(zmq.REP)
    handler.linger = 0
    handler.bind("inproc://zeromq.zap.01")

    def serve():
        while True:
            try:
                version, number, _, _, _, mechanism, *shown = handler.recv_multipart()
            except zmq.ContextTerminated:
                return handler.close()
            if mechanism == b"CURVE":
                shown = [zmq.utils.z85.encode(shown[0])]
            known = b":".join(shown).decode() in allowed
            status, text = (b"200", b"OK") if known else (b"400", b"unknown")
            handler.send_multipart([version, number, status, text, b"", b""])

    threading.Thread(target=serve, daemon=True).start()


def note_events(monitor, name):
    """Writes what a monitor tells to a file, an event a line: its name and value."""
    names = {getattr(zmq, n): n[6:] for n in dir(zmq) if n.startswith("EVENT_") and n != "EVENT_ALL"}

    def serve():
        with open(name, "w", buffering=1) as f:
            while True:
                try:
                    event = recv_monitor_message(monitor)
                except zmq.ContextTerminated:
                    return monitor.close(0)
                f.write("%s %d\n" % (names[event["event"]], event["value"]))

    threading.Thread(target=serve, daemon=True).start()


class Peer:
    def __init__(self, args):
        self.args = args
        self.input = Input(args.frames)
        self.context = zmq.Context()
        if args.allow:
            gatekeeper(self.context, args.allow)
        kind = "XPUB" if args.type == "pub" else args.type.upper()
        self.socket = self.context.socket(getattr(zmq, kind))
        # A monitor that nobody reads makes libzmq close some connections late.
        self.handshakes = None
        if args.wait_peers:
            self.handshakes = self.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        elif args.events:
            note_events(self.socket.get_monitor_socket(), args.events)
        self.count = 0
        self.attach()

    def attach(self):
        """Sets the options, binds and connects, writes the endpoint file."""
        s, args = self.socket, self.args
        s.linger = int(args.linger * 1000)
        if args.type == "pub":
            s.setsockopt(zmq.XPUB_VERBOSE, 1)  # or two subscribers to a prefix count as one
        if args.identity is not None:
            s.setsockopt(zmq.IDENTITY, octets(args.identity))
        for option in args.option:
            name, value = option.split("=", 1)
            number = re.fullmatch(r"-?\d+", value)
            s.setsockopt(getattr(zmq, name.upper()), int(value) if number else octets(value))
        if args.type == "sub":
            for prefix in args.subscribe or [""]:
                s.setsockopt(zmq.SUBSCRIBE, octets(prefix))
        bound = []
        for endpoint in args.bind:
            s.bind(endpoint)
            bound.append(s.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode())
        for endpoint in args.connect:
            s.connect(endpoint)
        if args.endpoint_file:
            with open(args.endpoint_file + ".part", "w") as f:
                f.writelines(e + "\n" for e in bound)
            os.rename(args.endpoint_file + ".part", args.endpoint_file)

    def wait(self, message=True, line=False, room=False):
        """Waits for a message, a line of input or room to send, whichever is first.

        libzmq acts on new connections and subscriptions only while its
        application is inside the socket, so every wait polls the socket, if
        only for errors.
        """
        poller = zmq.Poller()
        flags = (zmq.POLLIN if message else 0) | (zmq.POLLOUT if room else 0)
        poller.register(self.socket, flags or zmq.POLLERR)
        line = line and self.input.open and not self.input.messages
        if line:
            poller.register(0, zmq.POLLIN)
        ready = dict(poller.poll(self.args.timeout * 1000))
        if not ready:
            raise TimeoutError
        if 0 in ready:
            self.input.read()
        return ready.get(self.socket, 0)

    def send(self, message):
        self.wait(message=False, room=True)
        self.socket.send_multipart(message, zmq.DONTWAIT)

    def receive(self):
        self.wait()
        # A REP or REQ may have announced a message that it then discarded.
        self.socket.rcvtimeo = int(self.args.timeout * 1000)
        return self.socket.recv_multipart()

    def full(self):
        self.count += 1
        return self.count == self.args.count

    def next_line(self):
        """The next message of the input, None at its end."""
        while not self.input.messages and self.input.open:
            self.wait(message=False, line=True)
        return self.input.messages.pop(0) if self.input.messages else None

    def run_send(self):
        if self.args.type == "pub":
            for _ in range(self.args.wait_subs):
                while not self.receive()[0].startswith(b"\1"):
                    pass
        while (message := self.next_line()) is not None:
            self.send(message)
            if self.full():
                return

    def run_receive(self):
        while True:
            show(self.receive())
            if self.full():
                return

    def run_request(self):
        while (message := self.next_line()) is not None:
            self.send(message)
            show(self.receive())
            if self.full():
                return

    def run_reply(self):
        while True:
            request = self.receive()
            show(request)
            if self.args.echo:
                reply = request
            elif self.args.frames:
                reply = [f.encode() for f in self.args.frames]
            elif (reply := self.next_line()) is None:
                return
            self.send(reply)
            if self.full():
                return

    def run_duplex(self):
        """Sends while it receives; only a number of messages ends it."""
        while True:
            pending = bool(self.input.messages)
            ready = self.wait(line=True, room=pending)
            if pending and ready & zmq.POLLOUT:
                self.socket.send_multipart(self.input.messages.pop(0), zmq.DONTWAIT)
            if ready & zmq.POLLIN:
                message = self.socket.recv_multipart(zmq.DONTWAIT)
                show(message)
                if self.args.echo:
                    self.send(message)
                if self.full():
                    break
        while self.input.messages:
            self.send(self.input.messages.pop(0))

    def run(self):
        self.wait_peers()
        shapes = {
            "push": self.run_send, "pub": self.run_send,
            "pull": self.run_receive, "sub": self.run_receive,
            "req": self.run_request, "rep": self.run_reply,
        }
        shapes.get(self.args.type, self.run_duplex)()

    def wait_peers(self):
        deadline = time.monotonic() + self.args.timeout
        for _ in range(self.args.wait_peers):
            if not self.handshakes.poll(max(0, deadline - time.monotonic()) * 1000):
                raise TimeoutError
            self.handshakes.recv_multipart()
        if self.handshakes:
            self.socket.disable_monitor()
            self.handshakes.close(0)

    def close(self):
        self.socket.close()
        self.context.term()
        if self.args.endpoint_file:
            os.unlink(self.args.endpoint_file)


def arguments():
    p = argparse.ArgumentParser(prog="peer.py", allow_abbrev=False)
    p.add_argument("type", choices="req rep router dealer pub sub push pull pair xpub xsub stream".split())
    p.add_argument("frames", nargs="*", metavar="FRAME")
    p.add_argument("-b", "--bind", action="append", default=[])
    p.add_argument("-c", "--connect", action="append", default=[])
    p.add_argument("-s", "--subscribe", action="append", help="prefix, everything by default")
    p.add_argument("--identity")
    p.add_argument("-n", "--count", type=int, default=0)
    p.add_argument("-t", "--timeout", type=float, default=20, help="seconds")
    p.add_argument("-l", "--linger", type=float, default=10, help="seconds")
    p.add_argument("--wait-peers", type=int, default=0)
    p.add_argument("--wait-subs", type=int, default=1)
    p.add_argument("--endpoint-file")
    p.add_argument("--events", metavar="FILE", help="what the monitor tells, unless --wait-peers does")
    p.add_argument("--echo", action="store_true")
    p.add_argument("--allow", action="append", help="USER:PASSWORD or a key in Z85 that a server lets in")
    p.add_argument("-o", "--option", action="append", default=[], help="NAME=VALUE: any socket option of libzmq")
    return p.parse_intermixed_args()


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    peer = Peer(arguments())
    status = 0
    try:
        peer.run()
    except (TimeoutError, zmq.Again):
        print("peer: timed out", file=sys.stderr)
        peer.socket.linger = 0
        status = 124
    peer.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
