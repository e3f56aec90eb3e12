#!/usr/bin/python3
"""What a script does with pyzmq and json: from-lines, to-lines, ask, rep, as libzmq/peer.c."""

import json
import sys

import zmq

TYPES = {"from-lines": zmq.PUSH, "to-lines": zmq.PULL, "ask": zmq.REQ, "rep": zmq.REP}


def decode(line):
    return [frame.encode() for frame in json.loads(line)]


def encode(frames):
    return json.dumps([f.decode() for f in frames], separators=(",", ":")) + "\n"


def attach(socket, endpoint):
    if endpoint.startswith("@"):
        socket.bind(endpoint[1:])
    else:
        socket.connect(endpoint[1:])


def main():
    mode, endpoint = sys.argv[1:3]
    with zmq.Context() as context, context.socket(TYPES[mode]) as socket:
        socket.rcvhwm = 0  # see to-lines in libzmq/peer.c
        attach(socket, endpoint)
        if mode == "from-lines":
            for line in sys.stdin.buffer:
                socket.send_multipart(decode(line))
        elif mode == "to-lines":
            for _ in range(int(sys.argv[3])):
                sys.stdout.write(encode(socket.recv_multipart()))
        elif mode == "ask":
            for line in sys.stdin.buffer:
                socket.send_multipart(decode(line))
                sys.stdout.write(encode(socket.recv_multipart()))
        else:
            while True:
                socket.send_multipart(socket.recv_multipart())


main()
