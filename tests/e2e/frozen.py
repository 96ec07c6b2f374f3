#!/usr/bin/env python3
"""Parts of the chain fall silent without dying, as a suspended laptop or a lost network does: what was running goes on
through somebody else, or when the silent one is back; the client says what happened; nothing is left behind.

FB_FROZEN_SECONDS: how long those who come back are silent. The daily tests take a shorter look."""
import os
import signal
import time
import unittest

import curl
import report
import website
from chain import SOON, Chain, eventually

SILENCE = float(os.environ.get("FB_FROZEN_SECONDS", "8"))  # seconds; beyond what any detector waits
DOWNLOAD_BYTES = 80_000_000
RATE = "10M"            # bytes per second: the download outlives the silence
RECOVERY_LIMIT = 25.0   # seconds from the silence to progress through somebody else
RETURN_LIMIT = 35.0     # seconds from the return to progress; an offer lost on the silent one is asked anew after 30
UNDER_WAY_BYTES = 16 << 20    # two windows of a session: more than curl can still get from the silent one
CLEAN_LIMIT = 20.0      # seconds until nothing is left of what was broken


class Frozen(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def freeze(self, program):
        program.signal(signal.SIGSTOP)
        self.frozen_at = time.monotonic()
        self.addCleanup(program.signal, signal.SIGCONT)

    def come_back(self, program, download, what):
        """After the rest of SILENCE: that time is what is tested."""
        time.sleep(max(0.0, self.frozen_at + SILENCE - time.monotonic()))
        size, began = download.size, time.monotonic()
        program.signal(signal.SIGCONT)
        eventually(lambda: download.size > size, what, RETURN_LIMIT)
        print(f"{what}: {time.monotonic() - began:.1f} s")

    def start_download(self, client):
        download = curl.start(client.port, "connect", self.site.url(f"/bytes/{DOWNLOAD_BYTES}"), "--limit-rate", RATE)
        self.addCleanup(download.close)
        eventually(lambda: download.size > 1_000_000, "the download runs")
        return download

    def go_on_elsewhere(self, download):
        """Waits for more than can have been under way when the silence began, and says how long nothing came."""
        beyond = download.size + UNDER_WAY_BYTES
        last, gap = [download.size, time.monotonic()], [0.0]
        def gone_on():
            if download.size != last[0]:
                gap[0] = max(gap[0], time.monotonic() - last[1])
                last[:] = [download.size, time.monotonic()]
            return download.size > beyond
        eventually(gone_on, "progress through somebody else", RECOVERY_LIMIT)
        print(f"longest pause while somebody else was found: {gap[0]:.2f} s")

    def check_whole(self, download):
        self.assertEqual(download.finish(60), (0, website.sha256(website.noise(DOWNLOAD_BYTES))))
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 1)

    def check_nothing_left(self, client, volunteers, paths=1):
        """Streams, legs and slots of what was broken are given back, and the client keeps no descriptor of it."""
        egress = self.chain.egress_program
        def left():
            return (client.metric("footbridge_connect_streams"), egress.metric("footbridge_egress_streams"),
                    client.metric("footbridge_connect_paths"), sum(v.metric("footbridge_proxy_clients") for v in volunteers))
        eventually(lambda: left() == (0, 0, paths, paths), "nothing is left of what was broken", CLEAN_LIMIT)
        eventually(lambda: client.descriptors() <= self.descriptors, "the client keeps no descriptor", CLEAN_LIMIT)

    def client_on(self, *volunteers):
        client = self.chain.client("--paths", "1")  # what several paths do when one falls silent is told elsewhere
        self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)
        eventually(lambda: client.metric("footbridge_connect_connections") == 0, "the connection has ended")
        eventually(lambda: client.pair_sockets() == 1, "its link has all its sockets")
        self.descriptors = client.descriptors()
        return client

    def test_a_download_goes_on_through_somebody_else_when_its_volunteer_falls_silent(self):
        first = self.chain.volunteer("--slots", "1")
        client = self.client_on(first)
        download = self.start_download(client)
        second = self.chain.volunteer("--slots", "1")
        self.freeze(first)
        self.go_on_elsewhere(download)
        self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)
        self.check_whole(download)
        self.check_nothing_left(client, [second])
        first.signal(signal.SIGCONT)  # learns that its client has gone, and helps the next one
        eventually(lambda: first.metric("footbridge_proxy_clients") == 0, "the slot is free again", CLEAN_LIMIT)
        self.assertEqual(second.terminate(), 0)
        eventually(lambda: curl.fetch(client.port, "http", self.site.url("/none")).status == 204, "it helps again", 20)

    def test_a_download_waits_for_the_only_volunteer(self):
        volunteer = self.chain.volunteer()
        client = self.client_on(volunteer)
        download = self.start_download(client)
        self.freeze(volunteer)
        eventually(lambda: "why=path-silent" in client.log(), "the client says so", SOON)
        late = curl.start(client.port, "http", self.site.url("/bytes/1000"), "--max-time", "30")
        self.addCleanup(late.close)
        self.come_back(volunteer, download, "progress when the volunteer is back")
        self.assertEqual(late.finish(20), (0, website.sha256(website.noise(1000))))
        self.check_whole(download)
        self.check_nothing_left(client, [volunteer])

    def test_a_download_waits_for_the_egress(self):
        volunteer = self.chain.volunteer()
        client = self.client_on(volunteer)
        download = self.start_download(client)
        egress = self.chain.egress_program
        self.freeze(egress)
        eventually(lambda: "why=path-silent" in client.log(), "the client says so", SOON)
        got = curl.fetch(client.port, "http", self.site.url("/none"), "--max-time", "3")
        self.assertEqual(got.exit, curl.EXIT_TIMEOUT, "nobody could have answered")
        self.come_back(egress, download, "progress when the egress is back")
        self.check_whole(download)
        self.check_nothing_left(client, [volunteer])

    def test_requests_to_an_egress_that_stays_silent_fail_in_time_and_say_why(self):
        self.chain.volunteer()
        client = self.chain.client("--timeout", "6s")
        self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)
        self.freeze(self.chain.egress_program)
        outcomes = [curl.fetch(client.port, scheme, self.site.url("/none")) for scheme in ("http", "connect")]
        self.assertEqual([(got.exit, got.status, got.connect) for got in outcomes],
                         [(curl.EXIT_OK, 504, 0), (curl.EXIT_CONNECT_REFUSED_BY_PROXY, 0, 504)])
        self.assertRegex(outcomes[0].body.decode(), r"Reason: nothing comes back from the volunteer or the egress")
        self.assertEqual(client.terminate(), 0)
        self.chain.egress_program.signal(signal.SIGCONT)

    def test_a_silent_broker_is_noticed_only_by_who_needs_it(self):
        volunteer = self.chain.volunteer()
        client = self.client_on(volunteer)
        download = self.start_download(client)
        self.freeze(self.chain.broker_program)
        self.assertEqual(curl.fetch(client.port, "http", self.site.url("/none")).status, 204)
        seeker = self.chain.client("--timeout", "3s")
        got = curl.fetch(seeker.port, "http", self.site.url("/none"))
        self.assertEqual(got.status, 504)
        self.assertRegex(got.body.decode(), r"No way out was found in time\. Reason: ")
        self.check_whole(download)
        self.chain.broker_program.signal(signal.SIGCONT)
        began = time.monotonic()
        eventually(lambda: curl.fetch(seeker.port, "http", self.site.url("/none")).status == 204, "it is found", 30)
        print(f"a way out {time.monotonic() - began:.1f} s after the broker's return")
        seeker.terminate()
        self.check_nothing_left(client, [volunteer])


if __name__ == "__main__":
    report.main()
