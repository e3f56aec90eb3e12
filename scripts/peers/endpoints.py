#!/usr/bin/python3
"""Prints what libzmq makes of unbinding and disconnecting.

Each line of stdin is a step, whose words are unbind, disconnect, bind or connect,
and an endpoint, or LAST for the one that was bound last. The answer is a line: the
name of the error, or OK. The first line names the socket type.
"""

import errno
import sys

import zmq

context = zmq.Context()
socket = context.socket(getattr(zmq, sys.stdin.readline().strip()))
socket.linger = 0
for line in sys.stdin:
    step, _, endpoint = line.strip().partition(" ")
    last = socket.last_endpoint.decode().rstrip("\0")
    try:
        getattr(socket, step)(endpoint.replace("LAST", last))
        print("OK", flush=True)
    except zmq.ZMQError as error:
        print(errno.errorcode.get(error.errno, str(error)), flush=True)
socket.close()
context.term()
