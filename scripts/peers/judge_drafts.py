#!/usr/bin/python3
"""libzmq's side of scripts/differential for the draft types: judge.py with the libzmq of
drafts.py, and with joining and leaving groups in place of subscriptions.

A message begins with the routing id where it comes from a SERVER or PEER, and with the
group where it comes from a DISH, as zcat has it.
"""

import ctypes
import errno
import json
import sys
import time

from drafts import TYPES, Message, load

LINGER, LAST_ENDPOINT, SNDHWM, RCVHWM, RCVTIMEO, EVENTS, RECONNECT_IVL, MAXMSGSIZE, HANDSHAKE_IVL = 17, 32, 23, 24, 27, 15, 18, 22, 66
DONTWAIT = 1
UNABLE = ("SCATTER", "RADIO")  # to receive


class Judge:
    def __init__(self):
        self.z = load()
        for name in ("zmq_ctx_new", "zmq_socket", "zmq_msg_data"):
            getattr(self.z, name).restype = ctypes.c_void_p
        self.z.zmq_msg_size.restype = ctypes.c_size_t
        self.z.zmq_msg_group.restype = ctypes.c_char_p
        self.z.zmq_msg_routing_id.restype = ctypes.c_uint32
        self.context = ctypes.c_void_p(self.z.zmq_ctx_new())
        self.socket = None
        self.kind = ""

    def check(self, status):
        if status < 0:
            raise OSError(self.z.zmq_errno(), "")

    def set(self, option, value, kind=ctypes.c_int):
        value = kind(value)
        self.check(self.z.zmq_setsockopt(self.socket, option, ctypes.byref(value), ctypes.sizeof(value)))

    def new(self, kind, options):
        assert not options
        self.kind = kind
        self.socket = ctypes.c_void_p(self.z.zmq_socket(self.context, TYPES[kind.lower()]))
        for option in (LINGER, SNDHWM, RCVHWM, HANDSHAKE_IVL):
            self.set(option, 0)
        self.set(RECONNECT_IVL, 3600 * 1000)
        self.set(MAXMSGSIZE, 1 << 20, ctypes.c_int64)

    def bind(self, endpoint):
        self.check(self.z.zmq_bind(self.socket, endpoint.encode()))
        text, size = ctypes.create_string_buffer(256), ctypes.c_size_t(256)
        self.check(self.z.zmq_getsockopt(self.socket, LAST_ENDPOINT, text, ctypes.byref(size)))
        return text.value.decode()

    def connect(self, endpoint):
        self.check(self.z.zmq_connect(self.socket, endpoint.encode()))

    def enter(self):
        """Makes libzmq act on new connections, JOIN and LEAVE."""
        value, size = ctypes.c_int(0), ctypes.c_size_t(4)
        self.check(self.z.zmq_getsockopt(self.socket, EVENTS, ctypes.byref(value), ctypes.byref(size)))

    def receive(self, wait):
        m = Message()
        self.check(self.z.zmq_msg_init(ctypes.byref(m)))
        self.set(RCVTIMEO, wait)
        self.check(self.z.zmq_msg_recv(ctypes.byref(m), self.socket, 0))
        frames = [ctypes.string_at(self.z.zmq_msg_data(ctypes.byref(m)), self.z.zmq_msg_size(ctypes.byref(m)))]
        if self.kind in ("SERVER", "PEER"):
            frames.insert(0, self.z.zmq_msg_routing_id(ctypes.byref(m)).to_bytes(4, "big"))
        elif self.kind == "DISH":
            frames.insert(0, self.z.zmq_msg_group(ctypes.byref(m)))
        self.check(self.z.zmq_msg_close(ctypes.byref(m)))
        return [f.hex() for f in frames]

    def drain(self, quiet):
        """All that has come, and what comes until nothing has for quiet ms."""
        messages = []
        self.enter()
        if self.kind in UNABLE:
            time.sleep(quiet / 1000)
            self.enter()
            return messages
        try:
            while True:
                messages.append(self.receive(quiet))
        except OSError as e:
            if e.errno != errno.EAGAIN:
                raise
        self.enter()
        return messages

    def rest(self):
        return []

    def send(self, frames):
        self.enter()
        frames = [bytes.fromhex(f) for f in frames]
        m = Message()
        self.check(self.z.zmq_msg_init_size(ctypes.byref(m), ctypes.c_size_t(len(frames[-1]))))
        ctypes.memmove(self.z.zmq_msg_data(ctypes.byref(m)), frames[-1], len(frames[-1]))
        if self.kind in ("SERVER", "PEER"):
            self.check(self.z.zmq_msg_set_routing_id(ctypes.byref(m), ctypes.c_uint32(int.from_bytes(frames[0], "big"))))
        elif self.kind == "RADIO":
            self.check(self.z.zmq_msg_set_group(ctypes.byref(m), frames[0]))
        self.check(self.z.zmq_msg_send(ctypes.byref(m), self.socket, DONTWAIT))

    def subscribe(self, group):
        self.check(self.z.zmq_join(self.socket, bytes.fromhex(group)))

    def unsubscribe(self, group):
        self.check(self.z.zmq_leave(self.socket, bytes.fromhex(group)))

    def close(self):
        self.check(self.z.zmq_close(self.socket))


def main():
    judge = Judge()
    for line in sys.stdin:
        verb, *args = json.loads(line)
        try:
            answer = {"ok": getattr(judge, verb)(*args)}
        except OSError as e:
            answer = {"error": errno.errorcode.get(e.errno, str(e.errno))}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
