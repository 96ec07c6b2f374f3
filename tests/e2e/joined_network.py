#!/usr/bin/env python3
"""A network that was joined: a client and a volunteer who were given an invite and nothing else. Broker and egress are at bare
addresses, and prove themselves by the keys that invite and directory name."""

import contextlib
import pathlib
import signal
import subprocess
import tempfile
import unittest

import chain
import curl
import report
import website
from hardships import Clock, set_clock

SETTLED = 30.0  # seconds: programs that wait for each other on a loaded machine
HOUR = 3600


class JoinedChain(chain.Chain):
    """A chain whose broker serves a network. It is made on entering, `directory_options` signing its directory."""

    def footbridge(self, *words, text=""):
        done = subprocess.run([*self.operators_clock, chain.binary(), *words], input=text, capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 0, f"{words[:2]}: {done.stderr}"
        return done.stdout

    def network(self, action, *words):
        return self.footbridge("network", action, "--dir", self.path("net"), *words)

    def __init__(self, directory_options=(), operators_clock=(), **options):
        super().__init__(**options)
        self.directory_options, self.operators_clock = directory_options, operators_clock
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "3650", "-subj", "/CN=localhost", "-keyout", self.path("tls.key"), "-out", self.path("tls.pem")],
                       check=True, capture_output=True)
        pathlib.Path(self.path("tls.key")).chmod(0o600)
        self.tls = ["--tls-cert", self.path("tls.pem"), "--tls-key", self.path("tls.key")]
        self.egress_options += self.tls

    def start_broker(self, port=0):
        port = port or chain.free_port()
        descriptor = pathlib.Path(self.path("egress.toml")).read_text()
        if not pathlib.Path(self.path("net")).exists():
            self.network("new", "--name", "Friends", "--broker-url", f"https://{chain.LOOPBACK}:{port}/", "--broker-cert",
                         self.path("tls.pem"))
            with open(self.path("net/network.toml"), "a") as config:
                config.write(descriptor)
            self.network("directory", *self.directory_options)
            self.invite = self.network("invite", "--name", "sara", "--uses", "9")
        pathlib.Path(self.path("keys.toml")).write_text(descriptor + f'key_file = "{self.path("leg.key")}"\n')
        self.broker_program = self.run(
            "broker", ["broker", "--network", self.path("net"), "--listen", f"{chain.LOOPBACK}:{port}", *self.tls,
                       "--egress-file", self.path("keys.toml"), *chain.with_common(self.broker_options)]).ready()
        return self.broker_program

    def replace_egress(self):
        """The first one goes, another one comes, and the operator signs that."""
        port = chain.free_port()
        new = self.run("egress-2", ["egress", "--listen", f"{chain.LOOPBACK}:{port}", "--create", "--identity-file",
                                    self.path("egress-2.pem"), "--leg-key-file", self.path("leg-2.key"), "--descriptor-out",
                                    self.path("egress-2.toml"), "--allow-destination", self.allow[0], *self.tls,
                                    *chain.with_common([])]).ready()
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
        return ["volunteer", "--allow-private-egress", *chain.with_common([*self.join("volunteer"), *options])]

    def client_arguments(self, *options):
        return ["connect", "--listen", f"{chain.LOOPBACK}:0", *chain.with_common([*self.join("client"), *options])]


class JoinedNetwork(unittest.TestCase):
    def test_an_invite_is_all_that_a_client_and_a_volunteer_need(self):
        with contextlib.closing(website.Website()) as site, JoinedChain(allow=[site.address]) as network:
            volunteer = network.volunteer()
            client = network.client()
            self.assertEqual(curl.fetch(client.port, "socks5h", site.url("/bytes/1000")).size, 1000, network.logs())
            for program in (volunteer, client):
                self.assertIn("directory-taken", program.log())
                self.assertTrue(next(pathlib.Path(network.path(f"state-of-{program.name.partition('-')[0]}")).glob("networks/*/directory")))

    def test_what_is_kept_serves_without_asking_anybody(self):
        with JoinedChain() as network:
            state = network.join("client")
            network.footbridge("join", "--yes", "--state-dir", state[1], "--directory", network.path("net/directory.signed"),
                               text=network.invite)
            network.broker_program.kill()
            client = network.run("client-1", ["connect", "--listen", f"{chain.LOOPBACK}:0", *chain.with_common(state)]).ready()
            chain.eventually(lambda: "client-ready" in client.log(), "the client serves", SETTLED)
            self.assertNotIn("directory-missing", client.log())

    def test_another_directory_reaches_those_who_run(self):
        with contextlib.closing(website.Website()) as site, JoinedChain(allow=[site.address]) as network:
            programs = network.volunteer(), network.client()
            port = programs[1].port
            self.assertEqual(curl.fetch(port, "socks5h", site.url("/bytes/1000")).size, 1000, network.logs())
            network.replace_egress()
            chain.eventually(lambda: curl.fetch(port, "socks5h", site.url("/bytes/2000")).size == 2000, "the new egress is used",
                             2 * SETTLED)
            for program in programs:
                self.assertEqual(program.log().count("event=directory-taken"), 2, program.log())

    def test_a_directory_that_is_over_is_not_believed_and_the_next_one_is(self):
        if not set_clock().exists():
            self.skipTest("needs libset_clock.so beside the program (ninja set_clock)")
        clock = Clock(self.enterContext(tempfile.TemporaryDirectory()), "clock")
        clock.set(-2 * HOUR)
        with JoinedChain(directory_options=("--valid", "1h"), operators_clock=clock.wrapper()) as network:
            client = network.run("client-1", network.client_arguments())
            chain.eventually(lambda: "directory-missing" in client.log(), "the client says that it has none", SETTLED)
            self.assertRegex(client.log(), "event=directory-refused why=expired")
            self.assertNotIn("event=directory-taken", client.log())
            clock.set(0)
            network.network("directory")
            network.broker_program.signal(signal.SIGHUP)
            client.ready(2 * SETTLED)
            self.assertIn("event=directory-taken", client.log())

    def test_a_broker_with_another_key_is_not_spoken_to(self):
        with JoinedChain() as network:
            arguments = network.client_arguments()
            port = network.broker_program.port
            network.broker_program.terminate()
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost",
                            "-keyout", network.path("tls.key"), "-out", network.path("tls.pem")], check=True, capture_output=True)
            network.start_broker(port)
            client = network.run("client-1", arguments)
            chain.eventually(lambda: "directory-missing" in client.log(), "the client says so", SETTLED)
            self.assertIn("certificate-wrong-key", client.log())
            client.terminate()


if __name__ == "__main__":
    report.main()
