#!/usr/bin/env python3
"""Programs that stop reading, or whose destination does: they wait, everybody else goes on, and nobody's memory grows.

FB_STALL_SECONDS: how long nobody reads; the daily tests take a shorter look."""
import contextlib
import hashlib
import os
import socket
import threading
import time
import unittest

import curl
import report
import website
from chain import Chain, eventually

STALL = float(os.environ.get("FB_STALL_SECONDS", "4"))  # seconds; windows are full after a fraction of one
LONG = "FB_STALL_SECONDS" in os.environ
BIG = 1_000_000_000 if LONG else 250_000_000  # bytes that one does not read at first
DOWNLOAD_BYTES = 50_000_000
LEAST_SPEED = 0.6          # of a download of another session at the same time; one without credit stands still
ROUNDS = 3, 12             # of both: so many, and so many more as the machine is too busy with others to tell
MORE_MEMORY = 64 << 20     # bytes that a program may take while somebody stalls
MANY = 40                  # stalled readers at once; more than the session's window has room for
AT_ONCE = 5.0              # seconds for a small page meanwhile; one that waited for a window would wait for ever
PIECE = 1 << 16


class Sink:
    """A destination that accepts a connection and reads nothing until it is let, then all of it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.may_read = threading.Event()
        self.digest, self.count, self.done = hashlib.sha256(), 0, threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        connection, _ = self.listener.accept()
        self.may_read.wait()
        with contextlib.suppress(ConnectionError):  # the end of a test that failed
            while piece := connection.recv(PIECE):
                self.digest.update(piece)
                self.count += len(piece)
            self.done.set()

    def close(self):
        self.may_read.set()
        self.listener.close()


class StalledReaders(unittest.TestCase):
    def setUp(self):
        self.site, self.sink = website.Website(), Sink()
        self.addCleanup(self.site.close)
        self.addCleanup(self.sink.close)
        self.chain = self.enterContext(Chain([self.site.address, self.sink.address]))
        self.volunteer = self.chain.volunteer("--slots", "2")
        self.client, self.elsewhere = self.chain.client(), self.chain.client()
        for client in (self.client, self.elsewhere):
            self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)

    def programs(self):
        return [self.chain.egress_program, self.volunteer, self.client]

    def connect(self, address):
        """A tunnel of ours to `address`, at the moment at which bytes may be sent."""
        connection = curl.raw_connection(self.client.port)
        self.addCleanup(connection.close)
        connection.sendall(f"CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += connection.recv(1)
        self.assertIn(b" 200 ", answer.splitlines()[0])
        return connection

    def ask(self, count):
        connection = self.connect(self.site.address)
        connection.sendall(f"GET /bytes/{count} HTTP/1.1\r\nHost: {self.site.address}\r\n\r\n".encode())
        return connection

    def speed(self, client):
        """Bytes per second of a download, from its own first byte to its last."""
        got = curl.fetch(client.port, "connect", self.site.url(f"/bytes/{DOWNLOAD_BYTES}"))
        self.assertEqual((got.exit, got.size), (0, DOWNLOAD_BYTES), got.error)
        return DOWNLOAD_BYTES / got.seconds

    def check_speed(self, least_seconds):
        """Of downloads beside what is stalled, and of a session without any in turns: the best of each, as the machine may be
        busy at any moment. Returns what the other session had."""
        began, beside, elsewhere = time.monotonic(), [], []
        least, most = ROUNDS
        def enough():
            return (len(beside) >= least and time.monotonic() - began >= least_seconds and
                    (max(beside) >= LEAST_SPEED * max(elsewhere) or len(beside) >= most))
        while not enough():
            elsewhere.append(self.speed(self.elsewhere))
            beside.append(self.speed(self.client))
        print(f"elsewhere {max(elsewhere) / 1e6:.0f} MB/s, beside a stalled one {max(beside) / 1e6:.0f} MB/s, {len(beside)} rounds")
        self.assertGreaterEqual(max(beside), LEAST_SPEED * max(elsewhere))
        return max(elsewhere)

    def check_memory(self, before, when):
        growth = {p.name: p.memory() - had for p, had in zip(self.programs(), before)}
        print(when, {name: f"{bytes / 1e6:+.1f} MB" for name, bytes in growth.items()})
        for name, bytes in growth.items():
            self.assertLess(bytes, MORE_MEMORY, f"{name} {when}")

    def test_a_download_that_nobody_reads_leaves_its_neighbour_its_speed_and_recovers(self):
        before = [p.memory() for p in self.programs()]
        stalled = self.ask(BIG)
        elsewhere = self.check_speed(STALL)
        self.check_memory(before, "while one stalls")
        # It reads again, and gets what it asked for.
        began, left, digest = time.monotonic(), None, hashlib.sha256()
        answers = stalled.makefile("rb")
        while line := answers.readline().strip():
            if line.lower().startswith(b"content-length:"):
                left = int(line.split()[1])
        self.assertEqual(left, BIG)
        buffer = bytearray(1 << 20)
        while left and (count := answers.readinto(memoryview(buffer)[:min(left, len(buffer))])):
            digest.update(memoryview(buffer)[:count])
            left -= count
        speed = BIG / (time.monotonic() - began)
        self.assertEqual(left, 0)
        self.assertEqual(digest.hexdigest(), website.sha256(website.noise(BIG)))
        print(f"the stalled one then ran at {speed / 1e6:.0f} MB/s")
        self.assertGreaterEqual(speed, LEAST_SPEED * elsewhere / 4, "hashing in the reader costs it half, a busy machine as much")
        self.check_memory(before, "afterwards")

    def test_an_upload_that_nobody_reads_waits_and_leaves_its_neighbour_its_speed(self):
        before = [p.memory() for p in self.programs()]
        upload = self.connect(self.sink.address)
        upload.settimeout(0.2)
        digest, sent, stuck_since = hashlib.sha256(), 0, None
        while stuck_since is None or time.monotonic() - stuck_since < 1.0:
            try:
                count = upload.send(website.BLOCK[sent % len(website.BLOCK):][:PIECE])
            except TimeoutError:
                stuck_since = stuck_since or time.monotonic()
                continue
            stuck_since = None
            digest.update(website.BLOCK[sent % len(website.BLOCK):][:count])
            sent += count
            self.assertLess(sent, 64 << 20, "what nobody reads goes on being taken")
        self.check_speed(0)
        self.check_memory(before, f"with {sent / 1e6:.0f} MB on their way to nobody")
        self.sink.may_read.set()
        upload.shutdown(socket.SHUT_WR)
        self.assertTrue(self.sink.done.wait(20), f"{self.sink.count} of {sent} bytes arrived")
        self.assertEqual((self.sink.count, self.sink.digest.hexdigest()), (sent, digest.hexdigest()))

    def test_many_that_nobody_reads_starve_nobody(self):
        stalled = [self.ask(BIG) for _ in range(MANY)]
        eventually(lambda: self.client.metric("footbridge_connect_streams") == MANY, "all are under way")
        relayed = None
        def settled():
            nonlocal relayed
            last, relayed = relayed, self.volunteer.metric("footbridge_proxy_relayed_down_bytes_total")
            time.sleep(0.3)
            return last is not None and relayed - last < 10_000
        eventually(settled, "all windows are full", 20)
        for _ in range(5):
            got = curl.fetch(self.client.port, "connect", self.site.url("/bytes/1000000"))
            self.assertEqual((got.exit, got.sha256), (0, website.sha256(website.noise(1_000_000))))
            self.assertLess(got.seconds, AT_ONCE)
        for connection in stalled:
            connection.close()
        eventually(lambda: self.client.metric("footbridge_connect_streams") == 0, "their streams are gone")
        eventually(lambda: self.chain.egress_program.metric("footbridge_egress_streams") == 0, "at the egress, too")


if __name__ == "__main__":
    report.main()
