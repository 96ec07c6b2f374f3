#!/usr/bin/env python3
"""A volunteer and the home routers it may meet: who forwards, who lies, who hangs; what is asked of them, and what not."""
import contextlib
import json
import pathlib
import socket
import sys
import tempfile
import unittest

import fake_igd
import home_network
import namespaces
import report
from chain import EXIT_LIMIT, LOOPBACK, Program, eventually, with_common
import privacy

PORTS = 2       # of one slot: one rests
LIMIT = 25.0    # seconds; a multicast question takes two of them
FAKE = pathlib.Path(__file__).with_name("fake_igd.py")


def setUpModule():
    if reason := namespaces.why_not(routers=True):
        raise unittest.SkipTest(reason)
    global NETWORK
    NETWORK = home_network.HomeNetwork()


def tearDownModule():
    NETWORK.close()


class PortMapping(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="fb-e2e-")))
        self.log = self.folder / "igd.log"

    @contextlib.contextmanager
    def router(self, mood):
        process = NETWORK.router.start(sys.executable, str(FAKE), home_network.LAN, mood, str(self.log))
        try:
            eventually(lambda: self.asked("ready"), "the router serves", LIMIT)
            yield
        finally:
            process.kill()
            process.wait()

    def asked(self, what):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in map(json.loads, lines) if line["asked"] == what]

    @contextlib.contextmanager
    def volunteer(self, *more):
        """Its broker is not there: that is nothing to a router."""
        program = Program("volunteer", ["volunteer", "--broker", f"http://{LOOPBACK}:9/", "--egress", "ws://11.0.0.2:9/leg",
                                        "--slots", str(PORTS - 1), *more, *with_common([])], self.folder, NETWORK.home.enter)
        try:
            yield program.ready()
        finally:
            if program.running:
                program.kill()
        log = program.log()
        self.assertEqual(privacy.leaks(log), [])
        self.assertNotIn(fake_igd.NAME, log)
        self.assertNotIn("Sara", log)

    def says(self, program, what):
        eventually(lambda: what in program.log(), what, LIMIT)

    def test_an_honest_router_forwards_while_it_is_needed(self):
        with self.router("honest"), self.volunteer() as program:
            self.says(program, f"event=ports-mapped ports={PORTS} how=upnp")
            added = self.asked("AddPortMapping")
            self.assertEqual(len(added), PORTS)
            for mapping in added:
                self.assertEqual((mapping["NewInternalClient"], mapping["NewProtocol"]), (home_network.HOME, "UDP"))
                self.assertEqual(mapping["NewLeaseDuration"], "1200")
            self.assertEqual(program.terminate(), 0)
            gone = {mapping["NewExternalPort"] for mapping in self.asked("DeletePortMapping")}
            self.assertEqual(gone, {mapping["NewExternalPort"] for mapping in added})

    def test_another_port_is_taken_where_one_is_anothers(self):
        with self.router("conflict"), self.volunteer() as program:
            self.says(program, f"event=ports-mapped ports={PORTS} how=upnp")
            self.assertEqual(len(self.asked("AddPortMapping")), PORTS + 1)

    def test_no_mapping_without_an_end_is_asked_for(self):
        with self.router("forever"), self.volunteer() as program:
            self.says(program, "event=ports-not-mapped why=refused")
            self.assertEqual({mapping["NewLeaseDuration"] for mapping in self.asked("AddPortMapping")}, {"1200"})

    def test_nobody_is_asked_at_an_address_that_is_not_the_routers(self):
        with socket.create_server((fake_igd.ELSEWHERE, fake_igd.HTTP_PORT)) as elsewhere, self.router("elsewhere"), \
                self.volunteer() as program:
            self.says(program, "event=ports-not-mapped why=silent")
            self.assertTrue(self.asked("search"))
            elsewhere.setblocking(False)
            self.assertRaises(BlockingIOError, elsewhere.accept)

    def test_what_leads_to_no_public_address_is_taken_back(self):
        with self.router("private"), self.volunteer() as program:
            self.says(program, "event=ports-not-mapped why=unusable")
            self.assertEqual(len(self.asked("DeletePortMapping")), len(self.asked("AddPortMapping")))

    def test_a_router_that_hangs_holds_up_nobodys_end(self):
        with self.router("hung"), self.volunteer() as program:
            eventually(lambda: self.asked("description"), "the router was asked", LIMIT)
            self.assertEqual(program.terminate(EXIT_LIMIT), 0)

    def test_nothing_is_asked_where_nothing_shall_be(self):
        with self.router("honest"):
            for more in (["--no-port-mapping"], ["--allow-private-candidates"]):
                with self.volunteer(*more) as program:
                    self.says(program, "event=broker-silent")
                    self.assertEqual(program.terminate(), 0)
            self.assertEqual(self.asked("search"), [])


if __name__ == "__main__":
    report.main()
