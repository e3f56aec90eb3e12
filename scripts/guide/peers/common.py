"""What libzmq's peers of the Guide's protocols have in common."""

import os
import sys

import zmq

PATIENCE = 30_000  # ms: bounds a wait that goes wrong, measures nothing

context = zmq.Context()


def connect(kind, endpoint, **options):
    """A socket that is connected to ./NAME, as zcat spells it."""
    socket = context.socket(kind)
    socket.linger = 1000
    for name, value in options.items():
        socket.setsockopt(getattr(zmq, name.upper()), value)
    socket.connect("ipc://" + os.path.abspath(endpoint))
    return socket


def receive(socket):
    """The next message, within PATIENCE."""
    if not socket.poll(PATIENCE):
        sys.exit("libzmq: no message came")
    return socket.recv_multipart()


def check(what, seen, wanted):
    """Prints what was seen, or ends with what should have been."""
    if seen != wanted:
        sys.exit("libzmq, %s: %r, and not %r" % (what, seen, wanted))
    print("libzmq, %s: %r" % (what, seen))
