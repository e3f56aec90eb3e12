"""A client of a clone server (RFC 12): clone SNAPSHOT UPDATES SET."""

import struct
import sys
import uuid

import zmq
from common import check, connect, receive


def number(frame):
    return struct.unpack("!Q", frame)[0]


def ask(snapshot, subtree):
    """The pairs of a subtree, and the number of the snapshot."""
    snapshot.send_multipart([b"ICANHAZ?", subtree])
    pairs, highest = {}, 0
    while True:
        key, n, empty, properties, value = receive(snapshot)
        if key == b"KTHXBAI":
            check("the end of a snapshot", [empty, properties, value], [b"", b"", subtree])
            check("its number is not below those of its pairs", number(n) >= highest, True)
            return pairs, number(n)
        check("the empty frames of a pair", [empty, properties], [b"", b""])
        highest = max(highest, number(n))
        pairs[key] = value


def main(_, snapshot, updates, collector):
    snapshot = connect(zmq.DEALER, snapshot)
    updates = connect(zmq.SUB, updates, subscribe=b"")
    collector = connect(zmq.XPUB, collector)
    check("the server subscribes", receive(collector), [b"\x01"])

    check("the server beats", receive(updates), [b"HUGZ", bytes(8), b"", b"", b""])
    _, last = ask(snapshot, b"/libzmq/")

    def update():
        """The next change, whose number must be higher than the last."""
        nonlocal last
        while (message := receive(updates))[0] == b"HUGZ":
            pass
        if number(message[1]) != last + 1:
            sys.exit("libzmq: number %d comes behind %d" % (number(message[1]), last))
        last += 1
        return message[:1] + message[2:]

    name = uuid.uuid4().bytes
    # Past 127 a number is no text, past 255 it has two bytes.
    for n in range(300):
        collector.send_multipart([b"/libzmq/n", bytes(8), name, b"", b"%d" % n])
        update()
    collector.send_multipart([b"/libzmq/bytes", bytes(8), name, b"from=libzmq\n", b"\x00\xff"])
    check("a change", update(), [b"/libzmq/bytes", name, b"from=libzmq\n", b"\x00\xff"])
    pairs, n = ask(snapshot, b"/libzmq/")
    check("a snapshot", pairs, {b"/libzmq/n": b"299", b"/libzmq/bytes": b"\x00\xff"})
    check("its number", n, last)
    collector.send_multipart([b"/libzmq/n", bytes(8), name, b"", b""])
    check("a deletion", update(), [b"/libzmq/n", name, b"", b""])
    collector.send_multipart([b"/libzmq/bytes", bytes(8), name, b"ttl=1\n", b"soon"])
    check("a value for a second", update(), [b"/libzmq/bytes", name, b"ttl=1\n", b"soon"])
    check("whose time is over", update()[-1], b"")
    pairs, n = ask(snapshot, b"/libzmq/")
    check("nothing is left", pairs, {})
    collector.send_multipart([b"not a change"])
    collector.send_multipart([b"\xff", bytes(8), name, b"\xff", b"x"])
    collector.send_multipart([b"/libzmq/end", bytes(8), name, b"", b"x"])
    check("the server goes on", update(), [b"/libzmq/end", name, b"", b"x"])


main(*sys.argv[1:])
