#!/usr/bin/env python3
"""`footbridge egress` as tor starts it for a bridge: what it says and keeps, how a client's connection reaches tor, and
when it ends. tor is played by fake_tor.py; what a client does goes through a real one, broker and volunteer."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import tomllib
import unittest

import report
import socks_udp
from bridge_chain import READ_LIMIT, SMETHOD, BridgeChain, Door, Server, exact
from chain import LOOPBACK, binary, eventually
from fake_tor import DENY, OKAY, FakeTor

ENDS_WITHIN = 10.0     # seconds after its parent has said or shown that it is over: 1.2 on a busy machine; a drain takes 60
STAYS = 0.7            # seconds in which something that should not happen would have
GENERAL_FAILURE, REFUSED, GRANTED = 1, 5, 0   # replies of SOCKS5 (RFC 1928 §6)
HELLO = b"what a client of tor says first"


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


class Configuration(unittest.TestCase):
    """Lines and files."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="fb-pt-")))
        self.tor = self.enterContext(FakeTor(self.folder))
        self.state = self.folder / "not" / "there" / "yet"

    def start(self, *options, name="egress", **environment):
        server = Server(self.folder, self.tor.environment(self.state, **environment), *options, name=name)
        self.addCleanup(lambda: server.process.poll() is None and server.end())
        return server

    def refusal(self, *options, **environment):
        """Why it cannot be: the text of SMETHOD-ERROR."""
        server = self.start(*options, **environment)
        server.wait_for("SMETHODS DONE")
        self.assertIsNone(server.line(SMETHOD))
        return server.line("SMETHOD-ERROR footbridge ").partition("footbridge ")[2]

    def test_says_what_tor_waits_for_and_keeps_its_keys_to_itself(self):
        os.umask(0o022)
        with self.start() as server:
            server.wait_for("SMETHODS DONE")
            told = server.wait_for('LOG SEVERITY=notice MESSAGE="what people need for this bridge is in ')
            kinds = [line.split()[0] for line in server.lines]
            self.assertEqual(kinds, ["VERSION", "STATUS", "SMETHOD", "SMETHODS", "LOG"])
            self.assertRegex(server.smethod, rf"^SMETHOD footbridge 127\.0\.0\.1:{server.port} ARGS:pin=[0-9a-f]{{64}}$")
            ours = self.state / "footbridge"
            self.assertEqual((mode(self.state), mode(ours)), (0o700, 0o700))
            self.assertEqual({mode(ours / name) for name in ("egress.pem", "leg.key")}, {0o600})
            descriptor = tomllib.loads((ours / "egress.toml").read_text())["egress"][0]
            self.assertEqual(descriptor["spki_sha256"], server.pin)
            self.assertEqual(descriptor["relay"], f"ws://{LOOPBACK}:{server.port}/leg")
            self.assertIn(str(self.state / "footbridge_bridgeline.txt"), told)
            bridge_line = (self.state / "footbridge_bridgeline.txt").read_text().splitlines()[-1]
            self.assertRegex(bridge_line, rf"^Bridge footbridge 192\.0\.2\.3:80 FINGERPRINT broker=BROKER pin={server.pin}$")

    def test_keeps_its_keys_when_it_is_killed_and_started_again(self):
        first = self.start()
        first.wait_for("SMETHODS DONE")
        key = (self.state / "footbridge" / "leg.key").read_text()
        # As a volunteer's leg would be: the kernel keeps its end of it for a while.
        left = self.enterContext(socket.create_connection((LOOPBACK, first.port)))
        first.process.kill()
        first.process.wait()
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(left.recv(1), b"")
        (self.state / "footbridge" / "egress.toml.new").write_text("half a descri")
        # tor remembers the port and asks for the same.
        with self.start(name="again", bind=f"{LOOPBACK}:{first.port}") as second:
            self.assertEqual((second.pin, second.port), (first.pin, first.port))
            self.assertEqual((self.state / "footbridge" / "leg.key").read_text(), key)

    def test_makes_its_keys_when_it_was_killed_while_it_made_them(self):
        ours = self.state / "footbridge"
        ours.mkdir(parents=True, mode=0o700)
        (ours / "egress.pem.new-1").write_text("-----BEGIN PRIVATE")
        with self.start() as server:
            server.wait_for("SMETHODS DONE")
            self.assertIsNotNone(server.line(SMETHOD), server.lines)
            self.assertEqual(sorted(each.name for each in ours.iterdir()),
                             ["egress.pem", "egress.pem.new-1", "egress.toml", "leg.key"])

    def test_names_a_key_file_that_is_broken(self):
        ours = self.state / "footbridge"
        ours.mkdir(parents=True, mode=0o700)
        (ours / "egress.pem").touch(0o600)
        self.assertIn(str(ours / "egress.pem"), self.refusal())
        (ours / "egress.pem").unlink()
        (ours / "leg.key").write_text("0" * 64)
        (ours / "leg.key").chmod(0o644)
        self.assertIn(f"chmod 600 {ours / 'leg.key'}", self.refusal(name="second"))

    def test_names_a_state_directory_that_cannot_be(self):
        self.state = self.folder / "a file" / "below"
        (self.folder / "a file").write_text("")
        self.assertIn("state directory", self.refusal())

    def test_wants_to_know_how_volunteers_reach_it_from_outside(self):
        self.assertIn("relay-url=ws://HOST:PORT/leg", self.refusal(bind="0.0.0.0:0"))
        options = r"other:x=1;footbridge:relay-url=ws\://bridge.example\:443/leg;footbridge:id=near"
        with self.start(name="told", bind="0.0.0.0:0", options=options) as server:
            self.assertTrue(server.smethod.startswith(f"SMETHOD footbridge 0.0.0.0:{server.port} "))
            descriptor = tomllib.loads((self.state / "footbridge" / "egress.toml").read_text())["egress"][0]
            self.assertEqual((descriptor["relay"], descriptor["id"]), ("ws://bridge.example:443/leg", "near"))

    def test_names_what_it_does_not_understand(self):
        self.assertIn("unknown option colour", self.refusal(options="footbridge:colour=red"))
        self.assertIn("workers", self.refusal(options="footbridge:workers=many", name="second"))

    def test_says_when_its_port_is_taken(self):
        with socket.create_server((LOOPBACK, 0)) as taken:
            self.assertIn("--listen", self.refusal(bind=f"{LOOPBACK}:{taken.getsockname()[1]}"))

    def test_says_nothing_to_the_service_manager_of_tor(self):
        """Under tor's unit (NotifyAccess=all) it would say READY=1 and feed the watchdog in tor's name."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(self.folder / "notify"))
            manager.setblocking(False)
            environment = {**self.tor.environment(self.state), "NOTIFY_SOCKET": str(self.folder / "notify"),
                           "WATCHDOG_USEC": "20000", "RUNTIME_DIRECTORY": str(self.folder)}
            with Server(self.folder, environment) as server:
                server.wait_for("SMETHODS DONE")
                eventually(lambda: "event=egress-ready" in server.log(), "it runs")
            self.assertFalse((self.folder / "admin.sock").exists())
            with self.assertRaises(BlockingIOError):
                manager.recv(4096)

    def test_offers_nothing_when_nobody_asks_for_it(self):
        environment = {**self.tor.environment(self.state), "TOR_PT_SERVER_TRANSPORTS": "obfs4"}
        with Server(self.folder, environment) as server:
            server.wait_for("SMETHODS DONE")
            self.assertIsNone(server.line("SMETHOD "))
            self.assertFalse(self.state.exists())


class Ends(unittest.TestCase):
    """Without connections; with them: Connections."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="fb-pt-")))
        self.tor = self.enterContext(FakeTor(self.folder))

    def start(self, **changes):
        environment = {**self.tor.environment(self.folder / "state"), **changes}
        server = Server(self.folder, {key: value for key, value in environment.items() if value is not None})
        self.addCleanup(lambda: server.process.poll() is None and server.process.kill())
        server.wait_for("SMETHODS DONE")
        return server

    def test_with_standard_input_when_tor_says_that_this_is_how(self):
        server = self.start()
        server.process.stdin.close()
        self.assertEqual(server.process.wait(ENDS_WITHIN), 0, server.log())

    def test_not_with_standard_input_otherwise_and_with_sigterm(self):
        server = self.start(TOR_PT_EXIT_ON_STDIN_CLOSE=None)
        server.process.stdin.close()
        with self.assertRaises(subprocess.TimeoutExpired):
            server.process.wait(STAYS)
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(ENDS_WITHIN), 0, server.log())

    def test_with_its_parent(self):
        environment = {**os.environ, **self.tor.environment(self.folder / "state")}
        del environment["TOR_PT_EXIT_ON_STDIN_CLOSE"]
        program = ("import os, subprocess, sys; p = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL); "
                   "print(p.pid, flush=True); os.read(0, 1); os._exit(0)")
        with subprocess.Popen([sys.executable, "-c", program, binary(), "egress", "--workers", "1"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True) as parent:
            pid = int(parent.stdout.readline())
            for line in parent.stdout:
                if line == "SMETHODS DONE\n":
                    break
            self.assertTrue(pathlib.Path(f"/proc/{pid}").exists())
            began = time.monotonic()
            parent.stdin.close()
            parent.stdout.read()   # to its end: the last who could write is gone
            self.assertLess(time.monotonic() - began, ENDS_WITHIN)


class Connections(unittest.TestCase):
    """Through client, broker and volunteer to tor."""

    @classmethod
    def setUpClass(cls):
        cls.tor_folder = tempfile.TemporaryDirectory(prefix="fb-pt-")
        cls.addClassCleanup(cls.tor_folder.cleanup)
        cls.tor = cls.enterClassContext(FakeTor(cls.tor_folder.name))
        cls.admin = str(pathlib.Path(cls.tor_folder.name) / "admin")
        cls.door = cls.enterClassContext(Door(cls.tor, options=("--admin", cls.admin)))
        cls.door.volunteer("--slots", "10")
        cls.client = cls.enterClassContext(cls.door.start_client())

    def setUp(self):
        self.tor.answer, self.tor.knows_cookie = OKAY, True
        self.tor.write_cookie()
        self.tor.introductions.clear()

    def dial(self, expected=GRANTED):
        reply, connection = self.door.dial(self.client)
        self.addCleanup(connection.close)
        self.assertEqual(reply, expected, self.client.lines)
        return connection

    def check_echo(self, connection):
        connection.sendall(HELLO)
        self.assertEqual(exact(connection, len(HELLO)), HELLO)

    def metric(self, name):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(READ_LIMIT)
            s.connect(self.admin)
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            text = b"".join(iter(lambda: s.recv(65536), b"")).decode()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])

    def test_say_to_the_extended_or_port_exactly_what_its_specification_wants(self):
        self.check_echo(self.dial())
        said, = self.tor.introductions
        address = said.commands[0][1].decode()
        self.assertRegex(address, r"^127\.0\.0\.1:[1-9]\d*$", "the volunteer's leg")
        self.assertEqual(said.heard[:len(said.expected(self.tor.cookie, address))], said.expected(self.tor.cookie, address))
        self.assertEqual(said.heard, said.expected(self.tor.cookie, address), "and nothing more before OKAY")
        self.check_echo(self.dial())
        self.assertEqual(self.tor.introductions[1].commands[0][1].decode(), address, "one session, one address")

    def test_work_with_a_cookie_that_was_replaced_meanwhile(self):
        self.check_echo(self.dial())
        self.tor.new_cookie()
        self.check_echo(self.dial())

    def test_give_nothing_to_who_does_not_know_the_cookie(self):
        before = self.tor.relayed
        self.tor.knows_cookie = False
        self.dial(GENERAL_FAILURE)
        said, = self.tor.introductions
        self.assertEqual(len(said.heard), 33, "its choice and its nonce, and then nothing")
        self.assertEqual(self.tor.relayed, before)
        self.assertGreaterEqual(self.metric('footbridge_egress_bridge_failures_total{why="wrong-cookie"}'), 1)
        self.door.egress_program.wait_for('LOG SEVERITY=warning MESSAGE="what listens at the extended OR port does not')

    def test_are_refused_where_tor_denies(self):
        self.tor.answer = DENY
        self.dial(REFUSED)
        self.tor.answer = OKAY
        self.check_echo(self.dial())

    def test_need_a_cookie_file(self):
        self.tor.cookie_file.unlink()
        connections = self.tor.connections
        self.dial(GENERAL_FAILURE)
        self.assertEqual(self.tor.connections, connections, "nothing is dialled without one")


class Others(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="fb-pt-"))
        self.tor = self.enterContext(FakeTor(folder))

    def test_go_to_the_or_port_where_there_is_no_other_and_hear_when_it_is_gone(self):
        plain = {"TOR_PT_EXTENDED_SERVER_PORT": "", "TOR_PT_AUTH_COOKIE_FILE": ""}
        with Door(self.tor, plain) as door:
            door.volunteer()
            with door.start_client() as client:
                reply, connection = door.dial(client)
                with connection:
                    self.assertEqual(reply, GRANTED)
                    connection.sendall(HELLO)
                    self.assertEqual(exact(connection, len(HELLO)), HELLO)
                self.assertEqual(self.tor.introductions, [])
                self.tor.close()
                reply, connection = door.dial(client)
                connection.close()
                self.assertEqual(reply, REFUSED)

    def test_end_soon_with_the_server(self):
        with Door(self.tor) as door:
            door.volunteer()
            with door.start_client() as client:
                reply, connection = door.dial(client)
                with connection:
                    self.assertEqual(reply, GRANTED)
                    connection.sendall(HELLO)
                    exact(connection, len(HELLO))
                    began = time.monotonic()
                    door.egress_program.process.stdin.close()
                    self.assertEqual(door.egress_program.process.wait(ENDS_WITHIN), 0)
                    print(f"ended after {time.monotonic() - began:.2f} s")

    def test_find_no_way_out_but_the_bridge(self):
        """The egress of a bridge has a policy of its own only when somebody writes one."""
        with Door(self.tor) as door:
            door.volunteer()
            client = door.client()
            for place in (self.tor.or_port, f"{LOOPBACK}:80", "192.0.2.80:443"):
                with socket.create_connection((LOOPBACK, client.port), timeout=READ_LIMIT) as connection:
                    host, _, port = place.partition(":")
                    connection.sendall(b"\x05\x01\x00")
                    self.assertEqual(exact(connection, 2), b"\x05\x00")
                    connection.sendall(b"\x05\x01\x00\x01" + socket.inet_aton(host) + int(port).to_bytes(2, "big"))
                    self.assertEqual(exact(connection, 10)[1], 2, "not allowed by ruleset")
            with self.assertRaises(socks_udp.Refused):
                socks_udp.Association(client.port)
            self.assertEqual(self.tor.connections, 0)

    def test_find_the_bridge_also_at_an_egress_that_was_not_started_by_tor(self):
        options = ["--policy", "off", "--ext-or-port", self.tor.ext_or_port, "--auth-cookie-file", str(self.tor.cookie_file)]
        with BridgeChain(egress_options=options) as door:
            door.volunteer()
            with door.start_client() as client:
                reply, connection = door.dial(client)
                with connection:
                    self.assertEqual(reply, GRANTED)
                self.assertEqual(self.tor.introductions[0].commands[1][1], b"footbridge")


if __name__ == "__main__":
    report.main()
