#!/usr/bin/env python3
"""The measurements still work: a run as short as possible gives every figure, with a value that can be true."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests" / "e2e"))

import namespaces  # noqa: E402: found through the line above
import report  # noqa: E402

LIMIT = 150  # seconds, under a sanitizer and on a busy machine; half a minute otherwise

# Whoever follows the figures over time knows them by these names.
NAMES = {
    "chain.start_to_first_byte": "s",
    "chain.download.mb_per_s": "MB/s", "chain.download.cpu_s_per_gb": "s/GB",
    "chain.upload.mb_per_s": "MB/s", "chain.upload.cpu_s_per_gb": "s/GB",
    "chain.cpu_s_per_gb.client": "s/GB", "chain.cpu_s_per_gb.proxy": "s/GB", "chain.cpu_s_per_gb.egress": "s/GB",
    "chain.upload.cpu_s_per_gb.client": "s/GB", "chain.upload.cpu_s_per_gb.proxy": "s/GB",
    "chain.upload.cpu_s_per_gb.egress": "s/GB",
    "chain.3_paths.client_idle_mb": "MB",
    "chain.3_paths.download.mb_per_s": "MB/s", "chain.3_paths.download.cpu_s_per_gb": "s/GB",
    "chain.3_paths.upload.mb_per_s": "MB/s", "chain.3_paths.upload.cpu_s_per_gb": "s/GB",
    "chain.4x4.download.mb_per_s": "MB/s", "chain.4x4.download.cpu_s_per_gb": "s/GB",
    "chain.4x4.upload.mb_per_s": "MB/s", "chain.4x4.upload.cpu_s_per_gb": "s/GB",
    "egress.idle_session_kb": "kB", "egress.idle_session_3_paths_kb": "kB", "egress.used_session_kb": "kB",
    "egress.idle_10k.rss_mb": "MB", "egress.idle_10k.cpu_core": "cores",
    "proxy.rss_mb_10_idle_clients": "MB", "proxy.rss_mb_10_clients": "MB",
    "broker.matches_per_s": "1/s", "broker.cpu_ms_per_match": "ms",
}
# Over several volunteers.
MULTIPATH = {
    "multipath.real.mb_per_s_1x2": "MB/s", "multipath.real.mb_per_s_4x2": "MB/s",
    "multipath.real.stall_s_kill": "s", "multipath.real.stall_s_stop": "s",
    "multipath.real.stall_s_leg": "s", "multipath.real.stall_s_link": "s",
    "multipath.real.p50_ms_20kb_idle": "ms", "multipath.real.p99_ms_20kb_idle": "ms",
    "multipath.real.p50_ms_20kb": "ms", "multipath.real.p99_ms_20kb": "ms",
}
NATIVE = {
    "native_link.cpu_s_per_gb": "s/GB", "native_link.data_channel.cpu_s_per_gb": "s/GB",
    "native_link.mbit_1pct_40ms": "Mbit/s", "native_link.data_channel.mbit_1pct_40ms": "Mbit/s",
}
NEED_WIRES = ("multipath.real.stall_s_leg", "multipath.real.stall_s_link")
# The parts have no names that anybody relies on; that each of them is measured is enough.
PARTS = ("session", "quic", "leg", "link")
# Outside of these a figure of the chain is a mistake of the measurement, whatever the machine and the build.
SANE = {"s": (0.001, 20), "s/GB": (0.1, 3000), "MB/s": (0.05, 20_000), "kB": (1, 5000), "MB": (1, 2000),
        "Mbit/s": (0.1, 50), "1/s": (10, 1e6), "ms": (0.001, 5000), "cores": (0, 100)}


def run(*words):
    return subprocess.run([sys.executable, HERE / "run.py", "--program", os.environ["FOOTBRIDGE"], *map(str, words)],
                          capture_output=True, text=True, timeout=LIMIT, check=False)


def measured(*groups):
    """The finished run of these groups, and the rows that it wrote by name."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "bench.jsonl")
        done = run(*groups, "--smoke", "--out", out)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done, {row["name"]: row for row in map(json.loads, out.read_text().splitlines())}


class ShortRun(unittest.TestCase):
    def test_gives_every_figure_with_a_value_that_can_be_true(self):
        rows = self.check_run(NAMES, "start", "transfers", "three", "crowd", "memory", "sessions", "idle", "broker")
        whole = rows["chain.download.cpu_s_per_gb"]["value"]
        parts = sum(rows[f"chain.cpu_s_per_gb.{role}"]["value"] for role in ("client", "proxy", "egress"))
        self.assertAlmostEqual(whole, parts, delta=whole / 10, msg="the programs' shares do not make up the whole")

    def test_measures_what_several_volunteers_give_and_what_the_loss_of_one_costs(self):
        wanted = MULTIPATH if not namespaces.why_not() else {n: u for n, u in MULTIPATH.items() if n not in NEED_WIRES}
        rows = self.check_run(wanted, "aggregate", "stalls", "pulls", "latency")
        self.assertGreater(rows["multipath.real.mb_per_s_4x2"]["value"], rows["multipath.real.mb_per_s_1x2"]["value"],
                           "four give no more than one")

    def test_measures_links_with_and_without_sctp(self):
        self.check_run(NATIVE, "native")

    def check_run(self, names, *groups):
        done, rows = measured(*groups)
        self.assertEqual({name: row["unit"] for name, row in rows.items()}, names)
        for name, row in rows.items():
            with self.subTest(name):
                self.assertEqual(set(row), {"name", "value", "unit", "n", "min", "max"})
                low, high = SANE[row["unit"]]
                self.assertTrue(low <= row["min"] <= row["value"] <= row["max"] <= high and row["n"] >= 1, row)
                self.assertIn(name, done.stdout, "a figure is not in the table")
        return rows

    def test_measures_every_part_and_counts_its_allocations(self):
        if not pathlib.Path(os.environ["FOOTBRIDGE"]).with_name("bench").joinpath("link_bench").exists():
            self.skipTest("the parts are not built with sanitizers, which want malloc for themselves")
        _, rows = measured("parts")
        for part in PARTS:
            mine = {name: row["value"] for name, row in rows.items() if name.startswith(f"part.{part}.")}
            self.assertTrue(any(name.endswith("allocs_per_packet") for name in mine), mine)
            costs = [value for name, value in mine.items() if name.endswith("cpu_s_per_gb")]
            self.assertTrue(costs and all(0.01 < cost < 100 for cost in costs), mine)
        for what in ("sealing.first_offer", "sealing.resumed_poll", "refusing.recorded"):
            self.assertTrue(0.0001 < rows[f"part.{what}.cpu_ms_per_request"]["value"] < 10, what)

    def test_measures_a_broker_of_a_network(self):
        _, rows = measured("sealed")
        value = {name.removeprefix("broker.sealed."): row["value"] for name, row in rows.items()}
        self.assertGreater(value["matches_per_s"], 10)
        self.assertTrue(0.01 < value["cpu_ms_per_match"] < 50, value)
        self.assertTrue(0.01 < value["p99_added_ms"] < 5000, value)
        self.assertLess(value["parked_kib"], 5000)  # of a few polls: too few to cost a page more

    def test_measures_netstate_which_loses_no_report(self):
        _, rows = measured("netstate")
        value = {name.removeprefix("netstate."): row["value"] for name, row in rows.items()}
        self.assertEqual((value["reports_lost"], value["reports_counted"]), (0, 5_000))
        self.assertLess(value["rss_mb"], 300)  # a sanitizer's, too
        self.assertEqual(value["large.edges"], 700)
        self.assertTrue(0.05 < value["stopped.rate_ratio"] < 20, value)  # of a moment on a busy machine; bench says more

    def test_measures_the_matcher_by_itself(self):
        _, rows = measured("matcher")
        self.assertGreater(rows["matcher.matches_per_s_100k"]["value"], 100, rows)
        self.assertLess(rows["matcher.last_of_5m_us"]["value"], 10_000, rows)

    def test_measures_several_paths_on_virtual_time(self):
        _, rows = measured("multipath")
        self.assertTrue(0.5 < rows["multipath.sim.sum_ratio_down"]["value"] < 1.1, rows)


class CommandLine(unittest.TestCase):
    def test_compares_with_an_earlier_run(self):
        with tempfile.TemporaryDirectory() as folder:
            old, out = pathlib.Path(folder, "old.jsonl"), pathlib.Path(folder, "out.jsonl")
            old.write_text(json.dumps({"name": "chain.start_to_first_byte", "value": 1000.0, "unit": "s", "n": 1, "min": 1000.0,
                                       "max": 1000.0}) + "\n")
            done = run("start", "--smoke", "--out", out, "--compare", old)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"other +ratio\n.* 1000 +0\.00\d\n")

    def test_names_its_groups_when_one_is_unknown(self):
        done = run("nothing")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "no group of figures is called nothing; there are start, .*broker")


if __name__ == "__main__":
    report.main()
