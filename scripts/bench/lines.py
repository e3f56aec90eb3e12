#!/usr/bin/python3
"""Lines of JSON through pyzmq: lines.py push|pull ENDPOINT N."""

import json
import sys

import zmq


def push(socket, n):
    for _ in range(n):
        frames = json.loads(sys.stdin.buffer.readline())
        socket.send_multipart([f.encode() for f in frames])


def pull(socket, n):
    for _ in range(n):
        frames = socket.recv_multipart()
        line = json.dumps([f.decode() for f in frames], separators=(",", ":"))
        sys.stdout.write(line + "\n")


def main():
    kind, endpoint, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with zmq.Context() as context:
        if kind == "push":
            with context.socket(zmq.PUSH) as socket:
                socket.connect(endpoint)
                push(socket, n)
        else:
            with context.socket(zmq.PULL) as socket:
                socket.rcvhwm = 0  # see lines.c
                socket.bind(endpoint)
                pull(socket, n)


if __name__ == "__main__":
    main()
