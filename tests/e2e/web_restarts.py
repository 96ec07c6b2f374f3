#!/usr/bin/env python3
"""The core of a page's volunteer fails while two clients download through it: another one takes its place, the page says so, and both
downloads go on."""
import time
import unittest

import curl
import report
from chain import eventually
from web_volunteer import InBrowser, InChromium, InFirefox

CARRY_ON = 5.0      # seconds without a byte until both are carried again
SLACK = 3.0         # seconds that a busy machine adds to that
ENOUGH = 2_000_000  # bytes: it runs
NOWHERE = {"number": 200, "epoch": 1}  # no slot of a volunteer's: what the core takes for a bug of its host, and stops at


class WebRestarts(InBrowser):
    def test_two_clients_are_carried_again_by_the_core_that_takes_the_place_of_one_that_failed(self):
        self.press("start")
        self.until("waiting")
        clients = [self.chain.client(), self.chain.client()]
        for client in clients:
            self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)
        downloads = [self.far.start(client.port, "down").receiver for client in clients]
        eventually(lambda: all(each.count > ENOUGH for each in downloads), "both downloads run")
        self.assertEqual(self.chain.leg_connections(), 2)
        before = len(self.page.said)
        for each in downloads:
            each.mark()
        began = time.monotonic()
        self.tell(to="event", run=0, event={"what": "linkOpen", "at": NOWHERE})
        eventually(lambda: any(word.get("reason") == "restarted" for word in self.page.said[before:]), "the page says so")
        counts = [each.count for each in downloads]
        eventually(lambda: all(each.count > count + ENOUGH for each, count in zip(downloads, counts)), "both downloads go on")
        silence = max(each.silence() for each in downloads)
        print(f"  {self.program}: {silence:.2f} s without a byte, both run again after {time.monotonic() - began:.1f} s")
        self.assertLess(silence, CARRY_ON + SLACK)
        self.until("helping")
        eventually(lambda: "reason" not in self.page.last, "it is well again")
        self.far.finish(30)
        self.assertEqual(self.chain.leg_connections(), 2)
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 2)


class Chromium(InChromium, WebRestarts, unittest.TestCase):
    pass


class Firefox(InFirefox, WebRestarts, unittest.TestCase):
    pass


if __name__ == "__main__":
    report.main()
