#!/usr/bin/env python3
"""A relay leg lives exactly as long as a client's link: none before, and gone soon after the client."""
import time
import unittest

import curl
import report
import website
from chain import Chain, eventually

ORDERLY_LIMIT = 5.0   # seconds from the client's goodbye to the end of its leg: long before consent would run out
CONSENT_LIMIT = 25.0  # seconds after which a client that says nothing any more is gone: 10, and a busy machine (RFC 7675: 30)


class RelayLegs(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def wait_for_leg(self):
        eventually(lambda: self.chain.legs() == 1, "the client's path stands")
        self.assertEqual(self.chain.leg_connections(), 1)

    def wait_until_gone(self, limit):
        began = time.monotonic()
        eventually(lambda: self.chain.leg_connections() == 0 and self.chain.legs() == 0, "the leg is closed", limit)
        return time.monotonic() - began

    def test_there_is_none_before_a_link_opens(self):
        volunteer = self.chain.volunteer()
        broker = self.chain.broker_program
        eventually(lambda: broker.metric("footbridge_broker_waiting_proxies") >= 1, "the volunteer waits at the broker")
        self.assertEqual(self.chain.leg_connections(), 0, "a volunteer without clients talks to the egress")
        # An offer is answered, but nobody opens the link: the volunteer's slot is taken, and still there is no leg.
        client = self.chain.client()
        self.wait_for_leg()
        client.kill()
        self.assertEqual(volunteer.metric("footbridge_proxy_clients_helped_total"), 1)

    def test_a_client_without_a_volunteer_causes_none(self):
        client = self.chain.client("--timeout", "2s")
        self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 504)
        self.assertEqual((self.chain.leg_connections(), self.chain.legs()), (0, 0))

    def test_it_ends_with_a_client_that_says_goodbye(self):
        self.chain.volunteer()
        client = self.chain.client()
        self.wait_for_leg()
        self.assertEqual(client.terminate(), 0)
        self.wait_until_gone(ORDERLY_LIMIT)

    def test_it_ends_with_a_client_that_is_gone_without_a_word(self):
        volunteer = self.chain.volunteer()
        client = self.chain.client()
        self.wait_for_leg()
        client.kill()
        took = self.wait_until_gone(CONSENT_LIMIT)
        eventually(lambda: volunteer.metric("footbridge_proxy_clients") == 0, "the slot is free")
        print(f"closed {took:.1f} s after SIGKILL")

    def test_it_ends_with_the_volunteer(self):
        volunteer = self.chain.volunteer()
        self.chain.client()
        self.wait_for_leg()
        volunteer.kill()
        self.wait_until_gone(ORDERLY_LIMIT)


if __name__ == "__main__":
    report.main()
