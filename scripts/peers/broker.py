"""The peers of a load-balancing broker, on libzmq: client, worker or listener.

    broker.py client ENDPOINT NAME     asks one request after the other, until stdin ends
    broker.py worker ENDPOINT          says READY, and answers until it is killed
    broker.py listener ENDPOINT        reads the broker's state, until stdin ends

What a client learns it prints: "lost N" for a request without a reply within 10 s, "bad ..."
for a reply that is another's, and "got N" for the count of its replies, from time to time.
"""

import sys
import threading

import zmq

role, endpoint = sys.argv[1:3]
context = zmq.Context()
over = threading.Event()


def await_end():
    sys.stdin.read()
    over.set()


def tell(*words):
    # One write, whatever Python does with its buffers: this process may be killed in between.
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def socket(kind):
    s = context.socket(kind)
    s.linger = 0
    s.connect(endpoint)
    return s


def client(name):
    got = 0
    s = socket(zmq.REQ)
    n = 0
    while not over.is_set():
        n += 1
        request = [name.encode(), str(n).encode()]
        s.send_multipart(request)
        if not s.poll(10000):
            tell("lost", n)
            s.close()
            s = socket(zmq.REQ)  # a late reply must not be taken for the next one's
            continue
        reply = s.recv_multipart()
        if reply != request:
            tell("bad", request, "was answered by", reply)
        got += 1
        if got % 50 == 0:
            tell("got", 50)
    tell("got", got % 50)


def worker():
    s = socket(zmq.REQ)
    s.send(b"READY")
    while True:
        s.send_multipart(s.recv_multipart())


def listener():
    s = context.socket(zmq.SUB)
    s.subscribe(b"")
    s.connect(endpoint)
    last, got = 0, 0
    while not over.is_set():
        if not s.poll(100):
            continue
        n = int(s.recv_multipart()[0])
        if n <= last:
            tell("bad", "state", n, "behind", last)
        last, got = n, got + 1
        if got % 1000 == 0:
            tell("got", 1000)
    tell("got", got % 1000)


if role != "worker":
    threading.Thread(target=await_end, daemon=True).start()
{"client": lambda: client(sys.argv[3]), "worker": worker, "listener": listener}[role]()
