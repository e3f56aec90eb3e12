"""A ROUTER whose messages go through cat as lines of JSON, and back to their peers; with
a second endpoint a PULL, whose messages go on to a PUSH there."""

import json
import os
import signal
import subprocess
import sys

import zmq

# Python's own handler only takes note, and a poll that begins right after it sleeps on.
signal.signal(signal.SIGINT, signal.SIG_DFL)
context = zmq.Context()
if len(sys.argv) > 2:
    router, target = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    target.bind(sys.argv[2])
else:
    router = target = context.socket(zmq.ROUTER)
router.bind(sys.argv[1])
cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
os.set_blocking(cat.stdin.fileno(), False)
poller = zmq.Poller()
rest, todo = b"", b""
poller.register(cat.stdout, zmq.POLLIN)
while True:
    poller.register(cat.stdin, zmq.POLLOUT if todo else 0)
    poller.register(router, zmq.POLLIN if len(todo) < 1 << 16 else 0)
    ready = dict(poller.poll())
    if router in ready:
        try:
            for _ in range(64):
                frames = router.recv_multipart(zmq.NOBLOCK)
                todo += json.dumps({"from": "r", "frames": [f.decode("latin-1") for f in frames]}).encode() + b"\n"
        except zmq.Again:
            pass
    if cat.stdout.fileno() in ready:
        *lines, rest = (rest + os.read(cat.stdout.fileno(), 1 << 16)).split(b"\n")
        for line in lines:
            target.send_multipart([f.encode("latin-1") for f in json.loads(line)["frames"]])
    if todo:
        try:
            todo = todo[os.write(cat.stdin.fileno(), todo):]
        except BlockingIOError:
            pass
