"""A broker of Majordomo (RFC 7) with mmi.service (RFC 8): majordomo_broker ENDPOINT."""

import sys
from collections import defaultdict, deque

import zmq
from common import Clock, bind, poll, reaches

CLIENT, WORKER = b"MDPC01", b"MDPW01"
READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = (bytes([n]) for n in range(1, 6))


class Broker:
    def __init__(self, endpoint):
        self.router = bind(zmq.ROUTER, endpoint, router_mandatory=1)
        self.service = {}  # of each worker
        self.free = defaultdict(deque)
        self.waiting = defaultdict(deque)

    def drop(self, worker):
        service = self.service.pop(worker, None)
        if worker in self.free[service]:
            self.free[service].remove(worker)

    def serve(self, service):
        while self.waiting[service] and self.free[service]:
            worker, (client, body) = self.free[service].popleft(), self.waiting[service].popleft()
            if not reaches(self.router, [worker, b"", WORKER, REQUEST, client, b"", *body]):
                self.drop(worker)
                self.waiting[service].appendleft((client, body))

    def of_client(self, client, service, *body):
        if service == b"mmi.service":
            status = b"200" if body[0] in self.service.values() else b"404"
            reaches(self.router, [client, b"", CLIENT, service, status])
            return
        self.waiting[service].append((client, body))
        self.serve(service)

    def of_worker(self, worker, command, *rest):
        if command == READY:
            self.drop(worker)
            self.service[worker] = rest[0]
        elif worker not in self.service or command == DISCONNECT:
            self.drop(worker)
            reaches(self.router, [worker, b"", WORKER, DISCONNECT])
            return
        if command in (READY, REPLY):
            service = self.service[worker]
            if command == REPLY:
                client, _, *body = rest
                reaches(self.router, [client, b"", CLIENT, service, *body])
            self.free[service].append(worker)
            self.serve(service)

    def run(self):
        clock = Clock(200)
        while True:
            if poll([self.router], clock):
                peer, _, protocol, *rest = self.router.recv_multipart()
                {CLIENT: self.of_client, WORKER: self.of_worker}[protocol](peer, *rest)
            if clock.beats():
                for worker in list(self.service):
                    if not reaches(self.router, [worker, b"", WORKER, HEARTBEAT]):
                        self.drop(worker)


Broker(sys.argv[1]).run()
