#!/usr/bin/env python3
"""Clients that begin a path's handshake at the egress and never go on with it (W3): nobody else waits for them, neither
who has a session, nor who joins one, nor who begins one."""
import time
import unittest

import curl
import raw_websocket
import report
import rendezvous_request
import website
from chain import LOOPBACK, eventually
from leg_forwarder import ForwardedChain
from raw_websocket import BINARY

STALLED = 60           # legs
BEGIN_LIMIT = 4.0      # seconds from a client's start to its first page; where one handshake held up all, it was 5 to 10
PAGE_LIMIT = 2.0       # seconds; the same
PATHS_LIMIT = 20.0     # seconds until all paths of a newcomer stand
CLEAN_LIMIT = 30.0     # seconds until the egress has given all of them up


class StalledHandshakes(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(ForwardedChain([self.site.address]))

    def stall(self, first):
        """A leg on which a client has said hello in due form, and then nothing."""
        target = rendezvous_request.leg_target(LOOPBACK, self.chain.broker_program.port)
        leg, head = raw_websocket.dial(LOOPBACK, self.chain.egress_program.port, target)
        self.addCleanup(leg.sock.close)
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head)
        for message in first:
            leg.send(BINARY, message)
        return leg

    def page(self, client):
        got = curl.fetch(client.port, "http", self.site.url("/bytes/1000"))
        self.assertEqual((got.status, got.size), (200, 1000), got.error)
        return got.seconds

    def test_hold_up_nobody(self):
        for _ in range(4):
            self.chain.volunteer("--slots", "10")
        client = self.chain.client()
        self.page(client)
        eventually(lambda: self.chain.legs() == 3, "its paths stand")
        # What a real client says first, fillers included, up to where the egress has to answer: its Initial.
        first = next(leg.first_messages()[:4] for leg in self.chain.forwarder.legs if leg.first_messages())
        stalled = [self.stall(first) for _ in range(STALLED)]
        answered = sum(1 for leg in stalled if next(leg.frames(), None))
        self.assertEqual(answered, STALLED, "the egress took them for clients, answered, and waits")
        self.assertEqual(self.chain.legs(), 3 + STALLED)
        seconds = [self.page(client) for _ in range(10)]
        began = time.monotonic()
        newcomer = self.chain.client()
        self.page(newcomer)
        begun = time.monotonic() - began
        eventually(lambda: newcomer.metric("footbridge_connect_paths") == 3, "the newcomer's other paths join", PATHS_LIMIT)
        print(f"beside {STALLED} stalled handshakes: pages in at most {max(seconds) * 1000:.0f} ms, a new client's first after "
              f"{begun:.2f} s, all its paths after {time.monotonic() - began:.2f} s")
        self.assertLess(max(seconds), PAGE_LIMIT)
        self.assertLess(begun, BEGIN_LIMIT)
        eventually(lambda: self.chain.legs() == 6, "the stalled ones are given up, and nobody else", CLEAN_LIMIT)
        self.page(client)


if __name__ == "__main__":
    report.main()
