#!/usr/bin/env python3
"""Nobody lends a connection before having read who sees what: a terminal is asked, once; where nobody can be asked, nothing
begins unless it was said otherwise."""
import os
import pathlib
import pty
import select
import subprocess
import tempfile
import time
import unittest

import report
from chain import SOON, binary, eventually

WHO_SEES = ("Whom you help", "Their censor", "The broker", "The egress", "Your provider", "Kept here", "To stop")
FAILED, USAGE = 1, 2


class Consent(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.state = self.folder / "state"
        self.words = [binary(), "volunteer", "--broker", "http://127.0.0.1:9/", "--egress", "ws://127.0.0.1:9/leg",
                      "--allow-private-egress", "--allow-private-candidates", "--drain-timeout", "0s", "--state-dir", str(self.state)]
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("FB_")}

    def at_a_terminal(self):
        """The program with a terminal of its own, and our end of that."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        program = subprocess.Popen(self.words, stdin=theirs, stdout=theirs, stderr=theirs, env=self.environment, start_new_session=True)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        os.close(theirs)
        return program, ours

    def hear(self, terminal, words):
        said, limit = b"", time.monotonic() + SOON
        while words not in said:
            self.assertLess(time.monotonic(), limit, said)
            if select.select([terminal], [], [], 0.1)[0]:
                said += os.read(terminal, 65536)
        return said.decode()

    def test_a_person_reads_who_sees_what_and_is_asked_once(self):
        program, terminal = self.at_a_terminal()
        said = self.hear(terminal, b"[y/N] ")
        for line in WHO_SEES:
            self.assertIn(line, said)
        os.write(terminal, b"y\n")
        self.hear(terminal, b"event=volunteer-ready")
        program.terminate()
        self.assertEqual(program.wait(SOON), 0)
        again, terminal = self.at_a_terminal()
        self.assertNotIn("Lend it?", self.hear(terminal, b"event=volunteer-ready"))

    def test_a_no_begins_and_keeps_nothing(self):
        program, terminal = self.at_a_terminal()
        self.hear(terminal, b"[y/N] ")
        os.write(terminal, b"n\n")
        self.hear(terminal, b"nothing is kept")
        self.assertEqual(program.wait(SOON), FAILED)
        self.assertFalse(self.state.exists())

    def test_where_nobody_can_be_asked_it_says_what_to_do(self):
        done = subprocess.run(self.words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.environment, timeout=SOON)
        self.assertEqual(done.returncode, USAGE)
        self.assertRegex(done.stderr, "--agreed: nobody here was told who sees what; .*once in a terminal")
        self.assertFalse(self.state.exists())

    def test_who_says_that_it_was_read_is_believed(self):
        config = self.folder / "volunteer.toml"
        config.write_text("[volunteer]\nagreed = true\n")
        with open(self.folder / "log", "wb") as log:
            program = subprocess.Popen([*self.words, "--config", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env=self.environment)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        eventually(lambda: "event=volunteer-ready" in (self.folder / "log").read_text(), "it lends")


if __name__ == "__main__":
    report.main()
