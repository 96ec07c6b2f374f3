#!/usr/bin/env python3
"""Who goes without a word while a browser carries: a client that is killed or falls silent is noticed by the page, and a tab
that is closed in the middle of a download costs its client less than a second."""
import signal
import time
import unittest

import curl
import report
from chain import eventually
from web_volunteer import InBrowser, InChromium, InFirefox

NOTICED = 15.0     # seconds until a page lets go of a client that is gone (U18)
RATE = 2_000_000   # bytes per second of the volunteer that is no browser
BOTH = 30.0        # seconds until both carry, on a busy machine
ENOUGH = 1_000_000  # bytes: it is in use
SILENCE = 1.0      # seconds without a byte when a tab is closed
SLACK = 3.0        # seconds that a busy machine adds to that


class WebDepartures(InBrowser):
    def carry(self):
        self.press("start")
        self.until("waiting")
        client = self.chain.client()
        self.assertEqual(curl.fetch(client.port, "socks5h", self.site.url("/bytes/100000")).exit, 0)
        self.until("helping")
        return client

    def test_clients_that_were_killed_or_fell_silent_are_let_go(self):
        killed, silent = self.carry(), self.chain.client()
        self.assertEqual(curl.fetch(silent.port, "socks5h", self.site.url("/bytes/100000")).exit, 0)
        eventually(lambda: self.chain.leg_connections() == 2, "both are carried")
        began = time.monotonic()
        killed.kill()
        silent.signal(signal.SIGSTOP)
        eventually(lambda: self.chain.leg_connections() == 0 and self.page.last["helpingNow"] == 0, "both are let go", NOTICED + SLACK)
        print(f"  {self.program}: let go after {time.monotonic() - began:.1f} s")
        silent.kill()

    def test_a_tab_that_is_closed_in_the_middle_of_a_download_costs_less_than_a_second(self):
        client = self.carry()
        self.chain.volunteer("--max-rate", f"{RATE}B")
        download = self.far.start(client.port, "down")
        eventually(lambda: client.metric("footbridge_connect_paths") == 2, "two paths", BOTH)
        carried = self.page.last["bytesDown"]
        eventually(lambda: self.page.last["bytesDown"] > carried + ENOUGH, "the page carries", BOTH)
        download.receiver.mark()
        count = download.receiver.count
        self.kill_browser()
        eventually(lambda: download.receiver.count > count + 4 * RATE, "the download goes on", BOTH)
        print(f"  {self.program}: {download.receiver.silence():.2f} s without a byte")
        self.assertLess(download.receiver.silence(), SILENCE + SLACK)
        self.far.finish(BOTH)
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 1)


class Chromium(InChromium, WebDepartures, unittest.TestCase):
    pass


class Firefox(InFirefox, WebDepartures, unittest.TestCase):
    pass


if __name__ == "__main__":
    report.main()
