#!/usr/bin/env python3
"""A QUIC client through SOCKS5 UDP ASSOCIATE and the whole chain to a QUIC server, both by quic-go:
quic_go.py PROGRAM BUILD_DIR. Exit status 77 (skipped) with a reason when Go or quic-go is absent."""
import hashlib
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import debian_go  # noqa: E402
import socks_udp  # noqa: E402
from chain import LOOPBACK, Chain  # noqa: E402

SKIPPED = 77
PACKAGE = "github.com/lucas-clemente/quic-go"
SIZES = (0, 1_000, 3_000_000)  # bytes
LIMIT_SECONDS = 60
SOURCE = pathlib.Path(__file__).with_name("quic_go_peer.go")


def noise(count):
    """As quic_go_peer.go makes it."""
    out, state = bytearray(count), 0
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xffffffff
        out[i] = state >> 24
    return bytes(out)


def main():
    os.environ.setdefault("FOOTBRIDGE", sys.argv[1])
    folder = pathlib.Path(sys.argv[2])
    if not debian_go.has(PACKAGE):
        print("SKIPPED: no Go or no quic-go on this machine (scripts/setup interop installs both)")
        return SKIPPED
    folder.mkdir(parents=True, exist_ok=True)
    peer = debian_go.build(SOURCE, folder)
    server = subprocess.Popen([str(peer), "serve", f"{LOOPBACK}:0"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline())
        with Chain(allow=[f"{LOOPBACK}:{port}"]) as chain:
            chain.volunteer()
            client = chain.client()
            for size in SIZES:
                forwarder = socks_udp.Forwarder(client.port, (LOOPBACK, port))
                got = subprocess.run([str(peer), "fetch", f"{LOOPBACK}:{forwarder.port}", str(size)], capture_output=True,
                                     text=True, timeout=LIMIT_SECONDS)
                forwarder.close()
                expected = f"{size} {hashlib.sha256(noise(size)).hexdigest()}"
                print(f"{size} bytes: {got.stdout.strip() or got.stderr.strip()}")
                assert got.stdout.strip() == expected, f"{got.stdout}{got.stderr}\n{chain.logs()}"
    finally:
        server.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
