#!/usr/bin/env python3
"""A volunteer changes its slots while it relays: nobody is cut off, and a surplus leaves before anybody new comes."""
import signal
import unittest

import curl
import report
import website
from chain import Chain, eventually

DOWNLOAD_BYTES = 20_000_000
RATE = "10M"  # bytes per second: two seconds in which slots change


class Slots(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def download(self, client):
        download = curl.start(client.port, "connect", self.site.url(f"/bytes/{DOWNLOAD_BYTES}"), "--limit-rate", RATE)
        self.addCleanup(download.close)
        eventually(lambda: download.size > 0, "the download runs")
        return download

    def check_download(self, download):
        self.assertEqual(download.finish(60), (0, website.sha256(website.noise(DOWNLOAD_BYTES))))

    def set_slots(self, volunteer, count):
        status, text = volunteer.admin("POST", f"/slots?count={count}")
        self.assertEqual((status, text.strip()), (200, f"slots {count}"))

    def test_a_download_survives_every_change_over_the_admin_socket(self):
        volunteer = self.chain.volunteer("--control", "--slots", "1")
        client = self.chain.client()
        download = self.download(client)
        changes = 0
        while download.running:
            self.set_slots(volunteer, 10 if changes % 2 == 0 else 1)
            changes += 1
        self.check_download(download)
        self.assertGreater(changes, 10)
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 1)

    def test_a_download_survives_a_file_that_changes(self):
        config = self.chain.folder / "volunteer.toml"
        def write(slots):
            config.write_text(f"[volunteer]\nslots = {slots}\n")
        write(1)
        volunteer = self.chain.volunteer("--config", str(config))
        client = self.chain.client()
        download = self.download(client)
        for reloads, slots in enumerate((10, 1, 10, 1), 1):
            write(slots)
            volunteer.signal(signal.SIGHUP)
            eventually(lambda: volunteer.log().count("event=reloaded") == reloads, "the file is read again")
        self.check_download(download)

    def test_a_wrong_file_changes_nothing(self):
        config = self.chain.folder / "volunteer.toml"
        config.write_text("[volunteer]\nslots = 1\n")
        volunteer = self.chain.volunteer("--config", str(config))
        client = self.chain.client()
        config.write_text("[volunteer]\nslots = 11\n")
        volunteer.signal(signal.SIGHUP)
        eventually(lambda: "event=reload-refused" in volunteer.log(), "the file is refused")
        self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)

    def test_a_surplus_leaves_before_anybody_new_comes(self):
        volunteer = self.chain.volunteer("--control", "--slots", "2")
        first, second = self.chain.client(), self.chain.client()
        def helped():
            return volunteer.metric("footbridge_proxy_clients")
        eventually(lambda: helped() == 2, "both clients are helped")
        self.set_slots(volunteer, 1)
        third = self.chain.client("--timeout", "2s")
        self.assertEqual(curl.fetch(third.port, "http", self.site.url("/none")).status, 504)
        self.assertEqual(helped(), 2, "fewer slots cut somebody off, or let somebody in")
        for client in (first, second):
            self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)
        second.terminate()
        eventually(lambda: helped() == 1, "the surplus is gone")
        self.assertEqual(curl.fetch(third.port, "http", self.site.url("/none")).status, 504)
        self.set_slots(volunteer, 2)
        eventually(lambda: curl.fetch(third.port, "http", self.site.url("/none")).status == 204, "the third comes in", 20)

    def test_limits_are_changed_and_a_pause_asked_for(self):
        volunteer = self.chain.volunteer("--control")
        client = self.chain.client()
        self.assertEqual(volunteer.admin("POST", "/limits?slots=3&max_rate=2MB&hours=00:00-24:00"),
                         (200, "slots=3 max_rate=2MB hours=00:00-24:00 metered=auto\n"))
        status, text = volunteer.admin("POST", "/limits?pause=1h&max_rate=")
        self.assertEqual(status, 200)
        self.assertRegex(text, "^slots=3 hours=00:00-24:00 metered=auto, paused: asked until ")
        self.assertIn("event=paused why=asked", volunteer.log())
        self.assertEqual(volunteer.admin("POST", "/limits?resume")[1], "slots=3 hours=00:00-24:00 metered=auto\n")
        eventually(lambda: curl.fetch(client.port, "http", self.site.url("/none")).status == 204, "it helps again")
        volunteer.admin("POST", "/limits?metered=yes")
        self.assertIn("event=paused why=metered", volunteer.log())
        status, text = volunteer.admin("POST", "/limits?slots=11")
        self.assertEqual((status, text), (400, '/limits: slots: "11" is too large; it needs a whole number, 1 to 10, for example 2\n'))
        self.assertEqual(self.chain.volunteer().admin("POST", "/limits?slots=1")[0], 404)

    def test_slots_are_changed_by_nobody_else(self):
        closed = self.chain.volunteer("--slots", "1")
        self.assertEqual(closed.admin("POST", "/slots?count=3")[0], 404)
        volunteer = self.chain.volunteer("--control", "--slots", "1")
        for wrong in ("/slots", "/slots?count=0", "/slots?count=11", "/slots?count=x", "/slots?count=3x"):
            self.assertEqual(volunteer.admin("POST", wrong)[0], 400, wrong)
        self.assertEqual(volunteer.admin("GET", "/slots?count=3")[0], 405)


if __name__ == "__main__":
    report.main()
