#!/usr/bin/env python3
"""A network that was joined: a client and a volunteer who were given an invite and nothing else. Broker and egress are at bare
addresses, and prove themselves by the keys that invite and directory name."""

import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import curl
import report
import website
from chain import LOOPBACK, Chain, binary, eventually, free_port, with_common
from hardships import Clock, set_clock
from managed import Managed, client_environment
from managed_client import CONNECT, GRANTED, Echo, take

SETTLED = 30.0  # seconds: programs that wait for each other on a loaded machine
START_AGO = 15  # seconds, more than SEAL-T3
FOUND_AGAIN = 100.0  # seconds: NET-T16, then NET-T11, and a busy machine
HOUR = 3600


class JoinedChain(Chain):
    """A chain whose broker serves a network. It is made on entering, `directory_options` signing its directory."""

    def footbridge(self, *words, text=""):
        done = subprocess.run([*self.operators_clock, binary(), *words], input=text, capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 0, f"{words[:2]}: {done.stderr}"
        return done.stdout

    def network(self, action, *words):
        return self.footbridge("network", action, "--dir", self.path("net"), *words)

    def __init__(self, directory_options=(), operators_clock=(), **options):
        super().__init__(**options)
        self.clock = None
        self.directory_options, self.operators_clock = directory_options, operators_clock
        self.make_certificate("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        self.tls = ["--tls-cert", self.path("tls.pem"), "--tls-key", self.path("tls.key")]
        self.egress_options += self.tls

    def configured(self, config):
        """Its network.toml, from what `network new` has written: for who wants another one."""
        return config

    def make_certificate(self, *key):
        subprocess.run([*self.earlier(), "openssl", "req", "-x509", "-newkey", *key, "-nodes", "-days", "30", "-subj",
                        "/CN=localhost", "-keyout", self.path("tls.key"), "-out", self.path("tls.pem")],
                       check=True, capture_output=True)

    def earlier(self):
        """Words before a command that starts a little in the past, where that can be had; clock.set(0) is the present."""
        if not set_clock().exists():
            return ()
        self.clock = Clock(self.folder, "clock")
        self.clock.set(-START_AGO)
        return self.clock.wrapper()

    def start_broker(self, port=0):
        port = port or free_port()
        descriptor = pathlib.Path(self.path("egress.toml")).read_text()
        if not pathlib.Path(self.path("net")).exists():
            self.network("new", "--name", "Friends", "--broker-url", f"https://{LOOPBACK}:{port}/", "--broker-cert",
                         self.path("tls.pem"))
            config = pathlib.Path(self.path("net/network.toml"))
            config.write_text(self.configured(config.read_text()) + descriptor)
            self.network("directory", *self.directory_options)
            self.invite = self.network("invite", "--name", "sara", "--uses", "9")
        pathlib.Path(self.path("keys.toml")).write_text(descriptor + f'key_file = "{self.path("leg.key")}"\n')
        # For SEAL-T3 after its start a broker takes nobody who asks first; this one believes that it is longer ago.
        self.broker_program = self.run(
            "broker", ["broker", "--network", self.path("net"), "--listen", f"{LOOPBACK}:{port}", *self.tls, "--egress-file",
                       self.path("keys.toml"), *with_common(self.broker_options)], self.earlier()).ready()
        if self.clock:
            self.clock.set(0)
        return self.broker_program

    def replace_egress(self):
        """The first one goes, another one comes, and the operator signs that."""
        port = free_port()
        new = self.run("egress-2", ["egress", "--listen", f"{LOOPBACK}:{port}", "--create", "--identity-file",
                                    self.path("egress-2.pem"), "--leg-key-file", self.path("leg-2.key"), "--descriptor-out",
                                    self.path("egress-2.toml"), "--allow-destination", self.allow[0], *self.tls,
                                    *with_common([])]).ready()
        old, descriptor = (pathlib.Path(self.path(name)).read_text() for name in ("egress.toml", "egress-2.toml"))
        config = pathlib.Path(self.path("net/network.toml"))
        config.write_text(config.read_text().replace(old, descriptor))
        pathlib.Path(self.path("keys.toml")).write_text(descriptor + f'key_file = "{self.path("leg-2.key")}"\n')
        self.network("directory")
        self.broker_program.signal(signal.SIGHUP)
        self.egress_program.terminate()
        return new

    def join(self, name):
        state = self.path(f"state-of-{name}")
        self.footbridge("join", "--yes", "--state-dir", state, text=self.invite)
        return ["--state-dir", state, "--allow-private-candidates"]

    def volunteer_arguments(self, *options):
        return ["volunteer", "--allow-private-egress", *with_common([*self.join("volunteer"), *options])]

    def client_arguments(self, *options):
        return ["connect", "--listen", f"{LOOPBACK}:0", *with_common([*self.join("client"), *options])]


class JoinedNetwork(unittest.TestCase):
    def joined(self, **options):
        self.chain = self.enterContext(JoinedChain(**options))  # report.py shows its logs
        return self.chain

    def site(self):
        site = website.Website()
        self.addCleanup(site.close)
        return site

    def test_an_invite_is_all_that_a_client_and_a_volunteer_need(self):
        site = self.site()
        network = self.joined(allow=[site.address])
        volunteer = network.volunteer()
        client = network.client()
        self.assertEqual(curl.fetch(client.port, "socks5h", site.url("/bytes/1000")).size, 1000, network.logs())
        for program in (volunteer, client):
            self.assertIn("directory-taken", program.log())
            self.assertTrue(next(pathlib.Path(network.path(f"state-of-{program.name.partition('-')[0]}")).glob("networks/*/directory")))

    def test_what_is_kept_serves_without_asking_anybody(self):
        network = self.joined()
        state = network.join("client")
        network.footbridge("join", "--yes", "--state-dir", state[1], "--directory", network.path("net/directory.signed"),
                           text=network.invite)
        network.broker_program.kill()
        client = network.run("client-1", ["connect", "--listen", f"{LOOPBACK}:0", *with_common(state)]).ready()
        eventually(lambda: "client-ready" in client.log(), "the client serves", SETTLED)
        self.assertNotIn("event=directory-", client.log())

    def test_a_clock_that_is_hours_behind_is_set_right_by_whom_it_asks(self):
        """The keys of a directory of today have not begun for such a client, and it has one: the newest, which is kept."""
        if not set_clock().exists():
            self.skipTest("needs libset_clock.so beside the program (ninja set_clock)")
        site = self.site()
        network = self.joined(allow=[site.address])
        state = network.join("client")
        network.footbridge("join", "--yes", "--state-dir", state[1], "--directory", network.path("net/directory.signed"),
                           text=network.invite)
        network.volunteer()
        wrong = Clock(network.folder, "wrong-clock")
        wrong.set(-8 * HOUR)
        client = network.run("client-1", ["connect", "--listen", f"{LOOPBACK}:0", *with_common(state)], wrong.wrapper()).ready()
        self.assertEqual(curl.fetch(client.port, "socks5h", site.url("/bytes/1000")).size, 1000, network.logs())

    def test_another_directory_reaches_those_who_run(self):
        site = self.site()
        network = self.joined(allow=[site.address])
        programs = network.volunteer(), network.client()
        port = programs[1].port
        self.assertEqual(curl.fetch(port, "socks5h", site.url("/bytes/1000")).size, 1000, network.logs())
        network.replace_egress()
        eventually(lambda: curl.fetch(port, "socks5h", site.url("/bytes/2000")).size == 2000, "the new egress is used",
                         2 * SETTLED)
        for program in programs:
            self.assertEqual(program.log().count("event=directory-taken"), 2, program.log())

    def test_a_directory_that_is_over_is_not_believed_and_the_next_one_is(self):
        if not set_clock().exists():
            self.skipTest("needs libset_clock.so beside the program (ninja set_clock)")
        clock = Clock(self.enterContext(tempfile.TemporaryDirectory()), "clock")
        clock.set(-2 * HOUR)
        network = self.joined(directory_options=("--valid", "1h"), operators_clock=clock.wrapper())
        client = network.run("client-1", network.client_arguments())
        eventually(lambda: "event=directory-refused why=expired" in client.log(), "the client looks at it", SETTLED)
        self.assertNotIn("event=directory-taken", client.log())
        clock.set(0)
        network.network("directory")
        network.broker_program.signal(signal.SIGHUP)
        client.ready(2 * SETTLED)
        self.assertIn("event=directory-taken", client.log())

    def test_tor_needs_no_arguments_where_a_network_was_joined(self):
        bridge = Echo()
        self.addCleanup(bridge.close)
        network = self.joined(egress_options=["--or-port", bridge.address])
        network.volunteer()
        state = network.path("pt_state")
        network.footbridge("join", "--yes", "--state-dir", f"{state}/footbridge", text=network.invite)
        with Managed(["connect", "--allow-private-candidates"], client_environment(state), network.folder, "tors") as transport:
            transport.wait_for("CMETHODS DONE")
            with socket.create_connection((LOOPBACK, transport.port), 2 * SETTLED) as tor:
                tor.sendall(b"\5\1\0")  # nothing to say with it
                self.assertEqual(take(tor, 2), b"\5\0")
                tor.sendall(CONNECT)
                self.assertEqual(take(tor, 10)[1], GRANTED, transport.log())
                tor.sendall(b"a cell")
                self.assertEqual(take(tor, 6), b"a cell")
            self.assertEqual(transport.log().count("event=directory-taken"), 1)

    def test_a_broker_that_cannot_open_what_is_sealed_for_it_is_found_again_by_a_directory(self):
        """Its certificate is the right one, so that it is asked; its key for sealed requests is not the directory's."""
        site = self.site()
        network = self.joined(allow=[site.address])
        state = network.join("client")
        network.footbridge("join", "--yes", "--state-dir", state[1], "--directory", network.path("net/directory.signed"),
                           text=network.invite)
        port = network.broker_program.port
        network.broker_program.terminate()
        network.footbridge("network", "new", "--dir", network.path("other"), "--name", "Others", "--broker-url",
                           f"https://{LOOPBACK}:{port}/", "--broker-cert", network.path("tls.pem"))
        with open(network.path("other/network.toml"), "a") as config:
            config.write(pathlib.Path(network.path("egress.toml")).read_text())
        network.footbridge("network", "directory", "--dir", network.path("other"))
        keys, = pathlib.Path(network.path("other")).glob("broker-*.keys")
        shutil.copy2(keys, network.path("net"))
        broker = network.start_broker(port)
        client = network.run("client-1", ["connect", "--listen", f"{LOOPBACK}:0", *with_common(state)]).ready()
        eventually(lambda: "event=no-way-out why=broker-strange" in client.log(), "the client says so", SETTLED)
        self.assertEqual(broker.metric("footbridge_broker_offers_total"), 0)
        network.network("directory")
        broker.signal(signal.SIGHUP)
        network.volunteer()
        eventually(lambda: "event=directory-taken" in client.log(), "the client looks for another directory", FOUND_AGAIN)
        self.assertEqual(curl.fetch(client.port, "socks5h", site.url("/bytes/1000")).size, 1000, network.logs())

    def test_a_reload_takes_all_or_nothing(self):
        network = self.joined()
        broker, certificate = network.broker_program, pathlib.Path(network.path("tls.pem"))
        network.network("directory")
        good = certificate.read_bytes()
        certificate.write_bytes(b"none")
        broker.signal(signal.SIGHUP)
        eventually(lambda: "event=reload-refused" in broker.log(), "the certificate is refused", SETTLED)
        self.assertNotIn("event=directory-in-use", broker.log(), "though the directory is good")
        certificate.write_bytes(good)
        broker.signal(signal.SIGHUP)
        eventually(lambda: "event=directory-in-use" in broker.log(), "both are good", SETTLED)

    def test_a_broker_with_another_key_is_not_spoken_to(self):
        network = self.joined()
        arguments = network.client_arguments()
        port = network.broker_program.port
        network.broker_program.terminate()
        network.make_certificate("rsa:2048")
        network.start_broker(port)
        client = network.run("client-1", arguments)
        eventually(lambda: "directory-missing" in client.log(), "the client says so", SETTLED)
        self.assertIn("certificate-wrong-key", client.log())
        client.terminate()


if __name__ == "__main__":
    report.main()
