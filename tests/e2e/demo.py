#!/usr/bin/env python3
"""footbridge demo as a person or a script runs it: its report, its end, and that nothing of it stays behind."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

import curl
import report
import website
from chain import binary, die_with_parent, eventually

ROLES = ("client", "proxy", "egress", "broker")
END_LIMIT = 15.0   # seconds from Ctrl-C to the end of everything; 5 would be a client's drain, 60 a volunteer's
START_LIMIT = 30.0


class Demo:
    """A running demo, in a temporary directory of its own: whatever names that directory belongs to it."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory(prefix="fb-demo-")
        self.out, self.err = (open(os.path.join(self.folder.name, name), "w+") for name in ("stdout", "stderr"))
        self.process = subprocess.Popen([binary(), "demo", *options], stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=self.err, env=dict(os.environ, TMPDIR=self.folder.name),
                                        start_new_session=True, preexec_fn=die_with_parent)

    def said(self, stream):
        stream.flush()
        return pathlib.Path(stream.name).read_text()

    def processes(self):
        """Of the demo's children: {pid: command line}."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                except OSError:
                    continue
                if any(word.startswith(self.folder.name + "/footbridge-demo-") for word in words):
                    found[int(entry.name)] = words
        return found

    def child(self, name):
        return next(pid for pid, words in self.processes().items() if any(w.endswith(f"/{name}.admin") for w in words))

    def directories(self):
        return list(pathlib.Path(self.folder.name).glob("footbridge-demo-*"))

    def await_word(self, word):
        def said():
            assert self.process.poll() is None or word in self.said(self.err), self.said(self.err)
            return word in self.said(self.err)
        eventually(said, word, START_LIMIT)

    def interrupt(self):
        """Ctrl-C of a terminal: to the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.out.close()
        self.err.close()
        self.folder.cleanup()


class DemoTest(unittest.TestCase):
    def demo(self, *options):
        demo = Demo(*options)
        self.addCleanup(demo.close)
        return demo

    def check_nothing_is_left(self, demo, limit=END_LIMIT):
        eventually(lambda: not demo.processes(), "all programs are gone", limit)
        self.assertEqual(demo.directories(), [])


class Report(DemoTest):
    def test_in_json_is_one_object_with_exactly_the_promised_keys(self):
        demo = self.demo("--once", "--json", "--size", "5MB")
        self.assertEqual(demo.process.wait(60), 0, demo.said(demo.err))
        text = demo.said(demo.out)
        self.assertEqual(text.count("\n"), 1)
        got = json.loads(text)
        self.assertEqual(set(got), {"ok", "bytes", "sha256", "route", "ttfb_s", "mb_per_s", "cpu_s_per_gb", "rss_peak_mb"})
        self.assertEqual(set(got["cpu_s_per_gb"]), {*ROLES, "total"})
        self.assertEqual(set(got["rss_peak_mb"]), set(ROLES))
        self.assertEqual((got["ok"], got["bytes"]), (True, 5_000_000))
        self.assertRegex(got["sha256"], "^[0-9a-f]{64}$")
        self.assertRegex(" ".join(got["route"]), "^client volunteer-[12]( and volunteer-[12])? egress website$")
        for value in (got["ttfb_s"], got["mb_per_s"], *got["rss_peak_mb"].values()):
            self.assertGreater(value, 0)
        self.assertAlmostEqual(sum(got["cpu_s_per_gb"][role] for role in ROLES), got["cpu_s_per_gb"]["total"], places=3)
        self.check_nothing_is_left(demo)

    def test_names_the_sum_of_the_file_that_anybody_can_fetch(self):
        demo = self.demo("--json", "--size", "3MB")
        demo.await_word("Ctrl-C ends everything")
        got = json.loads(demo.said(demo.out))
        port, site = re.search(r"curl -x http://127\.0\.0\.1:(\d+) (http://\S+)", demo.said(demo.err)).groups()
        for scheme in ("direct", "http", "socks5h"):
            fetched = curl.fetch(int(port), scheme, site + "file")
            self.assertEqual((fetched.size, fetched.sha256), (got["bytes"], got["sha256"]), scheme)
        page = curl.fetch(int(port), "http", site)
        self.assertIn(b"You crossed the footbridge.", page.body)
        # The page offers a link to what the egress refuses.
        self.assertEqual(curl.fetch(int(port), "http", "http://127.0.0.1:1/").status, 403)
        demo.interrupt()
        self.assertEqual(demo.process.wait(END_LIMIT), 0)
        self.check_nothing_is_left(demo)

    def test_for_people_is_a_table(self):
        demo = self.demo("--once", "--size", "1MB")
        self.assertEqual(demo.process.wait(60), 0, demo.said(demo.err))
        self.assertIn("Every byte was right, and every byte went through a volunteer.", demo.said(demo.out))

    def test_directory_stays_when_it_is_to_be_kept(self):
        demo = self.demo("--once", "--size", "1MB", "--keep")
        self.assertEqual(demo.process.wait(60), 0)
        directory, = demo.directories()
        self.assertIn(str(directory), demo.said(demo.err))
        self.assertEqual(directory.stat().st_mode & 0o777, 0o700)
        self.assertFalse(demo.processes())


class End(DemoTest):
    def check_interrupt(self, demo, exit_codes):
        demo.interrupt()
        self.assertIn(demo.process.wait(END_LIMIT), exit_codes, demo.said(demo.err))
        self.check_nothing_is_left(demo, 0.5)

    def test_by_ctrl_c_at_any_moment_of_the_start(self):
        for moment in range(15):
            demo = self.demo("--once", "--size", "100MB")
            demo.await_word("Starting")
            time.sleep(moment * 0.01)  # the moment is what is tested
            self.check_interrupt(demo, (1,))

    def test_by_ctrl_c_during_the_fetch(self):
        demo = self.demo("--size", "10GB")
        demo.await_word("Fetching")
        self.check_interrupt(demo, (1,))

    def test_by_ctrl_c_while_it_stays(self):
        demo = self.demo("--size", "1MB")
        demo.await_word("Ctrl-C ends everything")
        self.check_interrupt(demo, (0,))

    def test_by_a_program_that_died_while_it_stays(self):
        for name in ("volunteer-2", "egress"):
            demo = self.demo("--size", "1MB")
            demo.await_word("Ctrl-C ends everything")
            os.kill(demo.child(name), signal.SIGKILL)
            self.assertEqual(demo.process.wait(30), 1)
            self.assertIn(f"The {name} has ended", demo.said(demo.err))
            self.check_nothing_is_left(demo, 0.5)

    def test_by_a_program_that_does_not_answer_while_it_stays(self):
        demo = self.demo("--size", "1MB")
        demo.await_word("Ctrl-C ends everything")
        socket, = demo.directories()[0].glob("**/broker.admin")
        socket.unlink()
        self.assertEqual(demo.process.wait(30), 1)
        self.assertIn("footbridge demo: the broker's admin socket does not answer", demo.said(demo.err))
        self.check_nothing_is_left(demo, 0.5)

    def test_by_a_program_that_died_during_the_fetch(self):
        demo = self.demo("--once", "--size", "10GB")
        demo.await_word("Fetching")
        os.kill(demo.child("client"), signal.SIGKILL)
        self.assertEqual(demo.process.wait(30), 1)
        self.assertIn("The client has ended.", demo.said(demo.err))
        # Between the page and the file nothing is under way: then it is the next connection that fails.
        self.assertRegex(demo.said(demo.err).splitlines()[-1], "^footbridge demo: the (chain broke|local proxy does not answer)")
        self.check_nothing_is_left(demo, 0.5)

    def test_without_a_word_takes_its_programs_along(self):
        demo = self.demo("--size", "1MB")
        demo.await_word("Ctrl-C ends everything")
        self.assertEqual(len(demo.processes()), 5)
        demo.process.kill()
        demo.process.wait()
        eventually(lambda: not demo.processes(), "its programs are gone")

    def test_by_a_port_that_is_taken_is_one_line(self):
        site = website.Website()
        self.addCleanup(site.close)
        port = site.address.partition(":")[2]
        demo = self.demo("--once", "--proxy-port", port)
        self.assertEqual(demo.process.wait(30), 1)
        self.assertEqual(demo.said(demo.err), f"footbridge demo: --proxy-port 127.0.0.1:{port}: Address already in use; "
                                              "another program listens there; stop it or choose another port\n")
        self.check_nothing_is_left(demo)


if __name__ == "__main__":
    report.main()
