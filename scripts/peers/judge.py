#!/usr/bin/python3
"""libzmq's side of scripts/differential: sockets that do what they are told.

A line of stdin is a request, an array in JSON; a line of stdout is the answer to
it: {"ok": ...}, or {"error": the name of libzmq's error}. Frames are hex.
A socket's option is set before it is bound or connected.
"""

import errno
import json
import sys
import threading

import zmq

OPTIONS = {
    "verbose": zmq.XPUB_VERBOSE,
    "verboser": zmq.XPUB_VERBOSER,
    "stream_notify": zmq.STREAM_NOTIFY,
    "manual": zmq.XPUB_MANUAL,
    "welcome": zmq.XPUB_WELCOME_MSG,
    "mandatory": zmq.ROUTER_MANDATORY,
    "handover": zmq.ROUTER_HANDOVER,
    "probe": zmq.PROBE_ROUTER,
    "invert": zmq.INVERT_MATCHING,
    "relaxed": zmq.REQ_RELAXED,
    "identity": zmq.IDENTITY,
    "plain_server": zmq.PLAIN_SERVER,
    "plain_username": zmq.PLAIN_USERNAME,
    "plain_password": zmq.PLAIN_PASSWORD,
}
NUMBERS = {"verbose", "verboser", "manual", "stream_notify", "mandatory", "handover", "probe", "invert", "relaxed", "plain_server"}

context = zmq.Context()
context.max_sockets = 1023


def gatekeeper():
    """Lets in every user whose password is his name (RFC 27)."""
    handler = context.socket(zmq.REP)
    handler.linger = 0
    handler.bind("inproc://zeromq.zap.01")

    def serve():
        while True:
            try:
                version, number, *_, mechanism, user, password = handler.recv_multipart()
            except zmq.ContextTerminated:
                return handler.close()
            status = b"200" if user == password else b"400"
            handler.send_multipart([version, number, status, b"", b"", b""])

    threading.Thread(target=serve, daemon=True).start()


class Judge:
    def __init__(self):
        self.socket = None
        self.parts = []

    def new(self, kind, options):
        self.parts = []
        s = self.socket = context.socket(getattr(zmq, kind))
        s.linger = 0
        s.sndhwm = s.rcvhwm = 0
        s.maxmsgsize = 1 << 20
        s.handshake_ivl = 0
        s.reconnect_ivl = 3600 * 1000
        for name, value in options:
            value = bytes.fromhex(value)
            s.setsockopt(OPTIONS[name], int(value) if name in NUMBERS else value)

    def bind(self, endpoint):
        self.socket.bind(endpoint)
        return self.socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()

    def connect(self, endpoint):
        self.socket.connect(endpoint)

    def receive(self):
        """The next message. An XPUB may give a first part whose rest never comes."""
        while not self.parts or self.socket.getsockopt(zmq.RCVMORE):
            self.parts.append(self.socket.recv(zmq.DONTWAIT).hex())
        message, self.parts = self.parts, []
        return message

    def drain(self, quiet):
        """All that has come, and what comes until nothing has for quiet ms."""
        messages = []
        while True:
            # This makes libzmq act on new connections and subscriptions.
            self.socket.getsockopt(zmq.EVENTS)
            try:
                while True:
                    messages.append(self.receive())
            except zmq.ZMQError as e:
                if e.errno != zmq.EAGAIN:
                    if quiet and not messages:
                        self.socket.poll(quiet, zmq.POLLERR)
                        self.socket.getsockopt(zmq.EVENTS)
                    return messages
            if not quiet or not self.socket.poll(quiet):
                return messages

    def rest(self):
        """The parts of a message without an end."""
        return self.parts

    def send(self, frames):
        self.socket.getsockopt(zmq.EVENTS)
        self.socket.send_multipart([bytes.fromhex(f) for f in frames], zmq.DONTWAIT)

    def subscribe(self, prefix):
        self.socket.setsockopt(zmq.SUBSCRIBE, bytes.fromhex(prefix))

    def unsubscribe(self, prefix):
        self.socket.setsockopt(zmq.UNSUBSCRIBE, bytes.fromhex(prefix))

    def close(self):
        self.socket.close()


def main():
    gatekeeper()
    judge = Judge()
    for line in sys.stdin:
        verb, *args = json.loads(line)
        try:
            answer = {"ok": getattr(judge, verb)(*args)}
        except zmq.ZMQError as e:
            answer = {"error": "EFSM" if e.errno == zmq.EFSM else errno.errorcode.get(e.errno, str(e.errno))}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
