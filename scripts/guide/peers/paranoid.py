"""A worker of Paranoid Pirate (RFC 6) and a client, at zcat's queue: paranoid CLIENTS WORKERS."""

import sys

import zmq
from common import PATIENCE, check, connect, receive

READY, HEARTBEAT = b"\x01", b"\x02"


def main(_, clients, workers):
    worker = connect(zmq.DEALER, workers)
    worker.send(READY)
    check("the queue beats", receive(worker), [HEARTBEAT])
    client = connect(zmq.REQ, clients, req_relaxed=1, req_correlate=1)
    poller = zmq.Poller()
    poller.register(worker, zmq.POLLIN)
    poller.register(client, zmq.POLLIN)
    done, asked, unanswered = set(), 0, 0
    client.send(b"job 0")
    # Several workers share the work: ask until this one has done some and another, too.
    while done != {b"libzmq", b"zcat"}:
        ready = dict(poller.poll(200))
        if worker in ready:
            message = worker.recv_multipart()
            if message != [HEARTBEAT]:
                end = message.index(b"") + 1  # the addresses of whoever asks, and the delimiter
                check("a request has a body of one frame", len(message[end:]), 1)
                worker.send_multipart(message[:end] + [b"libzmq did it"])
        else:
            worker.send(HEARTBEAT)
        if client in ready:
            done.add(b"libzmq" if client.recv() == b"libzmq did it" else b"zcat")
            unanswered = 0
        elif unanswered < 10:
            unanswered += 1
            continue
        asked += 1
        if asked * 200 > PATIENCE:
            sys.exit("libzmq: only %r did any work" % done)
        client.send(b"job %d" % asked)
        unanswered = 0
    check("workers that did the work", sorted(done), [b"libzmq", b"zcat"])


main(*sys.argv[1:])
