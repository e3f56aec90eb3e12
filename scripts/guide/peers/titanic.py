"""A client of Titanic (RFC 9): titanic BROKER."""

import re
import sys
import time

import zmq
from common import PATIENCE, check, connect, receive


def main(_, broker):
    client = connect(zmq.REQ, broker)

    def call(service, *body):
        client.send_multipart([b"MDPC01", b"titanic." + service, *body])
        reply = receive(client)
        check("the envelope of a reply", reply[:2], [b"MDPC01", b"titanic." + service])
        return reply[2:]

    status, uuid = call(b"request", b"shout", b"good bye")
    check("a request", status, b"200")
    check("32 characters name it", bool(re.fullmatch(b"[0-9A-Za-z]{32}", uuid)), True)
    late = time.monotonic() + PATIENCE / 1000
    while (reply := call(b"reply", uuid)) == [b"300"] and time.monotonic() < late:
        pass
    check("its reply", reply, [b"200", b"GOOD BYE"])
    check("which stays", call(b"reply", uuid), reply)
    check("closed", call(b"close", uuid), [b"200"])
    check("closed again", call(b"close", uuid), [b"200"])
    check("unknown from now on", call(b"reply", uuid), [b"400"])
    check("no id at all", call(b"reply", b"\xff"), [b"400"])


main(*sys.argv[1:])
