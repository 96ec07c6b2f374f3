#!/usr/bin/env python3
"""A volunteer keeps to what it wished: an allowance ends its help, also after it was killed, and so do its hours."""
import datetime
import signal
import unittest

import curl
import report
import website
from chain import Chain, eventually

ALLOWANCE = 50_000_000
DRAIN = 30  # seconds that who is here may stay
RATE = "8M"


def hours_without_now():
    """A stretch of the day that begins two hours from now and lasts one."""
    begin = datetime.datetime.now() + datetime.timedelta(hours=2)
    return f"{begin:%H:%M}-{begin + datetime.timedelta(hours=1):%H:%M}"


class VolunteerLimits(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def check_nobody_new(self):
        late = self.chain.client("--timeout", "2s")
        self.assertEqual(curl.fetch(late.port, "http", self.site.url("/none")).status, 504)

    def test_an_allowance_ends_help_and_outlives_the_program(self):
        state = str(self.chain.folder / "kept")
        limits = ("--per-day", "50MB", "--state-dir", state)
        volunteer = self.chain.volunteer(*limits)
        client = self.chain.client()
        download = curl.start(client.port, "connect", self.site.url(f"/bytes/{2 * ALLOWANCE}"), "--limit-rate", RATE)
        self.addCleanup(download.close)
        eventually(lambda: "event=paused why=day-used" in volunteer.log(), "the allowance is used up")
        eventually(lambda: volunteer.metric("footbridge_proxy_clients") == 0, "nobody is helped", limit=DRAIN + 20)
        carried = volunteer.metric("footbridge_proxy_today_bytes")
        self.assertGreaterEqual(carried, ALLOWANCE)
        self.assertLess(carried, ALLOWANCE * 1.05, "much more than a hundredth too much")
        self.check_nobody_new()
        volunteer.kill()
        again = self.chain.volunteer(*limits)
        eventually(lambda: "event=paused why=day-used" in again.log(), "it remembers")
        self.check_nobody_new()

    def test_a_record_that_is_torn_counts_as_used_up(self):
        state = self.chain.folder / "torn"
        state.mkdir(mode=0o700)
        (state / "helping-record").write_text("0100")
        volunteer = self.chain.volunteer("--per-day", "50MB", "--state-dir", str(state))
        self.assertIn("event=record-lost", volunteer.log())
        eventually(lambda: "event=paused why=day-used" in volunteer.log(), "it counts as used up")

    def test_hours_that_end_let_who_is_here_finish_and_nobody_in(self):
        config = self.chain.folder / "volunteer.toml"
        config.write_text("[volunteer]\n")
        volunteer = self.chain.volunteer("--config", str(config))
        client = self.chain.client()
        self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)
        config.write_text(f'[volunteer]\nhours = ["{hours_without_now()}"]\n')
        volunteer.signal(signal.SIGHUP)
        eventually(lambda: "event=paused why=hours" in volunteer.log(), "its hours are over")
        eventually(lambda: volunteer.metric("footbridge_proxy_clients") == 0, "nobody is helped", limit=DRAIN + 20)
        self.check_nobody_new()
        config.write_text("[volunteer]\n")
        volunteer.signal(signal.SIGHUP)
        eventually(lambda: "event=resumed" in volunteer.log(), "it helps again")
        self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)


if __name__ == "__main__":
    report.main()
