#!/usr/bin/env python3
"""What happens to computers: somebody sets the clock, a disk is full, the network goes away and comes back. The programs
say what is wrong, go on with what does not need it, and recover by themselves.

As root everything runs in a network and mount namespace of its own; what needs one skips without.
"""
import ctypes
import os
import pathlib
import subprocess
import tempfile
import time
import unittest
import unittest.mock

import curl
import namespaces
import report
import website
from chain import LIBC, Chain, binary, eventually

DAY = 86_400
PAGE = 10_000_000        # bytes
NETWORK_BACK = 60        # seconds until everything works again: requests that hung are given up after 35


def setUpModule():
    if os.geteuid() == 0 and not namespaces.why_not():
        assert LIBC.unshare(namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        namespaces.run("mount", "--make-rprivate", "/")
        namespaces.run("ip", "link", "set", "lo", "up")


def needs_namespace(test):
    return unittest.skipIf(namespaces.why_not(), namespaces.why_not())(test)


class Hardship(unittest.TestCase):
    def start(self, **options):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address], **options))
        return self.chain

    def fetch(self, client, size=1000):
        return curl.fetch(client.port, "http", self.site.url(f"/bytes/{size}"))

    def check_works(self, client, size=1000):
        got = self.fetch(client, size)
        self.assertEqual((got.exit, got.status, got.size), (0, 200, size), got.error)


def set_clock():
    return pathlib.Path(binary()).resolve().parent / "libset_clock.so"  # set_clock.cpp


class Clock:
    """A wall clock that a test sets for programs while they run; their steady clock stays what it is."""

    def __init__(self, folder, name):
        self.path = pathlib.Path(folder, name)
        self.set(0)

    def set(self, seconds):
        beside = self.path.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.rename(self.path)

    def environment(self):
        return {"LD_PRELOAD": str(set_clock()), "SET_CLOCK_FILE": str(self.path)}

    def wrapper(self):
        return ("env", *(f"{name}={value}" for name, value in self.environment().items()))


class WallClock(Hardship):
    def setUp(self):
        if not set_clock().exists():
            self.skipTest("needs libset_clock.so beside the program (ninja set_clock)")
        self.clock = Clock(self.enterContext(tempfile.TemporaryDirectory()), "clock")

    def test_setting_it_disturbs_nobody(self):
        """Machines agree before and after: what runs goes on, and new people come in."""
        self.enterContext(unittest.mock.patch.dict(os.environ, self.clock.environment()))
        chain = self.start()
        chain.volunteer("--slots", "10")
        first = chain.client()
        self.check_works(first)
        for step in (DAY, -DAY, 0):
            self.clock.set(step)
            self.check_works(first, PAGE)
            newcomer = chain.client()
            self.check_works(newcomer)
            self.assertEqual(newcomer.terminate(), 0)
        self.assertEqual(first.log().count("event=session-over"), 0, "the session is still the first")
        self.assertNotIn("leg-refused", chain.egress_program.log())

    def test_an_egress_in_the_past_says_so_and_serves_whom_it_has(self):
        chain = self.start(egress_wrapper=self.clock.wrapper())
        chain.volunteer("--slots", "10")
        first = chain.client()
        self.check_works(first)
        self.clock.set(-DAY)
        self.check_works(first, PAGE)
        newcomer = chain.client("--timeout", "5s")
        self.assertEqual(self.fetch(newcomer).status, 504)
        self.assertIn("event=clocks-disagree", chain.egress_program.log())
        self.clock.set(0)
        eventually(lambda: self.fetch(newcomer).status == 200, "the newcomer comes in when the clock is right", NETWORK_BACK)


class FullDisk(Hardship):
    def full_disk(self):
        full = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "full")
        full.mkdir()
        namespaces.run("mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=16", "none", str(full))
        self.addCleanup(namespaces.run, "umount", "-l", str(full))
        (full / "filler").write_bytes(bytes(4096))
        return full

    @needs_namespace
    def test_a_full_state_directory_costs_only_the_memory_of_who_we_are(self):
        chain = self.start()
        full = self.full_disk()
        chain.volunteer()
        client = chain.run("client", chain.client_arguments(), wrapper=("env", f"XDG_STATE_HOME={full}")).ready()
        self.check_works(client)
        self.assertRegex(client.log(), "event=state-not-kept why=.*cannot be")
        self.assertEqual(sorted(path.name for path in full.rglob("*")), ["filler", "footbridge"], "nothing half-written is left")
        done = subprocess.run([binary(), *chain.client_arguments("--state-dir", str(full))], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 2, "a directory that was asked for is no matter of chance")
        self.assertRegex(done.stderr, "--state-dir: .* cannot be written: No space left on device")

    @needs_namespace
    def test_keys_that_cannot_be_written_are_an_error_and_leave_no_half_behind(self):
        full = self.full_disk()
        done = subprocess.run([binary(), "egress", "--create", "--identity-file", f"{full}/e.pem", "--leg-key-file", f"{full}/leg.key"],
                              capture_output=True, text=True, timeout=30)
        self.assertIn(done.returncode, (1, 2))
        self.assertRegex(done.stderr, "^footbridge egress: --[a-z-]+: .* cannot be written: No space left on device\n$")
        self.assertEqual([path.name for path in full.iterdir()], ["filler"])

    def test_a_log_that_nobody_takes_stops_nobody(self):
        chain = self.start()
        chain.volunteer()
        client = chain.run("client", chain.client_arguments(), log_to="/dev/full").ready()
        self.check_works(client)
        self.assertGreater(client.metric("footbridge_log_unwritten_total"), 0)

    def test_output_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([binary(), "version"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
        self.assertEqual((done.returncode, done.stderr), (1, "footbridge version: standard output cannot be written\n"))


@needs_namespace
class NoNetwork(Hardship):
    def test_when_it_goes_everybody_says_so_and_when_it_comes_back_everything_works(self):
        chain = self.start()
        volunteer = chain.volunteer()
        client = chain.client("--timeout", "5s")
        self.check_works(client)
        namespaces.run("ip", "link", "set", "lo", "down")
        try:
            eventually(lambda: "event=no-way-out" in client.log(), "the client says that it has no way out", 40)
            eventually(lambda: "event=broker-silent" in volunteer.log(), "the volunteer says that the broker is silent", 60)
        finally:
            namespaces.run("ip", "link", "set", "lo", "up")
        began = time.monotonic()
        eventually(lambda: self.fetch(client).status == 200, "the client has a way out again", NETWORK_BACK)
        print(f"works again {time.monotonic() - began:.1f} s after the network came back")
        eventually(lambda: "event=way-out-again" in client.log() and "event=broker-back" in volunteer.log(), "they say so")
        self.assertTrue(all(program.running for program in chain.programs))


if __name__ == "__main__":
    report.main()
