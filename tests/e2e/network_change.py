#!/usr/bin/env python3
"""The machine gets another address while a client rests. What it had is dead, and nothing that rests could notice before
the next sign of life is due: the client notices the change itself, and has a way out again at once."""
import time
import unittest

import curl
import namespaces
import report
import website
from chain import LIBC, Chain, eventually

INTERFACE, OLD, NEW = "here", "11.3.0.2/24", "11.4.0.2/24"
NOTICE_LIMIT = 10.0  # seconds from the change to a way out; signs of life come after 15 to 25
QUICK = 5.0          # seconds of a request afterwards; hundredths, and on the dead path it would wait as long


@unittest.skipIf(namespaces.why_not(), namespaces.why_not())
class NetworkChange(unittest.TestCase):
    def setUp(self):
        self.assertEqual(LIBC.unshare(namespaces.CLONE_NEWNET), 0)
        for words in ("link set lo up", f"link add {INTERFACE} type veth peer name there", "link set there up",
                      f"link set {INTERFACE} up", f"addr add {OLD} dev {INTERFACE}"):
            namespaces.run("ip", *words.split())
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def fetch(self, client):
        return curl.fetch(client.port, "http", self.site.url("/none"))

    def test_a_resting_client_notices_at_once_and_its_session_goes_on(self):
        volunteers = [self.chain.volunteer() for _ in range(2)]
        client = self.chain.client("--idle-after", "2s")
        self.assertEqual(self.fetch(client).status, 204)
        eventually(lambda: client.metric("footbridge_connect_paths_standby") == 1, "the client rests")
        eventually(lambda: sum(v.metric("footbridge_proxy_clients") for v in volunteers) == 1, "with one volunteer")
        began = time.monotonic()
        ended = client.log().count("event=path-ended")
        namespaces.run("ip", "addr", "add", NEW, "dev", INTERFACE)
        namespaces.run("ip", "addr", "del", OLD, "dev", INTERFACE)
        eventually(lambda: "event=network-changed" in client.log(), "the client notices")
        eventually(lambda: client.log().count("event=path-ended") > ended and client.metric("footbridge_connect_paths") >= 1,
                   "another way out replaces the dead one", NOTICE_LIMIT)
        print(f"another way out {time.monotonic() - began:.2f} s after the change")
        got = self.fetch(client)
        self.assertEqual(got.status, 204)
        self.assertLess(got.seconds, QUICK)
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 1)


if __name__ == "__main__":
    report.main()
