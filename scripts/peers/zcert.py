#!/usr/bin/python3
"""CZMQ's certificates, the other side in tests.

    zcert.py load FILE    prints both keys and each item of the metadata, a line each
    zcert.py new FILE     writes FILE and FILE_secret, prints both keys
"""

import ctypes
import sys

czmq = ctypes.CDLL("libczmq.so.4")
for name in ("zcert_new", "zcert_load"):
    getattr(czmq, name).restype = ctypes.c_void_p
for name in ("zcert_public_txt", "zcert_secret_txt", "zcert_meta"):
    getattr(czmq, name).restype = ctypes.c_char_p


def main():
    action, name = sys.argv[1:]
    cert = ctypes.c_void_p(czmq.zcert_load(name.encode()) if action == "load" else czmq.zcert_new())
    if not cert.value:
        print("zcert: cannot load", name, file=sys.stderr)
        return 1
    if action == "new":
        czmq.zcert_set_meta(cert, b"name", b"%s", b"joe # smith")
        if czmq.zcert_save(cert, name.encode()) != 0:
            return 1
    print(czmq.zcert_public_txt(cert).decode())
    print(czmq.zcert_secret_txt(cert).decode())
    print((czmq.zcert_meta(cert, b"name") or b"").decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
