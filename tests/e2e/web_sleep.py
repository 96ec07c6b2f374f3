#!/usr/bin/env python3
"""A browser that helps somebody is stopped as by a computer that sleeps, and goes on half a minute later: its volunteer asks again, says
what is true, and helps."""
import os
import signal
import time
import unittest

import curl
import report
from chain import eventually
from web_volunteer import InBrowser, InChromium, InFirefox

ASLEEP = 30.0  # seconds: longer than a broker holds a request, and than any link lives without a word
AWAKE = 15.0   # seconds until it asks again, and helps
SLACK = 5.0    # seconds that a busy machine adds to that


class WebSleep(InBrowser):
    def polls(self):
        return self.chain.broker_program.metric("footbridge_broker_polls_total")

    def helps(self, client):
        return curl.fetch(client.port, "http", self.site.url("/none"), "--max-time", "5").status == 204

    def test_a_volunteer_that_wakes_up_helps_again(self):
        self.press("start")
        self.until("waiting")
        client = self.chain.client()
        self.assertTrue(self.helps(client))
        self.until("helping")
        os.killpg(self.browser.pid, signal.SIGSTOP)
        time.sleep(ASLEEP)
        self.assertFalse(self.helps(client), "the browser did not sleep")
        polls, said = self.polls(), len(self.page.said)
        os.killpg(self.browser.pid, signal.SIGCONT)
        began = time.monotonic()
        eventually(lambda: self.polls() > polls, "it asks again", AWAKE + SLACK)
        asked = time.monotonic() - began
        eventually(lambda: self.helps(client), "it helps again", AWAKE + SLACK)
        print(f"  {self.program}: asked {asked:.1f} s after waking, helped after {time.monotonic() - began:.1f} s")
        self.assertLess(time.monotonic() - began, AWAKE + SLACK)
        eventually(lambda: len(self.page.said) > said and self.page.last["state"] == "helping" and self.page.last["helpingNow"] == 1,
                   "it says what is true")
        eventually(lambda: self.chain.leg_connections() == 1, "who was there before is not any more")


class Chromium(InChromium, WebSleep, unittest.TestCase):
    pass


class Firefox(InFirefox, WebSleep, unittest.TestCase):
    pass


if __name__ == "__main__":
    report.main()
