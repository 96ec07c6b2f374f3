#!/usr/bin/env python3
"""A client never meets the volunteer of its own installation, whose connection is the one that it wants to leave."""
import unittest

import curl
import report
import website
from chain import Chain, eventually


class SameInstallation(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def status(self, client):
        return curl.fetch(client.port, "http", self.site.url("/none")).status

    def test_its_own_volunteer_is_not_used_even_if_it_is_the_only_one(self):
        state = ("--state-dir", self.chain.path("state"))
        own, client = self.chain.volunteer(*state), self.chain.client(*state, "--timeout", "2s")
        broker = self.chain.broker_program
        eventually(lambda: broker.metric("footbridge_broker_waiting_proxies") == 1, "the volunteer waits")
        self.assertEqual(self.status(client), 504)
        self.assertEqual(own.metric("footbridge_proxy_clients_helped_total"), 0)
        other = self.chain.volunteer("--state-dir", self.chain.path("elsewhere"))
        eventually(lambda: self.status(client) == 204, "somebody else's volunteer helps")
        self.assertEqual(own.metric("footbridge_proxy_clients_helped_total"), 0)
        self.assertEqual(other.metric("footbridge_proxy_clients_helped_total"), 1)

    def test_it_is_the_same_installation_after_a_restart(self):
        state = ("--state-dir", self.chain.path("state"))
        self.assertEqual(self.chain.volunteer(*state).terminate(), 0)
        own = self.chain.volunteer(*state)
        client = self.chain.client(*state, "--timeout", "2s")
        self.assertEqual(self.status(client), 504)
        self.assertEqual(own.metric("footbridge_proxy_clients_helped_total"), 0)

    def test_everybody_else_may_use_it(self):
        self.chain.volunteer("--state-dir", self.chain.path("one"))
        client = self.chain.client("--state-dir", self.chain.path("two"))
        self.assertEqual(self.status(client), 204)


if __name__ == "__main__":
    report.main()
