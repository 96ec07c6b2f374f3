#!/usr/bin/env python3
"""Volunteers are killed under load, one after the other, and others come: no byte is lost, repeated or out of order, in
either direction, on one stream and on eight, and the session is the same all the time.

FB_KILLS: how many of each case, 1000 for a long look; the daily tests take a shorter one. FB_KILL_EVERY: seconds from one
to the next, if somebody carries by then."""
import os
import random
import time
import unittest

import report
from chain import Chain, eventually
from transfers import DIRECTIONS, Far

KILLS = int(os.environ.get("FB_KILLS", "20"))
KILL_EVERY = float(os.environ.get("FB_KILL_EVERY", "0.25"))
VOLUNTEERS = 4          # at any time; a client wants three
RATE = "2MB"            # of each, per second: the load is what dies with one, not the speed of the machine
FINISH_LIMIT = 60.0     # seconds to the last byte after the last death
NOBODY = 0.2            # seconds without any volunteer
CARRIED = 50_000        # bytes: more than a path's beginning
CARRY_LIMIT = 30.0      # seconds until somebody carries
RESUME_LIMIT = 20.0     # seconds until bytes move again


class KillStorm(unittest.TestCase):
    def setUp(self):
        self.far = self.enterContext(Far())
        # Its memory of sessions and destinations is not what is tested: 16 transfers begin within a second.
        self.chain = self.enterContext(Chain([self.far.address], egress_options=("--log-level", "notice"),
                                             broker_options=("--log-level", "notice")))
        self.volunteers = []
        self.names = 0

    def come(self, ready=True):
        self.names += 1
        self.volunteers.append(self.chain.volunteer("--slots", "1", "--max-rate", RATE, "--log-level", "notice",
                                                    name=f"volunteer-{self.names}", ready=ready))

    def kill(self, volunteer):
        volunteer.kill()
        self.volunteers.remove(volunteer)
        self.chain.programs.remove(volunteer)  # a thousand logs and sockets are not kept
        for path in self.chain.folder.glob(f"{volunteer.name}.*"):
            if path.is_file() or path.is_socket():
                path.unlink()

    def who_carries(self):
        """Those through whom something has come; nobody's death but theirs is felt."""
        return [v for v in self.volunteers if v.metric("footbridge_proxy_relayed_down_bytes_total") > CARRIED]

    def client_with_load(self, streams):
        for _ in range(VOLUNTEERS):
            self.come()
        client = self.chain.client("--log-level", "notice")
        for direction in DIRECTIONS:
            for _ in range(streams):
                self.far.start(client.port, direction)
        return client

    def check_one_session(self):
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 1)

    def storm(self, streams):
        client = self.client_with_load(streams)
        chance = random.Random(KILLS)
        began, deaths = time.monotonic(), 0
        while deaths < KILLS:
            due = time.monotonic() + KILL_EVERY
            self.kill(chance.choice(eventually(self.who_carries, "somebody carries", CARRY_LIMIT)))
            self.come(ready=False)
            deaths += 1
            self.assertEqual(self.far.failures(), [], f"after {deaths} deaths")
            self.volunteers[-1].ready()
            time.sleep(max(0.0, due - time.monotonic()))
        longest = max(transfer.receiver.silence() for transfer in self.far.transfers)
        took, moved = time.monotonic() - began, self.far.moved()
        self.far.finish(FINISH_LIMIT)
        print(f"{deaths} deaths in {took:.0f} s: {moved / 1e6:.0f} MB on "
              f"{len(self.far.transfers)} streams, all right; the longest silence of a stream {longest:.2f} s")
        self.check_one_session()
        self.assertEqual(client.terminate(), 0)  # first, so that no volunteer waits for it

    def test_one_stream_each_way_loses_nothing(self):
        self.storm(1)

    def test_eight_streams_each_way_lose_nothing(self):
        self.storm(8)

    def test_a_moment_without_any_volunteer_breaks_nothing(self):
        client = self.client_with_load(8)
        for volunteer in list(self.volunteers):
            self.kill(volunteer)
        self.assertEqual(self.volunteers, [])
        time.sleep(NOBODY)  # what is tested: nobody is there for so long
        for _ in range(VOLUNTEERS):
            self.come()
        moved, began = self.far.moved(), time.monotonic()
        eventually(lambda: self.far.moved() > moved + 1_000_000, "bytes move again", RESUME_LIMIT)
        print(f"bytes move {time.monotonic() - began:.2f} s after somebody came")
        self.far.finish(FINISH_LIMIT)
        self.check_one_session()
        self.assertEqual(client.terminate(), 0)  # first, so that no volunteer waits for it


if __name__ == "__main__":
    report.main()
