#!/usr/bin/env python3
"""One client of a volunteer takes nothing any more while the egress goes on sending to it: the volunteer's other clients
notice nothing, and what waits for the stalled one is bounded.

FB_STALL_SECONDS: how long it is stalled; the daily tests take a shorter look."""
import os
import signal
import statistics
import time
import unittest

import curl
import report
import website
from chain import Chain, eventually

STALL = float(os.environ.get("FB_STALL_SECONDS", "9"))  # seconds; a link without consent is closed after ten
BEFORE = 40                # fetches that tell what is usual
PACE = 0.125               # seconds from one fetch to the next: an egress grants a session 600 destinations a minute
MORE_MEMORY = 16 << 20     # bytes; windows of a session and queues of a slot
SLOWER, MORE = 1.5, 0.02   # a fetch may take this times what is usual, and seconds more, on a busy machine
DOWNLOAD_BYTES = 300_000_000
RECOVERY_LIMIT = 45.0      # seconds; a client that was away is back when it has found a way out again


class StalledSlot(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def fetch(self, client):
        got = curl.fetch(client.port, "connect", self.site.url("/bytes/20000"))
        self.assertEqual((got.exit, got.size), (0, 20_000), got.error)
        return got.seconds

    @staticmethod
    def spread(seconds):
        """(p50, p95)"""
        cuts = statistics.quantiles(seconds, n=20)
        return cuts[9], cuts[18]

    def test_the_other_clients_of_a_volunteer_notice_nothing(self):
        volunteer = self.chain.volunteer("--slots", "3")
        stalled, other = self.chain.client(), self.chain.client()
        self.fetch(other)
        usual = self.spread([self.fetch(other) for _ in range(BEFORE)])
        download = curl.start(stalled.port, "connect", self.site.url(f"/bytes/{DOWNLOAD_BYTES}"))
        self.addCleanup(download.close)
        eventually(lambda: download.size > 5_000_000, "the download runs")
        memory = volunteer.memory(), self.chain.egress_program.memory()
        stalled.signal(signal.SIGSTOP)
        self.addCleanup(stalled.signal, signal.SIGCONT)
        began, meanwhile = time.monotonic(), []
        while time.monotonic() - began < STALL:
            meanwhile.append(self.fetch(other))
            time.sleep(max(0.0, began + len(meanwhile) * PACE - time.monotonic()))
        during = self.spread(meanwhile)
        print("ms, p50 and p95 of a fetch: usual %.1f %.1f, while one is stalled %.1f %.1f (n=%d)" %
              (*(1e3 * t for t in (*usual, *during)), len(meanwhile)))
        for now, before, program in zip((volunteer.memory(), self.chain.egress_program.memory()), memory, "ve"):
            self.assertLess(now - before, MORE_MEMORY, program)
        for now, before in zip(during, usual):
            self.assertLessEqual(now, SLOWER * before + MORE)
        stalled.signal(signal.SIGCONT)
        began = time.monotonic()
        size = download.size
        eventually(lambda: download.size > size + 10_000_000 or not download.running, "it goes on", RECOVERY_LIMIT)
        print(f"the stalled one went on after {time.monotonic() - began:.1f} s")
        self.assertEqual(download.finish(60), (0, website.sha256(website.noise(DOWNLOAD_BYTES))))
        # What was dropped on the way to it is counted when its stay is over; a leg that was paused drops little.
        stalled.terminate()
        eventually(lambda: volunteer.metric("footbridge_proxy_clients") == 1, "its slot is free")
        print({name: count for name, count in volunteer.metrics().items() if "dropped" in name and count})


if __name__ == "__main__":
    report.main()
