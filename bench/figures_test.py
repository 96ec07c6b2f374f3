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

import report  # noqa: E402: found through the line above

LIMIT = 150  # seconds, under a sanitizer and on a busy machine; half a minute otherwise

# Whoever follows the figures over time knows them by these names.
NAMES = {
    "chain.start_to_first_byte": "s",
    "chain.download.mb_per_s": "MB/s", "chain.download.cpu_s_per_gb": "s/GB",
    "chain.upload.mb_per_s": "MB/s", "chain.upload.cpu_s_per_gb": "s/GB",
    "chain.cpu_s_per_gb.client": "s/GB", "chain.cpu_s_per_gb.proxy": "s/GB", "chain.cpu_s_per_gb.egress": "s/GB",
    "chain.upload.cpu_s_per_gb.client": "s/GB", "chain.upload.cpu_s_per_gb.proxy": "s/GB",
    "chain.upload.cpu_s_per_gb.egress": "s/GB",
    "chain.4x4.download.mb_per_s": "MB/s", "chain.4x4.download.cpu_s_per_gb": "s/GB",
    "chain.4x4.upload.mb_per_s": "MB/s", "chain.4x4.upload.cpu_s_per_gb": "s/GB",
    "egress.idle_session_kb": "kB", "egress.idle_session_3_paths_kb": "kB", "egress.used_session_kb": "kB",
    "proxy.rss_mb_10_clients": "MB",
    "broker.matches_per_s": "1/s", "broker.cpu_ms_per_match": "ms",
}
# Outside of these a figure of the chain is a mistake of the measurement, whatever the machine and the build.
SANE = {"s": (0.001, 20), "s/GB": (0.1, 3000), "MB/s": (0.05, 20_000), "kB": (1, 5000), "MB": (1, 2000),
        "1/s": (10, 1e6), "ms": (0.001, 50)}


def run(*words):
    return subprocess.run([sys.executable, HERE / "run.py", "--program", os.environ["FOOTBRIDGE"], *map(str, words)],
                          capture_output=True, text=True, timeout=LIMIT, check=False)


class ShortRun(unittest.TestCase):
    def test_gives_every_figure_with_a_value_that_can_be_true(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "bench.jsonl")
            done = run("--smoke", "--out", out)
            self.assertEqual(done.returncode, 0, done.stderr)
            rows = {row["name"]: row for row in map(json.loads, out.read_text().splitlines())}
        self.assertEqual({name: row["unit"] for name, row in rows.items()}, NAMES)
        for name, row in rows.items():
            with self.subTest(name):
                self.assertEqual(set(row), {"name", "value", "unit", "n", "min", "max"})
                low, high = SANE[row["unit"]]
                self.assertTrue(low <= row["min"] <= row["value"] <= row["max"] <= high and row["n"] >= 1, row)
                self.assertIn(name, done.stdout, "a figure is not in the table")
        whole = rows["chain.download.cpu_s_per_gb"]["value"]
        parts = sum(rows[f"chain.cpu_s_per_gb.{role}"]["value"] for role in ("client", "proxy", "egress"))
        self.assertAlmostEqual(whole, parts, delta=whole / 10, msg="the programs' shares do not make up the whole")


class CommandLine(unittest.TestCase):
    def test_compares_with_an_earlier_run(self):
        with tempfile.TemporaryDirectory() as folder:
            old, out = pathlib.Path(folder, "old.jsonl"), pathlib.Path(folder, "out.jsonl")
            old.write_text(json.dumps({"name": "chain.start_to_first_byte", "value": 1000.0, "unit": "s", "n": 1, "min": 1000.0,
                                       "max": 1000.0}) + "\n")
            done = run("start", "--smoke", "--out", out, "--compare", old)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"before +ratio\n.* 1000 +0\.00\d\n")

    def test_names_its_groups_when_one_is_unknown(self):
        done = run("nothing")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "no group of figures is called nothing; there are start, .*broker")


if __name__ == "__main__":
    report.main()
