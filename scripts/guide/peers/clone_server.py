"""A clone server (RFC 12): clone_server SNAPSHOT UPDATES COLLECTOR."""

import re
import struct
import sys
import time

import zmq
from common import Clock, bind, poll


class Server:
    def __init__(self, snapshot, updates, collector):
        self.snapshot = bind(zmq.ROUTER, snapshot)
        self.updates = bind(zmq.PUB, updates)
        self.collector = bind(zmq.PULL, collector)
        self.number = 0
        self.pairs = {}  # key: its number, the value, and when its time is over

    def publish(self, key, name, properties, value):
        self.number += 1
        self.pairs.pop(key, None)
        if value:
            ttl = re.search(rb"(?m)^ttl=(\d+)$", properties)
            end = time.monotonic() + int(ttl[1]) if ttl else float("inf")
            self.pairs[key] = self.number, value, end
        self.updates.send_multipart([key, struct.pack("!Q", self.number), name, properties, value])

    def tell(self, client, command, subtree):
        assert command == b"ICANHAZ?", command
        for key, (number, value, _) in self.pairs.items():
            if key.startswith(subtree):
                self.snapshot.send_multipart([client, key, struct.pack("!Q", number), b"", b"", value])
        self.snapshot.send_multipart([client, b"KTHXBAI", struct.pack("!Q", self.number), b"", b"", subtree])

    def run(self):
        clock = Clock(100)
        # Far from the start numbers have bytes of every kind.
        self.number = 0x00C3A9FF00
        while True:
            ready = poll([self.snapshot, self.collector], clock)
            if self.snapshot in ready:
                self.tell(*self.snapshot.recv_multipart())
            if self.collector in ready:
                key, _, *rest = self.collector.recv_multipart()
                self.publish(key, *rest)
            if clock.beats():
                self.updates.send_multipart([b"HUGZ", bytes(8), b"", b"", b""])
                for key, (_, _, end) in list(self.pairs.items()):
                    if end < time.monotonic():
                        self.publish(key, b"", b"", b"")


Server(*sys.argv[1:]).run()
