#!/usr/bin/python3
"""libzmq as the other side of `zcat bench`.

    bench.py serve TYPE EP        bind EP and do what `zcat bench --serve` does
    bench.py send TYPE EP N SIZE  connect to EP and send N messages to count
"""

import sys
import time

import zmq


def serve(s):
    answers = s.type not in (zmq.PULL, zmq.SUB, zmq.XSUB)
    count = begin = last = 0
    while True:
        m = s.recv_multipart()
        body = m[-1]
        if s.type == zmq.REP or body[:1] == b"E" and answers:
            s.send_multipart(m)
        elif body:
            last = time.monotonic_ns()
            begin = begin if count else last
            count += 1
        else:
            if answers:
                s.send_multipart(m[:-1] + [b"%d %d" % (count, last - begin)])
            if count:
                print(count, flush=True)
            count = begin = last = 0


def send(s, n, size):
    replies = s.type not in (zmq.PUSH, zmq.XPUB)
    if s.type == zmq.XPUB:
        s.recv()  # a subscription
    for count in (0, n):
        for _ in range(count):
            s.send(b"x" * size)
        s.send(b"")
        if replies:
            print(s.recv().decode(), flush=True)


kind, endpoint = getattr(zmq, sys.argv[2].upper()), sys.argv[3]
socket = zmq.Context().socket(kind)
if kind == zmq.SUB:
    socket.setsockopt(zmq.SUBSCRIBE, b"")
if kind == zmq.ROUTER and sys.argv[1] == "serve":
    socket.setsockopt(zmq.ROUTING_ID, b"bench")
if kind in (zmq.SUB, zmq.XSUB, zmq.XPUB):
    socket.setsockopt(zmq.RCVHWM, 0)
    socket.setsockopt(zmq.SNDHWM, 0)
if sys.argv[1] == "serve":
    socket.bind(endpoint)
    if kind == zmq.XSUB:
        socket.send(b"\x01")  # a subscription
    serve(socket)
socket.connect(endpoint)
send(socket, int(sys.argv[4]), int(sys.argv[5]))
socket.close()
socket.context.term()
