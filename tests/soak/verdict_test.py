#!/usr/bin/env python3
"""What a soak calls growing, on series that are made up; and what is left of one that could not begin."""
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import report  # noqa: E402: found through the line above
from verdict import MIB, RSS_STEP, Sample, judge, slope  # noqa: E402

EVERY = 5.0
HOUR = 3600.0
SHORT, LONG = (60.0, 300.0), (600.0, 2 * HOUR)  # warm-up and end: the run of each change, and the whole one


def series(end, rss, descriptors=lambda hours: 20, begin=0.0, pid=1):
    chance = random.Random(1)
    steps = range(int((end - begin) / EVERY) + 1)
    times = [begin + EVERY * step for step in steps]
    return [Sample(t, "egress", pid, int((rss(t / HOUR) + chance.gauss(0, 0.05)) * MIB), descriptors(t / HOUR), 2) for t in times]


def faults(length, rss, descriptors=lambda hours: 20):
    warm_up, end = length
    judged, = judge(series(end, rss, descriptors), warm_up, end)
    return judged.faults


class Verdict(unittest.TestCase):
    def test_the_slope_is_that_of_the_line(self):
        self.assertAlmostEqual(slope([(x, 3.0 * x + 7.0) for x in range(10)]), 3.0)

    def test_what_stays_as_it_is_passes(self):
        for length in (SHORT, LONG):
            self.assertEqual(faults(length, lambda hours: 25.0), [])

    def test_what_grows_while_it_warms_up_passes(self):
        self.assertEqual(faults(LONG, lambda hours: 25.0 + 20.0 * min(6.0 * hours, 1.0)), [])

    def test_two_hours_see_little_more_than_a_mebibyte_an_hour(self):
        self.assertEqual(faults(LONG, lambda hours: 25.0 + 0.9 * hours), [])
        self.assertEqual(len(faults(LONG, lambda hours: 25.0 + 1.1 * hours)), 1)

    def test_five_minutes_let_one_step_pass_and_see_a_fast_leak(self):
        self.assertEqual(faults(SHORT, lambda hours: 25.0 + (0.9 * RSS_STEP if hours > 180.0 / HOUR else 0.0)), [])
        self.assertEqual(len(faults(SHORT, lambda hours: 25.0 + 80.0 * hours)), 1)

    def test_descriptors_that_are_not_given_back_are_seen(self):
        for length, each_hour in ((SHORT, 720), (LONG, 12)):
            self.assertEqual(len(faults(length, lambda hours: 25.0, lambda hours, n=each_hour: 20 + int(n * hours))), 1)

    def test_who_came_late_or_left_early_is_not_judged(self):
        warm_up, end = LONG
        late, early = series(end, lambda _: 25.0, begin=warm_up + EVERY, pid=2), series(end / 2, lambda _: 25.0, pid=3)
        self.assertEqual(list(judge(late + early, warm_up, end)), [])


class Run(unittest.TestCase):
    def soak(self, folder, *options):
        command = [sys.executable, pathlib.Path(__file__).with_name("run.py"), "--program", "/bin/false", "--out", folder, *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})

    def test_one_that_broke_off_is_reported_and_written(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.soak(folder, "--minutes", "3", "--seed", "7")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("seed 7", done.stdout)
            self.assertIn("it did not come to its end: AssertionError the egress ended with 1", done.stdout)
            self.assertTrue(pathlib.Path(folder, "soak.csv").exists())

    def test_one_too_short_to_judge_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.soak(folder, "--minutes", "1")
            self.assertEqual((done.returncode, "in less than 3 nothing can be judged" in done.stderr), (2, True), done.stderr)


if __name__ == "__main__":
    report.main()
