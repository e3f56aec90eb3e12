#!/usr/bin/python3
"""libzmq's zmq_proxy: what zcat's proxy is held against.

    proxy.py FRONT BACK --capture EP

A queue of ROUTER and DEALER, both bound, with a PUB that gets a copy of every
message. It runs until a signal ends it.
"""

import argparse
import signal

import zmq


def main():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    p = argparse.ArgumentParser(prog="proxy.py", allow_abbrev=False)
    p.add_argument("front")
    p.add_argument("back")
    p.add_argument("--capture", required=True)
    args = p.parse_args()
    context = zmq.Context()
    sockets = []
    for kind, endpoint in (zmq.ROUTER, args.front), (zmq.DEALER, args.back), (zmq.PUB, args.capture):
        sockets.append(context.socket(kind))
        sockets[-1].bind(endpoint)
    zmq.proxy(*sockets)


if __name__ == "__main__":
    main()
