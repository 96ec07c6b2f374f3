#!/usr/bin/env python3
"""A broker with the real files of Debian's tor-geoipdb: read whole at the start, again on SIGHUP, and a broken file
changes nothing. Skips without them (scripts/setup interop)."""
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import report  # noqa: E402
from chain import Chain, eventually  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_OF_THEM = 500_000  # ranges; 662,000 in 2026
LIMIT = 30.0            # seconds; a sanitizer's build on a busy machine reads a tenth as fast


def real_files():
    done = subprocess.run([str(ROOT / "scripts/unpacked"), "tor-geoipdb"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest("tor-geoipdb is neither installed nor unpacked: scripts/setup interop fetches it")
    folder = pathlib.Path(done.stdout.strip()) / "usr/share/tor"
    return [folder / "geoip", folder / "geoip6"]


class GeoipFiles(unittest.TestCase):
    def test_the_real_files_are_read_and_read_again(self):
        v4, v6 = real_files()
        with tempfile.TemporaryDirectory() as folder:
            broker_file = pathlib.Path(folder) / "geoip"
            shutil.copy(v4, broker_file)
            self.read_again(broker_file, v6)

    def read_again(self, v4, v6):
        with Chain(broker_options=["--geoip", str(v4), "--geoip", str(v6)]) as chain:
            broker = chain.broker_program

            def tables():
                return [int(n) for n in re.findall(r"event=geoip ranges=(\d+)", broker.log())]

            eventually(lambda: len(tables()) == 1, "the files are read", LIMIT)
            self.assertGreater(tables()[0], MOST_OF_THEM)

            v4.write_text("1,2\n")
            broker.signal(signal.SIGHUP)
            eventually(lambda: "event=reload-refused" in broker.log(), "a broken file is refused", LIMIT)
            self.assertIn("line 1 is not LOW,HIGH,CC", broker.log())
            self.assertEqual(len(tables()), 1)

            v4.write_text("16777216,16777471,AU\n")
            broker.signal(signal.SIGHUP)
            eventually(lambda: len(tables()) == 2, "the new file is read", LIMIT)
            self.assertLess(tables()[1], tables()[0])


if __name__ == "__main__":
    report.main()
