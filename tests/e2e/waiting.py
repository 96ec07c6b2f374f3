#!/usr/bin/env python3
"""Requests that come before there is a way out wait for it; at the deadline they fail and say why."""
import threading
import time
import unittest

import curl
import report
import website
from chain import Chain

TIMEOUT = 3.0     # seconds; --timeout of the client
TOLERANCE = 8.0   # seconds that a loaded machine may add; without --timeout it would be 60


class Waiting(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def check_deadline(self, client, scheme, exit_code, status, connect):
        began = time.monotonic()
        got = curl.fetch(client.port, scheme, self.site.url("/none"))
        took = time.monotonic() - began
        self.assertEqual((got.exit, got.status, got.connect), (exit_code, status, connect), got.error)
        self.assertTrue(TIMEOUT - 0.1 <= took <= TIMEOUT + TOLERANCE, f"took {took:.1f} s")
        return got.body.decode()

    def test_without_a_volunteer_they_fail_at_the_deadline_and_say_why(self):
        client = self.chain.client("--timeout", "3s")
        why = self.check_deadline(client, "http", curl.EXIT_OK, 504, 0)
        self.assertRegex(why, r"No way out was found in time\. Reason: .*volunteer")
        self.check_deadline(client, "connect", curl.EXIT_CONNECT_REFUSED_BY_PROXY, 0, 504)
        self.check_deadline(client, "socks5h", curl.EXIT_PROXY, 0, 0)
        self.assertEqual(self.site.connections, 0)

    def test_without_a_broker_they_fail_at_the_deadline_and_say_why(self):
        self.chain.broker_program.kill()
        client = self.chain.client("--timeout", "3s")
        why = self.check_deadline(client, "http", curl.EXIT_OK, 504, 0)
        self.assertRegex(why, r"No way out was found in time\. Reason: .*the broker's address")
        self.assertEqual(client.log().count("event=no-way-out"), 1, "one line says what is wrong")

    def test_without_an_egress_they_fail_at_the_deadline_and_say_why(self):
        self.chain.volunteer()
        self.chain.egress_program.kill()
        client = self.chain.client("--timeout", "3s")
        why = self.check_deadline(client, "http", curl.EXIT_OK, 504, 0)
        self.assertRegex(why, r"in time\. Reason: ")

    def test_they_succeed_when_a_volunteer_comes_in_time(self):
        client = self.chain.client("--timeout", "20s")
        outcomes = {}
        def ask(scheme):
            outcomes[scheme] = curl.fetch(client.port, scheme, self.site.url("/bytes/1000"))
        threads = [threading.Thread(target=ask, args=(scheme,)) for scheme in ("http", "connect", "socks5h", "socks4a")]
        for thread in threads:
            thread.start()
        self.assertEqual(self.site.connections, 0)
        self.chain.volunteer()
        for thread in threads:
            thread.join()
        for scheme, got in outcomes.items():
            self.assertEqual((got.exit, got.status, got.size), (0, 200, 1000), scheme)


if __name__ == "__main__":
    report.main()
