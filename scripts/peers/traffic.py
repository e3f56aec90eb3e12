"""Lets libzmq's sockets talk, and prints what was said, a line of JSON a message.

REQ through zmq_proxy to REP, PUB to SUB, and PUSH to PULL with CURVE. What passes the
proxy is printed with the envelope that its capture has; bytes are written in hex.
"""

import json
import os
import threading

import zmq


def say(by, message):
    print(json.dumps([by] + [frame.hex() for frame in message]), flush=True)


def bound(context, kind):
    socket = context.socket(kind)
    return socket, "tcp://127.0.0.1:%d" % socket.bind_to_random_port("tcp://127.0.0.1")


def requests(context):
    front, front_at = bound(context, zmq.ROUTER)
    back, back_at = bound(context, zmq.DEALER)
    capture, watch = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    capture.bind("inproc://capture")
    watch.connect("inproc://capture")
    threading.Thread(target=lambda: zmq.proxy(front, back, capture), daemon=True).start()

    def serve():
        rep = context.socket(zmq.REP)
        rep.connect(back_at)
        while True:
            rep.send_multipart([b"re"] + rep.recv_multipart())

    threading.Thread(target=serve, daemon=True).start()
    req = context.socket(zmq.REQ)
    req.connect(front_at)
    for body in ([b"hello"], [b"", b"x" * 300], [b"\x00\xff" * 100000]):
        req.send_multipart(body)
        say("REQ", [b""] + body)
        say("ROUTER", [b""] + req.recv_multipart())
        say("DEALER", watch.recv_multipart())
        say("REP", watch.recv_multipart())


def news(context):
    pub, at = bound(context, zmq.XPUB)
    sub = context.socket(zmq.SUB)
    sub.subscribe(b"A")
    sub.connect(at)
    pub.recv()  # the subscription
    for message in ([b"A", b"one"], [b"B", b"nobody's"], [b"A", b""]):
        pub.send_multipart(message)
    for _ in range(2):
        say("XPUB", sub.recv_multipart())


def secrets(context):
    pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    public, pull.curve_secretkey = zmq.curve_keypair()
    pull.curve_server, pull.curve_publickey = True, public
    port = pull.bind_to_random_port("tcp://127.0.0.1")
    push.curve_publickey, push.curve_secretkey = zmq.curve_keypair()
    push.curve_serverkey = public
    push.connect("tcp://127.0.0.1:%d" % port)
    push.send(b"a secret")
    pull.recv()


if __name__ == "__main__":
    shared = zmq.Context()
    requests(shared)
    news(shared)
    secrets(shared)
    os._exit(0)  # the proxy's thread never ends
