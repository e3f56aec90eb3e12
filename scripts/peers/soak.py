#!/usr/bin/python3
"""libzmq's peers of scripts/soak: a line of stdin is one visit.

    TYPE ENDPOINT NAME COUNT

A socket of TYPE connects, sends or takes COUNT messages, closes and lingers;
then the line "done" is printed, or what went wrong.
"""

import sys
import zlib

import zmq

context = zmq.Context()


def message(name, n):
    payload = bytes((n + i) & 255 for i in range(n * n * 31 % 3000))
    m = [name.encode(), str(n).encode(), payload]
    return m + [checksum(m)]


def checksum(m):
    crc = 0
    for frame in m:
        crc = zlib.crc32(frame, crc)
    return str(crc).encode()


def read(m):
    m = m[-4:]
    if len(m) < 4 or checksum(m[:3]) != m[3]:
        raise ValueError("a message was altered")
    return m[0].decode(), int(m[1])


def visit(kind, endpoint, name, count):
    s = context.socket(getattr(zmq, kind.upper()))
    s.linger = 20000
    if kind == "pub":
        s.close()
        s = context.socket(zmq.XPUB)
    if kind == "sub":
        s.setsockopt(zmq.SUBSCRIBE, b"")
    try:
        s.connect(endpoint)
        if kind == "xsub":
            s.send(b"\1")
        if kind in ("pub", "xpub"):
            s.recv()
        last = 0
        for n in range(1, count + 1):
            if kind in ("push", "pub", "xpub", "req", "dealer", "pair"):
                s.send_multipart(message(name, n))
            if kind in ("req", "dealer", "pair"):
                if read(s.recv_multipart()) != (name, n):
                    raise ValueError("%s got another answer to %d" % (name, n))
            if kind in ("pull", "sub", "xsub", "router"):
                _, got = read(s.recv_multipart())
                if got <= last:
                    raise ValueError("message %d came after %d" % (got, last))
                last = got
    finally:
        s.close()


for line in sys.stdin:
    kind, endpoint, name, count = line.split()
    try:
        visit(kind, endpoint, name, int(count))
        print("done", flush=True)
    except Exception as e:
        print(e, flush=True)
