"""What libzmq's peers of the Guide's protocols have in common."""

import os
import sys
import time

import zmq

PATIENCE = 30_000  # ms: bounds a wait that goes wrong, measures nothing

context = zmq.Context()


def make(kind, options):
    socket = context.socket(kind)
    socket.linger = 1000
    for name, value in options.items():
        socket.setsockopt(getattr(zmq, name.upper()), value)
    return socket


def connect(kind, endpoint, **options):
    """A socket that is connected to ./NAME, as zcat spells it."""
    socket = make(kind, options)
    socket.connect("ipc://" + os.path.abspath(endpoint))
    return socket


def bind(kind, endpoint, **options):
    """A socket that is bound to ./NAME."""
    socket = make(kind, options)
    socket.bind("ipc://" + os.path.abspath(endpoint))
    return socket


class Clock:
    """Beats every so many milliseconds."""

    def __init__(self, interval):
        self.interval, self.next = interval, self.now() + interval

    @staticmethod
    def now():
        return int(time.monotonic() * 1000)

    def left(self):
        return max(0, self.next - self.now())

    def beats(self):
        """Whether it is time, once for each beat."""
        if self.left():
            return False
        self.next = self.now() + self.interval
        return True


def receive(socket):
    """The next message, within PATIENCE."""
    if not socket.poll(PATIENCE):
        sys.exit("libzmq: no message came")
    return socket.recv_multipart()


def poll(sockets, clock):
    """Waits for messages until the next beat of the clock, and returns the sockets that have one."""
    poller = zmq.Poller()
    for socket in sockets:
        poller.register(socket, zmq.POLLIN)
    return dict(poller.poll(clock.left()))


def reaches(socket, message):
    """Sends to a peer of a ROUTER with ROUTER_MANDATORY, and tells whether it is there."""
    try:
        socket.send_multipart(message)
    except zmq.ZMQError as error:
        if error.errno != zmq.EHOSTUNREACH:
            raise
        return False
    return True


def check(what, seen, wanted):
    """Prints what was seen, or ends with what should have been."""
    if seen != wanted:
        sys.exit("libzmq, %s: %r, and not %r" % (what, seen, wanted))
    print("libzmq, %s: %r" % (what, seen))
