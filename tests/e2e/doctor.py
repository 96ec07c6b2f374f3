#!/usr/bin/env python3
"""`footbridge doctor` finds the one thing that is wrong, says it first, and names nobody; `footbridge egress check-policy`
says which rule decides."""
import contextlib
import email.utils
import http.server
import json
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

import curl
import namespaces
import privacy
import report
import website
from chain import LOOPBACK, Chain, binary
from hardships import Clock, set_clock
from joined_network import HOUR, JoinedChain

OF_THE_MACHINE = {"tor-relay", "descriptors-few"}  # that runs these tests
LIMIT = 60  # seconds for a doctor, who takes half of it at most, on a busy machine
HEALTHY, ILL = 0, 1
MAGIC = 0x2112A442  # of STUN
NOBODY = "192.0.2.1"  # of a block for documentation


class StunServer:
    """One that says who asked, and nothing of a second address."""

    def __init__(self, address, answers=True):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.name = "%s:%d" % self.socket.getsockname()
        if answers:
            threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                question, (host, port) = self.socket.recvfrom(2048)
                address, = struct.unpack("!I", socket.inet_aton(host))
                mapped = struct.pack("!HHBBHI", 0x0020, 8, 0, 1, port ^ MAGIC >> 16, address ^ MAGIC)
                self.socket.sendto(struct.pack("!HHI", 0x0101, len(mapped), MAGIC) + question[8:20] + mapped, (host, port))

    def close(self):
        self.socket.close()


class Carrier(http.server.BaseHTTPRequestHandler):
    """Hands questions to a broker, and keeps who was asked when, and for how long."""
    broker, asked = "", []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.broker:
            with urllib.request.urlopen(urllib.request.Request(self.broker, body, {"Content-Type": "text/plain"})) as answer:
                told = answer.read()
                self.send_response(200)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)
        else:
            self.send_error(404)
        self.asked.append(self.server.server_port)

    def log_message(self, *_):
        pass


class WrongDate(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_error(404)

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(time.time() + 3 * HOUR, usegmt=True)

    def log_message(self, *_):
        pass


class Doctor(unittest.TestCase):
    def run_doctor(self, *options, wrapper=()):
        """(exit code, names of causes, what it says)."""
        environment = dict(curl.CLEAN_ENVIRONMENT, XDG_STATE_HOME=self.enterContext(tempfile.TemporaryDirectory()))
        done = subprocess.run([*wrapper, binary(), "doctor", *options, "--json"], capture_output=True, text=True, timeout=LIMIT,
                              env=environment, check=False)
        self.assertEqual(privacy.leaks(done.stdout + done.stderr), [], done.stdout)
        said = done.stdout + done.stderr
        causes = json.loads(done.stdout or '{"causes": []}')["causes"]
        return done.returncode, [cause for cause in causes if cause not in OF_THE_MACHINE], said

    def stun(self, *how):
        servers = [StunServer(f"127.0.0.{last}", answers) for last, answers in enumerate(how, start=1)]
        for server in servers:
            self.addCleanup(server.close)
        return [word for server in servers for word in ("--stun", server.name)]

    def front(self, handler):
        """A web server in TLS; the options that lead there."""
        return self.fronts(1, handler)

    def fronts(self, count, handler):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key", "-out",
                        folder / "pem"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "pem", folder / "key")
        options = ["--broker-ca", str(folder / "pem")]
        for _ in range(count):
            server = http.server.ThreadingHTTPServer((LOOPBACK, 0), handler)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
            options += ["--broker", f"https://localhost:{server.server_port}/"]
        return options

    def test_a_healthy_network_is_called_healthy_and_one_without_its_broker_is_not(self):
        site = website.Website()
        self.addCleanup(site.close)
        self.chain = network = self.enterContext(JoinedChain(allow=[site.address]))
        client = network.client()
        state = network.path("state-of-client")
        options = ["--for", "all", "--allow-private", "--state-dir", state, "--proxy", f"{LOOPBACK}:{client.port}",
                   *self.stun(True, True)]
        code, causes, text = self.run_doctor(*options)
        self.assertEqual((code, causes), (HEALTHY, []), text)
        network.broker_program.terminate()
        code, causes, text = self.run_doctor(*options)
        self.assertEqual((code, causes[:1]), (ILL, ["broker-refused"]), text)
        self.assertNotIn("directory", "".join(causes), "the one that is kept serves")
        invite = next(pathlib.Path(state).glob("networks/*/invite"))
        invite.chmod(0o644)
        code, causes, text = self.run_doctor(*options)
        self.assertEqual((code, causes[:1]), (ILL, ["state-open"]), text)
        invite.chmod(0o600)

    def test_a_directory_whose_time_is_over_is_the_operators_business(self):
        if not set_clock().exists():
            self.skipTest("needs libset_clock.so beside the program (ninja set_clock)")
        clock = Clock(self.enterContext(tempfile.TemporaryDirectory()), "clock")
        clock.set(-2 * HOUR)
        self.chain = network = self.enterContext(
            JoinedChain(directory_options=("--valid", "1h"), operators_clock=clock.wrapper()))
        code, causes, text = self.run_doctor("--allow-private", "--state-dir", network.join("client")[1])
        self.assertEqual((code, causes[:1]), (ILL, ["directory-served-over"]), text)

    def test_a_clock_that_is_wrong_comes_first(self):
        code, causes, text = self.run_doctor("--for", "volunteer", "--allow-private", *self.front(WrongDate), *self.stun(True, True))
        self.assertEqual((code, causes), (ILL, ["clock-off", "broker-hidden"]), text)
        self.assertRegex(text, '"detail":"(2 h 59 min|3 h) behind"')

    def test_stun_servers_that_are_dead_are_told_from_udp_that_is_blocked(self):
        # Who is connected to another one gets nothing of ours, and nobody else gets the port.
        elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(elsewhere.close)
        elsewhere.bind((LOOPBACK, 0))
        elsewhere.connect((LOOPBACK, 9))
        dead = ["--stun", "%s:%d" % elsewhere.getsockname()]
        for how, expected in ((dead, "udp-nobody-there"), (self.stun(False), "udp-one-silent"),
                              (self.stun(False, False), "udp-silent")):
            with self.subTest(expected):
                broker = self.front(http.server.BaseHTTPRequestHandler)
                code, causes, text = self.run_doctor("--for", "volunteer", "--allow-private", *broker, *how)
                self.assertEqual(code, ILL, text)
                self.assertIn(expected, causes, text)
                self.assertNotIn("stun", "".join(causes), text)

    def test_a_broker_of_a_network_shows_itself_to_who_joined_it(self):
        self.chain = network = self.enterContext(JoinedChain())
        named = ["--for", "broker", "--broker", f"https://{LOOPBACK}:{network.broker_program.port}/", "--allow-private"]
        code, causes, text = self.run_doctor(*named, "--state-dir", network.join("client")[1])
        self.assertEqual((code, causes), (HEALTHY, []), text)
        self.assertIn('"broker-answers"', text)

    def test_a_web_server_may_hide_a_broker(self):
        code, causes, text = self.run_doctor("--for", "broker", *self.front(Carrier))
        self.assertEqual((code, causes), (HEALTHY, ["broker-hidden"]), text)

    def test_a_client_asks_one_broker_after_the_other(self):
        self.chain = chain = self.enterContext(Chain())
        fronts = self.fronts(3, type("OurCarrier", (Carrier,), {"broker": f"http://{LOOPBACK}:{chain.broker_program.port}/"}))
        for how, asked in (([], 1), (["--all-ways"], 3)):
            with self.subTest(how):
                Carrier.asked.clear()
                _, _, text = self.run_doctor("--allow-private", *fronts, *how)
                self.assertEqual(len(set(Carrier.asked)), asked, text)
                self.assertEqual(text.count('"broker-answers"'), asked, text)
                self.assertEqual(text.count('"broker-not-asked"'), 3 - asked, text)

    def test_without_a_network_it_says_that_and_nothing_else(self):
        if reason := namespaces.why_not():
            self.skipTest(reason)
        code, causes, text = self.run_doctor(
            "--for", "volunteer", "--broker", f"https://{NOBODY}/", "--broker", "https://broker.invalid/", "--stun",
            f"{NOBODY}:3478", "--stun", "stun.invalid:3478", wrapper=("unshare", "--net"))
        self.assertEqual((code, causes), (ILL, ["no-network"]), text)

    def test_without_an_invite_it_says_how_to_come_by_one(self):
        code, causes, text = self.run_doctor("--for", "volunteer", "--no-port-mapping")
        self.assertEqual((code, causes[:1]), (ILL, ["nothing-joined"]), text)


class CheckPolicy(unittest.TestCase):
    def ask(self, *words):
        done = subprocess.run([binary(), "egress", "check-policy", *words], capture_output=True, text=True, timeout=LIMIT, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_it_says_which_rule_decides(self):
        for expected, words, says in (
                (0, ("11.9.0.1:443",), "an address of the public internet"),
                (1, ("11.9.0.1:25",), "no policy serves this port"),
                (0, ("11.9.0.1:22", "--policy", "reduced"), "public internet"),
                (1, ("11.9.0.1:443", "--deny-prefix", "11.9.0.0/16"), "11.9.0.0/16 (policy.deny_prefix, flag --deny-prefix)"),
                (1, ("192.168.0.1:443",), "not the public internet"),
                (1, ("[::1]:443",), "refused"),
                (0, ("127.0.0.1:8080", "--allow-destination", "127.0.0.1:8080"), "IPAddressAllow="),
                (0, ("--help",), "footbridge egress check-policy HOST:PORT"),
                (0, ("127.0.0.1:8080", "--allow-destination", "127.0.0.1:8080"), "this one address is excepted"),
                (1, ("11.9.0.1:53/udp", "--udp", "off"), "none leaves here (policy.udp, flag --udp)"),
                (2, (), "say whom"),
                (2, ("11.9.0.1",), "say HOST:PORT"),
                (2, ("11.9.0.1:443", "--policy", "custom"), "--policy: custom allows nothing by itself")):
            with self.subTest(words):
                code, text = self.ask(*words)
                self.assertEqual(code, expected, text)
                self.assertIn(says, text)


if __name__ == "__main__":
    report.main()
