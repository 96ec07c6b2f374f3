#!/usr/bin/env python3
"""Parts of the chain die without a word: a session survives its volunteer, and everybody finds back to who returns."""
import time
import unittest

import curl
import report
import website
from chain import Chain, eventually

DOWNLOAD_BYTES = 60_000_000
RATE = "15M"           # bytes per second
REPARK_LIMIT = 20.0    # seconds from a broker's return to a volunteer that waits there again
RECOVERY_LIMIT = 30.0  # seconds to a request's success after the egress returns


class Survival(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def fetch_status(self, client):
        return curl.fetch(client.port, "http", self.site.url("/none"), "--max-time", "20").status

    def carrying(self, volunteers):
        """The volunteer through which data moves at this moment."""
        def down(volunteer):
            return volunteer.metric("footbridge_proxy_relayed_down_bytes_total")
        before = [down(volunteer) for volunteer in volunteers]
        def moved():
            return [v for v, had in zip(volunteers, before) if down(v) > had + 1_000_000]
        # A link needs 10 s without a sign of life to give a dead volunteer up; then the next one is sought.
        return eventually(moved, "a volunteer carries the download", RECOVERY_LIMIT)[0]

    def start_download(self, client):
        download = curl.start(client.port, "connect", self.site.url(f"/bytes/{DOWNLOAD_BYTES}"), "--limit-rate", RATE)
        self.addCleanup(download.close)
        return download

    def check_download(self, download):
        self.assertEqual(download.finish(90), (0, website.sha256(website.noise(DOWNLOAD_BYTES))))
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 1,
                         "the download went on in another session")

    def test_a_download_survives_its_volunteers_sudden_death(self):
        volunteers = [self.chain.volunteer(), self.chain.volunteer()]
        download = self.start_download(self.chain.client())
        self.carrying(volunteers).kill()
        self.assertTrue(download.running, "the download was over before the volunteer died")
        self.check_download(download)

    def test_a_download_survives_two_deaths_when_somebody_new_comes(self):
        volunteers = [self.chain.volunteer(), self.chain.volunteer()]
        download = self.start_download(self.chain.client())
        for volunteer in volunteers:
            self.carrying([v for v in volunteers if v.running]).kill()
        size = download.size
        volunteers.append(self.chain.volunteer())
        eventually(lambda: download.size > size, "the download goes on", RECOVERY_LIMIT)
        self.check_download(download)
        moved = {how: self.chain.egress_program.metric(f'footbridge_session_migrations_total{{outcome="{how}"}}')
                 for how in ("kept", "resumed", "lost")}
        self.assertGreaterEqual(moved["kept"] + moved["resumed"], 2, "both deaths are counted")
        self.assertEqual(moved["lost"], 0)

    def test_a_download_survives_a_volunteer_that_leaves_politely(self):
        volunteers = [self.chain.volunteer(), self.chain.volunteer()]
        download = self.start_download(self.chain.client())
        self.assertEqual(self.carrying(volunteers).terminate(), 0)
        self.check_download(download)

    def test_a_download_does_not_notice_that_the_broker_dies(self):
        volunteer = self.chain.volunteer()
        download = self.start_download(self.chain.client())
        self.carrying([volunteer])
        self.chain.broker_program.kill()
        self.check_download(download)

    def test_volunteers_are_back_soon_after_the_broker(self):
        for _ in range(3):
            self.chain.volunteer()
        broker = self.chain.broker_program
        def parked(broker):
            return broker.metric("footbridge_broker_waiting_proxies") == 3
        eventually(lambda: parked(broker), "all volunteers wait at the broker")
        broker.kill()
        broker = self.chain.start_broker(broker.port)
        began = time.monotonic()
        eventually(lambda: parked(broker), "all volunteers wait at the broker again", REPARK_LIMIT)
        print(f"parked again {time.monotonic() - began:.1f} s after the broker's return")
        client = self.chain.client()
        self.assertEqual(self.fetch_status(client), 204)

    def test_new_requests_succeed_after_the_egress_comes_back(self):
        self.chain.volunteer()
        client = self.chain.client()
        self.assertEqual(self.fetch_status(client), 204)
        egress = self.chain.egress_program
        egress.kill()
        self.chain.start_egress(egress.port)
        began = time.monotonic()
        eventually(lambda: self.fetch_status(client) == 204, "a request succeeds again", RECOVERY_LIMIT)
        print(f"recovered {time.monotonic() - began:.1f} s after the egress's return")

    def test_requests_succeed_after_an_egress_that_left_politely_comes_back(self):
        self.chain.volunteer()
        client = self.chain.client()
        self.assertEqual(self.fetch_status(client), 204)
        egress = self.chain.egress_program
        self.assertEqual(egress.terminate(), 0)
        self.chain.start_egress(egress.port)
        began = time.monotonic()
        eventually(lambda: self.fetch_status(client) == 204, "a request succeeds again", RECOVERY_LIMIT)
        print(f"recovered {time.monotonic() - began:.1f} s after the egress's return")


if __name__ == "__main__":
    report.main()
