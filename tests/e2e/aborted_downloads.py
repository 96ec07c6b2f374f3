#!/usr/bin/env python3
"""Downloads that are broken off at any moment, and connections that come and go, leave nothing behind.

FB_OPENINGS: how many connections come and go; the daily tests do with fewer."""
import os
import random
import socket
import unittest
from concurrent.futures import ThreadPoolExecutor

import curl
import report
import website
from chain import Chain, eventually

ABORTED = 50
DOWNLOAD_BYTES = 100_000_000
SEED = 7
AT_ONCE = 5.0             # seconds for a fetch after all that: of what stayed behind, some would wait for a minute
MORE_MEMORY = 12 << 20    # bytes a program may keep: its buffers for one session, which are reused
OPENINGS = int(os.environ.get("FB_OPENINGS", "400"))
ABREAST = 8
# An egress allows a session 60 destinations in a minute that fail or are left before they answer, and 600 in all: so few of
# OPENINGS are HASTY that none is refused for that reason.
DESTINATIONS = 600
HASTY = 10                # one of so many is refused, or goes before the answer; the others go after it
SERVES_LIMIT = 90.0       # seconds; with more OPENINGS some are refused, and a minute has to pass
SPARE_DESCRIPTORS = 2     # a listener's next connection and an admin request
SOCKS_HELLO, HTTP_HALF = b"\x05\x01\x00", b"GET http://127.0.0.1/ HTTP/1.1\r\nHo"


class ComingAndGoing(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))
        self.volunteer = self.chain.volunteer()
        self.client = self.chain.client()
        got = curl.fetch(self.client.port, "connect", self.site.url(f"/bytes/{DOWNLOAD_BYTES}"))
        self.assertEqual(got.size, DOWNLOAD_BYTES)
        self.wait_until_nothing_is_left()
        self.programs = [self.chain.egress_program, self.volunteer, self.client]
        self.before = [(p.memory(), p.descriptors(), p.threads()) for p in self.programs]

    def wait_until_nothing_is_left(self):
        eventually(lambda: self.client.metric("footbridge_connect_streams") == 0, "no stream is left at the client")
        eventually(lambda: self.chain.egress_program.metric("footbridge_egress_streams") == 0, "nor at the egress")
        eventually(lambda: self.client.metric("footbridge_connect_connections") == 0, "nor a connection")

    def check_as_before(self):
        got = curl.fetch(self.client.port, "connect", self.site.url("/bytes/100000"))
        self.assertEqual((got.exit, got.size), (0, 100_000), got.error)
        self.assertLess(got.seconds, AT_ONCE)
        self.wait_until_nothing_is_left()
        for program, (memory, descriptors, threads) in zip(self.programs, self.before):
            print(f"{program.name}: {(program.memory() - memory) / 1e6:+.1f} MB, "
                  f"{program.descriptors() - descriptors:+d} descriptors")
            self.assertLess(program.memory(), memory + MORE_MEMORY, program.name)
            eventually(lambda: program.descriptors() <= descriptors + SPARE_DESCRIPTORS, f"{program.name}'s descriptors")
            self.assertEqual(program.threads(), threads, program.name)

    def test_fifty_aborted_downloads(self):
        dice = random.Random(SEED)
        for number in range(ABORTED):
            download = curl.start(self.client.port, dice.choice(("http", "connect", "socks5h")),
                                  self.site.url(f"/bytes/{DOWNLOAD_BYTES}"), "--no-buffer")
            self.addCleanup(download.close)
            wanted = dice.choice((0, 1, dice.randrange(100_000), dice.randrange(DOWNLOAD_BYTES // 8)))
            eventually(lambda: download.size >= wanted or not download.running, f"download {number} reaches {wanted}")
            self.assertTrue(download.running)
            download.abort()
        self.check_as_before()

    def open_and_close(self, number):
        dice = random.Random(SEED * 1_000_003 + number)
        hasty = number % HASTY == 0
        with curl.raw_connection(self.client.port) as connection:
            kind = dice.randrange(8)
            if kind < 3:
                connection.sendall((b"", SOCKS_HELLO, HTTP_HALF)[kind])
            elif kind < 5 and hasty:  # refused here or at the egress
                connection.sendall(f"CONNECT 127.0.0.1:{9 + kind} HTTP/1.1\r\n\r\n".encode())
            else:
                connection.sendall(f"CONNECT {self.site.address} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                if not hasty and OPENINGS < DESTINATIONS:
                    self.assertIn(b" 200 ", connection.recv(100))
            if dice.randrange(2):
                connection.settimeout(0.05)
                try:
                    connection.recv(100)
                except (TimeoutError, ConnectionError):
                    pass
            if dice.randrange(2):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    def test_many_connections_that_come_and_go(self):
        with ThreadPoolExecutor(ABREAST) as pool:
            for outcome in pool.map(self.open_and_close, range(OPENINGS)):
                self.assertIsNone(outcome)
        self.wait_until_nothing_is_left()
        eventually(lambda: curl.fetch(self.client.port, "http", self.site.url("/none")).status == 204, "it serves", SERVES_LIMIT)
        self.check_as_before()


if __name__ == "__main__":
    report.main()
