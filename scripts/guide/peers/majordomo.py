"""A worker and a client of Majordomo (RFC 7), at zcat's broker: majordomo BROKER."""

import sys

import zmq
from common import check, connect, receive

CLIENT, WORKER = b"MDPC01", b"MDPW01"
READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = (bytes([n]) for n in range(1, 6))


def command(worker, *unless):
    """The next command of the broker that is none of those that may come any time."""
    while (message := receive(worker))[2] in unless:
        pass
    return message


def main(_, broker):
    client = connect(zmq.REQ, broker)
    client.send_multipart([CLIENT, b"shout", b"one", b"two"])
    check("the service of zcat", receive(client), [CLIENT, b"shout", b"ONE", b"two"])

    worker = connect(zmq.DEALER, broker)
    worker.send_multipart([b"", WORKER, HEARTBEAT])
    check("who beats before READY is", command(worker), [b"", WORKER, DISCONNECT])
    worker.send_multipart([b"", WORKER, READY, b"count"])
    check("the broker beats", command(worker), [b"", WORKER, HEARTBEAT])
    for n in (b"1", b"2"):
        client.send_multipart([CLIENT, b"count", n])
        empty, protocol, what, address, delimiter, body = command(worker, HEARTBEAT)
        check("a request", [empty, protocol, what, delimiter, body], [b"", WORKER, REQUEST, b"", n])
        worker.send_multipart([b"", WORKER, HEARTBEAT])
        worker.send_multipart([b"", WORKER, REPLY, address, b"", n, b"done"])
        check("the service of libzmq", receive(client), [CLIENT, b"count", n, b"done"])

    stranger = connect(zmq.DEALER, broker)
    for nonsense in ([b""], [b"\xff"], [b"", CLIENT], [b"", CLIENT, b"\xff"], [b"", WORKER, READY, b"\xff"], [b"", WORKER, b"\xff"]):
        stranger.send_multipart(nonsense)
    worker.send_multipart([b"", WORKER, DISCONNECT])
    status = b"200"
    while status == b"200":  # until the broker has read it
        client.send_multipart([CLIENT, b"mmi.service", b"count"])
        *_, status = receive(client)
    check("a service that is gone", status, b"404")


main(*sys.argv[1:])
