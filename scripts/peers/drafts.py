#!/usr/bin/python3
"""A socket of one of libzmq's draft types, or a ROUTER with draft options, that takes peer.py's flags: the other side in tests.

    drafts.py TYPE [-b EP]... [-c EP]... [--join GROUP]... [flags]

It sends the lines of its stdin, and prints what it receives. A line is an array of
frames in JSON, as zcat writes it: a SERVER's and PEER's begin with the routing id, four
bytes, a RADIO's and DISH's with the group.

libzmq with drafts is in no distribution, but in npm's zeromq: an addon for node, which
scripts/setup.sh puts into .bin/peers. Here it is loaded
without node, whose functions are replaced by ones that do nothing; zeromq.js itself
knows no PEER. ZCAT_LIBZMQ names another library with drafts.
"""

import argparse
import ctypes
import glob
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading

from peer import decode, show

TYPES = {"router": 6, "server": 12, "client": 13, "radio": 14, "dish": 15, "gather": 16, "scatter": 17, "peer": 19, "channel": 20}
LINGER, LAST_ENDPOINT, SNDHWM, RCVHWM, SNDTIMEO, RCVTIMEO = 17, 32, 23, 24, 28, 27
RCVMORE = 13
OPTIONS = {"sndhwm": SNDHWM, "rcvhwm": RCVHWM, "router_notify": 97}
TEXTS = {"hello_msg": 110, "disconnect_msg": 111}


def load():
    """libzmq with its drafts."""
    if name := os.environ.get("ZCAT_LIBZMQ"):
        return ctypes.CDLL(name, use_errno=True)
    modules = os.path.abspath(os.path.dirname(__file__) + "/../../.bin/peers")
    arch = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    addons = sorted(glob.glob(f"{modules}/node_modules/zeromq/build/linux/{arch}/node/glibc-*/addon.node"))
    with tempfile.TemporaryDirectory() as place:
        for number, addon in enumerate(addons):
            listed = subprocess.run(["nm", "-D", "--undefined-only", addon], check=True, capture_output=True, text=True).stdout
            names = [line.split()[-1] for line in listed.splitlines()]
            with open(place + "/node.c", "w") as f:
                f.writelines(f"long {n}(void) {{ return 0; }}\n" for n in names if n.startswith(("napi_", "uv_")))
            node = f"{place}/node{number}.so"
            subprocess.run(["gcc", "-shared", "-fPIC", "-o", node, place + "/node.c"], check=True)
            ctypes.CDLL(node, mode=ctypes.RTLD_GLOBAL)
            try:
                return ctypes.CDLL(addon, use_errno=True)
            except OSError:
                pass  # it wants a newer system; another may not
    sys.exit(f"drafts: no libzmq with drafts in {modules}: run scripts/setup.sh peers, or name one in ZCAT_LIBZMQ")


class Message(ctypes.Structure):
    _fields_ = [("octets", ctypes.c_ubyte * 64)]
    _align_ = 8


class Peer:
    def __init__(self, args):
        self.args, self.z = args, load()
        for name in ("zmq_ctx_new", "zmq_socket", "zmq_msg_data"):
            getattr(self.z, name).restype = ctypes.c_void_p
        self.z.zmq_msg_size.restype = ctypes.c_size_t
        self.z.zmq_msg_group.restype = self.z.zmq_strerror.restype = ctypes.c_char_p
        self.z.zmq_msg_routing_id.restype = ctypes.c_uint32
        self.context = ctypes.c_void_p(self.z.zmq_ctx_new())
        self.socket = ctypes.c_void_p(self.z.zmq_socket(self.context, TYPES[args.type]))
        self.set(LINGER, int(args.linger * 1000))
        self.set(SNDTIMEO, int(args.timeout * 1000))
        self.set(RCVTIMEO, int(args.timeout * 1000))
        for option in args.option:
            name, value = option.split("=", 1)
            if name in TEXTS:
                self.check(self.z.zmq_setsockopt(self.socket, TEXTS[name], value.encode(), ctypes.c_size_t(len(value))))
            else:
                self.set(OPTIONS[name], int(value))
        for group in args.join:
            self.check(self.z.zmq_join(self.socket, group.encode()))
        self.attach()

    def check(self, status):
        if status < 0:
            raise OSError(self.z.zmq_errno(), self.z.zmq_strerror(self.z.zmq_errno()).decode())

    def set(self, option, value):
        value = ctypes.c_int(value)
        self.check(self.z.zmq_setsockopt(self.socket, option, ctypes.byref(value), ctypes.sizeof(value)))

    def attach(self):
        bound = []
        for endpoint in self.args.bind:
            self.check(self.z.zmq_bind(self.socket, endpoint.encode()))
            text, size = ctypes.create_string_buffer(256), ctypes.c_size_t(256)
            self.check(self.z.zmq_getsockopt(self.socket, LAST_ENDPOINT, text, ctypes.byref(size)))
            bound.append(text.value.decode())
        for endpoint in self.args.connect:
            self.check(self.z.zmq_connect(self.socket, endpoint.encode()))
        if self.args.endpoint_file:
            with open(self.args.endpoint_file + ".part", "w") as f:
                f.writelines(e + "\n" for e in bound)
            os.rename(self.args.endpoint_file + ".part", self.args.endpoint_file)

    def send(self, frames):
        m = Message()
        self.check(self.z.zmq_msg_init_size(ctypes.byref(m), ctypes.c_size_t(len(frames[-1]))))
        ctypes.memmove(self.z.zmq_msg_data(ctypes.byref(m)), frames[-1], len(frames[-1]))
        if self.args.type in ("server", "peer"):
            self.check(self.z.zmq_msg_set_routing_id(ctypes.byref(m), ctypes.c_uint32(int.from_bytes(frames[0], "big"))))
        elif self.args.type == "radio":
            self.check(self.z.zmq_msg_set_group(ctypes.byref(m), frames[0]))
        self.check(self.z.zmq_msg_send(ctypes.byref(m), self.socket, 0))

    def receive(self):
        frames = self.receive_frame()
        while self.args.type == "router" and self.more():
            frames += self.receive_frame()
        return frames

    def more(self):
        value, size = ctypes.c_int(), ctypes.c_size_t(4)
        self.check(self.z.zmq_getsockopt(self.socket, RCVMORE, ctypes.byref(value), ctypes.byref(size)))
        return value.value

    def receive_frame(self):
        m = Message()
        self.check(self.z.zmq_msg_init(ctypes.byref(m)))
        self.check(self.z.zmq_msg_recv(ctypes.byref(m), self.socket, 0))
        frames = [ctypes.string_at(self.z.zmq_msg_data(ctypes.byref(m)), self.z.zmq_msg_size(ctypes.byref(m)))]
        if self.args.type in ("server", "peer"):
            frames.insert(0, self.z.zmq_msg_routing_id(ctypes.byref(m)).to_bytes(4, "big"))
        elif self.args.type == "dish":
            frames.insert(0, self.z.zmq_msg_group(ctypes.byref(m)))
        self.check(self.z.zmq_msg_close(ctypes.byref(m)))
        return frames

    def receive_all(self):
        try:
            while True:
                show(self.receive())
        except OSError as error:
            print(f"drafts: {error}", file=sys.stderr)
            os._exit(1)

    def run(self):
        """Sends and receives at the same time, which these sockets allow."""
        if self.args.type not in ("radio", "scatter"):
            threading.Thread(target=self.receive_all, daemon=True).start()
        for line in sys.stdin:
            self.send([decode(f) for f in json.loads(line)])


def main():
    p = argparse.ArgumentParser(prog="drafts.py", allow_abbrev=False)
    p.add_argument("type", choices=sorted(TYPES))
    p.add_argument("-b", "--bind", action="append", default=[])
    p.add_argument("-c", "--connect", action="append", default=[])
    p.add_argument("--join", action="append", default=[])
    p.add_argument("-t", "--timeout", type=float, default=20, help="seconds")
    p.add_argument("-l", "--linger", type=float, default=10, help="seconds")
    p.add_argument("--endpoint-file")
    p.add_argument("-o", "--option", action="append", default=[], help="NAME=VALUE: sndhwm, rcvhwm, router_notify, hello_msg or disconnect_msg")
    Peer(p.parse_args()).run()


if __name__ == "__main__":
    main()
