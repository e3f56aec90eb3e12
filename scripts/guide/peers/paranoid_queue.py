"""A queue of Paranoid Pirate (RFC 6): paranoid_queue CLIENTS WORKERS."""

import sys
from collections import deque

import zmq
from common import Clock, bind, poll, reaches

READY, HEARTBEAT = b"\x01", b"\x02"
LIVES = 3


def main(clients, workers):
    clients, workers = bind(zmq.ROUTER, clients), bind(zmq.ROUTER, workers, router_mandatory=1)
    lives, free, waiting, clock = {}, deque(), deque(), Clock(200)
    while True:
        ready = poll([clients, workers], clock)
        if clients in ready:
            waiting.append(clients.recv_multipart())
        if workers in ready:
            worker, *message = workers.recv_multipart()
            known, lives[worker] = worker in lives, LIVES
            if message != [HEARTBEAT] or not known:
                if worker in free:
                    free.remove(worker)
                free.append(worker)
            if len(message) > 1:
                clients.send_multipart(message)
        if clock.beats():
            for worker in list(lives):
                lives[worker] -= 1
                if not reaches(workers, [worker, HEARTBEAT]) or not lives[worker]:
                    del lives[worker]
            free = deque(w for w in free if w in lives)
        while free and waiting:
            if reaches(workers, [free.popleft(), *waiting[0]]):
                waiting.popleft()


main(*sys.argv[1:])
