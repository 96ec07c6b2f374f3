#!/usr/bin/env python3
"""Ends of connections over a slow path: what was sent before a close arrives to the last byte, and one direction may end
while the other goes on. Each message between volunteer and egress takes ONE_WAY seconds."""
import hashlib
import itertools
import socket
import threading
import time
import unittest

import curl
import report
import website
from chain import LOOPBACK, Chain
from connections import serve_each

ONE_WAY = 0.15  # seconds: a round trip of 300 ms
SIZES = (0, 1, 70_000, 2_000_000)
PIECE = 1 << 16
WAITING_BYTES = 8 << 20  # in one direction of the slow line; beyond that its sender waits


class SlowLine:
    """A TCP relay to `target` on a port of its own that passes on everything ONE_WAY seconds later, ends included."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server((LOOPBACK, 0))
        self.port = self.listener.getsockname()[1]
        serve_each(self.listener, self._serve)

    def _serve(self, near):
        far = socket.create_connection(self.target)
        for sender, receiver in ((near, far), (far, near)):
            receiver.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._carry, args=(sender, receiver), daemon=True).start()

    @staticmethod
    def _carry(sender, receiver):
        queue, room = [], threading.Semaphore(WAITING_BYTES // PIECE)
        arrived = threading.Condition()
        def read():
            piece = b"."
            while piece:
                room.acquire()
                try:
                    piece = sender.recv(PIECE)
                except OSError:
                    piece = b""
                with arrived:
                    queue.append((time.monotonic() + ONE_WAY, piece))
                    arrived.notify()
        threading.Thread(target=read, daemon=True).start()
        while True:
            with arrived:
                arrived.wait_for(lambda: queue)
                due, piece = queue.pop(0)
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not piece:
                    return receiver.shutdown(socket.SHUT_WR)
                receiver.sendall(piece)
            except OSError:
                return sender.close()
            room.release()

    def close(self):
        self.listener.close()


class SlowChain(Chain):
    """The egress is reached over a slow line."""

    def start_egress(self, port=0):
        super().start_egress(port)
        self.line = SlowLine((self.egress_host, self.egress_program.port))
        return self.egress_program

    @property
    def relay_url(self):
        return f"ws://{LOOPBACK}:{self.line.port}/leg"

    def __exit__(self, *failure):
        self.line.close()
        super().__exit__(*failure)


class Peer:
    """A server of raw TCP that does what its first line says, once per connection.

    GET /N HTTP/1.0    a head without a length, N bytes, the end
    send N      N bytes, and closes at once            take      reads to the end and remembers what came
    turn N      reads to the end, then answers with the digest of what came and N bytes, and closes"""

    def __init__(self):
        self.listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.address = "%s:%d" % self.listener.getsockname()
        self.taken = []
        self.changed = threading.Condition()
        serve_each(self.listener, self._serve)

    def _serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            line = stream.readline().split()
            if line[0] == b"GET":  # GET /N HTTP/1.0
                while stream.readline().strip():
                    pass
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + website.noise(int(line[1].rpartition(b"/")[2])))
            elif line[0] == b"send":
                connection.sendall(website.noise(int(line[1])))
            else:
                body = stream.read()
                with self.changed:
                    self.taken.append(hashlib.sha256(body).hexdigest())
                    self.changed.notify_all()
                if line[0] == b"turn":
                    connection.sendall(hashlib.sha256(body).digest() + website.noise(int(line[1])))

    def has_taken(self, digest):
        with self.changed:
            return self.changed.wait_for(lambda: digest in self.taken, 20)

    def close(self):
        self.listener.close()


def setUpModule():
    global chain, client, peer
    peer = Peer()
    unittest.addModuleCleanup(peer.close)
    chain = unittest.enterModuleContext(SlowChain([peer.address]))
    chain.volunteer()
    client = chain.client()


def connect(kind):
    """A connection to the peer through the local proxy, as an application makes it."""
    connection = curl.raw_connection(client.port)
    host, port = peer.address.split(":")
    if kind == "socks":
        connection.sendall(b"\x05\x01\x00")
        assert connection.recv(2) == b"\x05\x00"
        connection.sendall(b"\x05\x01\x00\x01" + socket.inet_aton(host) + int(port).to_bytes(2, "big"))
        answer = connection.recv(10, socket.MSG_WAITALL)
        assert answer[1] == 0, answer
    else:
        connection.sendall(f"CONNECT {peer.address} HTTP/1.1\r\nHost: {peer.address}\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += connection.recv(1)
        assert b" 200 " in answer, answer
    return connection


def read_all(connection):
    out = bytearray()
    while piece := connection.recv(PIECE):
        out += piece
    return bytes(out)


EACH = list(itertools.product(("socks", "connect"), SIZES))


class Ends(unittest.TestCase):
    def test_every_byte_arrives_of_a_server_that_closes_after_the_last_one(self):
        for kind, size in EACH:
            with self.subTest(kind=kind, size=size), connect(kind) as connection:
                connection.sendall(b"send %d\n" % size)
                self.assertEqual(website.sha256(read_all(connection)), website.sha256(website.noise(size)))

    def test_every_byte_arrives_of_an_application_that_closes_after_the_last_one(self):
        for number, (kind, size) in enumerate(EACH):
            with self.subTest(kind=kind, size=size):
                body = number.to_bytes(4, "big") + website.noise(size)
                with connect(kind) as connection:
                    connection.sendall(b"take\n" + body)
                self.assertTrue(peer.has_taken(website.sha256(body)), "the end was cut off")

    def test_an_application_that_has_finished_sending_still_gets_its_answer(self):
        for kind, size in EACH:
            with self.subTest(kind=kind, size=size), connect(kind) as connection:
                connection.sendall(b"turn %d\n" % size + website.noise(size))
                connection.shutdown(socket.SHUT_WR)
                answer = read_all(connection)
                digest = hashlib.sha256(website.noise(size)).digest()
                self.assertEqual(website.sha256(answer), website.sha256(digest + website.noise(size)))

    def test_an_answer_without_length_ends_where_the_server_ends_it(self):
        for scheme, size in itertools.product(("http", "connect", "socks5h"), SIZES):
            with self.subTest(scheme=scheme, size=size):
                got = curl.fetch(client.port, scheme, f"http://{peer.address}/{size}", "--http1.0")
                self.assertEqual((got.exit, got.sha256), (0, website.sha256(website.noise(size))), got.error)


if __name__ == "__main__":
    report.main()
