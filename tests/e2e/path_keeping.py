#!/usr/bin/env python3
"""A client keeps as many paths as it needs: few while nothing moves, all again with the first byte; it moves on before a
volunteer that leaves is gone, and begins anew when the egress has restarted."""
import time
import unittest

import curl
import report
import website
from chain import Chain, eventually
from transfers import Far

PATHS = 3
IDLE = ["--idle-after", "2s"]
SHRINK_LIMIT = 20.0      # seconds to one path: IDLE, and goodbyes
GROW_LIMIT = 20.0        # seconds from the first byte to all paths
GRACE = "40s"            # a volunteer would stay so long for a client that does not move on
LEAVE_LIMIT = 20.0       # seconds until it has left, because the client has moved on
GAP = 1.0                # seconds without a byte while it leaves
RESTART_LIMIT = 8.0      # seconds from an egress's return to a request's success; 1 is usual, signs of life come after 15
RESET_LIMIT = 20.0       # seconds until curl looks: first it sleeps off what buffers let it read above its rate
PATIENCE = "20"          # seconds that curl waits


class PathKeeping(unittest.TestCase):
    def setUp(self):
        self.far = self.enterContext(Far())
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.far.address, self.site.address]))

    def start(self, volunteers, *options):
        self.volunteers = [self.chain.volunteer("--drain-timeout", GRACE) for _ in range(volunteers)]
        self.client = self.chain.client(*options)

    def paths(self):
        return self.client.metric("footbridge_connect_paths"), self.client.metric("footbridge_connect_paths_standby")

    def people_helped(self):
        return sum(v.metric("footbridge_proxy_clients") for v in self.volunteers if v.running)

    def fetch(self, *options):
        return curl.fetch(self.client.port, "http", self.site.url("/none"), "--max-time", PATIENCE, *options).status

    def test_an_idle_client_stands_by_with_one_path_and_grows_with_the_first_byte(self):
        """U28: connected is not helping."""
        self.start(PATHS, *IDLE)
        eventually(lambda: self.paths() == (PATHS, 0), "all paths stand")
        eventually(lambda: self.paths() == (1, 1), "one path stands by", SHRINK_LIMIT)
        eventually(lambda: self.people_helped() == 1, "the others are free", SHRINK_LIMIT)
        began = time.monotonic()
        self.assertEqual(self.fetch(), 204)
        print(f"a request of an idle client: {time.monotonic() - began:.2f} s")
        eventually(lambda: self.paths() == (PATHS, 0), "all paths stand again", GROW_LIMIT)
        self.assertEqual(self.people_helped(), PATHS)
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 1)

    def leave(self, volunteer, direction):
        """The volunteer is told to stop while a transfer runs; returns after it has ended."""
        transfer = self.far.start(self.client.port, direction)
        eventually(lambda: transfer.receiver.count > 1_000_000, "the transfer runs")
        transfer.receiver.mark()
        began = time.monotonic()
        self.assertEqual(volunteer.terminate(LEAVE_LIMIT), 0)
        took = time.monotonic() - began
        count = transfer.receiver.count
        eventually(lambda: transfer.receiver.count > count + 1_000_000, "the transfer goes on")
        print(f"{direction}: left after {took:.2f} s, {transfer.receiver.silence():.2f} s without a byte")
        self.assertLess(transfer.receiver.silence(), GAP)
        self.far.finish(30)

    def test_a_client_moves_on_before_its_only_volunteer_is_gone(self):
        for direction in ("down", "up"):
            with self.subTest(direction):
                self.start(1, "--paths", "1")
                self.assertEqual(self.fetch(), 204)
                leaving = self.volunteers[0]
                self.volunteers.append(self.chain.volunteer())
                self.leave(leaving, direction)
                self.assertNotIn("event=no-way-out", self.client.log())
                self.client.terminate()
                self.volunteers[1].terminate()

    def test_a_client_replaces_one_of_several_before_it_is_gone(self):
        self.start(PATHS + 1)
        eventually(lambda: self.paths() == (PATHS, 0), "all paths stand")
        leaving = next(v for v in self.volunteers if v.metric("footbridge_proxy_clients") == 1)
        self.leave(leaving, "down")
        eventually(lambda: self.paths()[0] == PATHS, "all paths stand again")
        self.assertNotIn("event=no-way-out", self.client.log())

    def test_new_streams_are_served_soon_after_an_egress_restart_and_old_ones_are_reset(self):
        """W9: nobody sits on what is dead."""
        for volunteers in (1, PATHS):
            with self.subTest(volunteers=volunteers):
                self.start(volunteers)
                eventually(lambda n=volunteers: self.paths()[0] == n, "all paths stand")
                old = curl.start(self.client.port, "connect", self.site.url("/bytes/50000000"), "--limit-rate", "1M")
                self.addCleanup(old.close)
                eventually(lambda download=old: download.size > 100_000, "a download runs")
                egress = self.chain.egress_program
                egress.kill()
                self.chain.start_egress(egress.port)
                began = time.monotonic()
                eventually(lambda: self.fetch() == 204, "a request succeeds again", 20)
                took = time.monotonic() - began
                print(f"{volunteers} volunteers: a new stream {took:.2f} s after the egress's return")
                self.assertLess(took, RESTART_LIMIT)
                eventually(lambda download=old: not download.running, "the old stream is reset", RESET_LIMIT)
                self.assertIn("event=session-over why=egress-restarted", self.client.log())
                eventually(lambda n=volunteers: self.paths()[0] == n, "all paths stand again")
                self.client.terminate()
                for volunteer in self.volunteers:
                    volunteer.terminate()


if __name__ == "__main__":
    report.main()
