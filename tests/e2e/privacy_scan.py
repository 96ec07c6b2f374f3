#!/usr/bin/env python3
"""No log and no metric of any program names an address, a host, a description of a link or a token (threat T19). Every
chain of these tests checks that when it ends; here it goes through all kinds of trouble, and the search itself is put to
the test."""
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

import curl
import privacy
import report
import website
from chain import LOOPBACK, Chain, binary, eventually

PLANTED = {
    "IPv4 address": ("peer=192.0.2.7", "to 10.0.0.1:80", "(127.0.0.1)", '"203.0.113.9"'),
    "IPv6 address": ("peer=2001:db8::1", "[::1]:80", "to fe80::1", "::ffff:192.0.2.1"),
    "host name": ("host=www.example.com", "asked for Metadata.Google.Internal", "url=localhost"),
    "URL": ("GET http://site/path", "wss://relay/leg"),
    "SDP": ("candidate:1 1 udp 2122260223", "a=ice-pwd:x", "a=fingerprint:sha-256 AB", "v=0\\r\\no=-"),
    "token": ("token=3qX9d0aZ-4hTq2LmN8vYwB1cDeFgHiJk", "key=" + "0123456789abcdef" * 2),
}
HARMLESS = (
    "time=2026-11-20T12:39:58.923Z level=notice event=egress-ready port=36641 pin=" + "5c" * 32,
    "event=path-up took=75.11ms scope=0a1b2c3d suppressed=12",
    'footbridge_build_info{version="0.1.0"} 1',
    'footbridge_egress_stream_opens_total{status="dns-failure"} 3',
    "footbridge connect: your proxy listens on 127.0.0.1:1080 (SOCKS and HTTP)",
)


class Search(unittest.TestCase):
    def test_finds_what_is_planted(self):
        for kind, texts in PLANTED.items():
            for text in texts:
                with self.subTest(text):
                    self.assertIn(kind, {leak.rpartition(" '")[0] for leak in privacy.leaks(f"event=x {text} more=1\n")})

    def test_lets_pass_what_is_harmless(self):
        self.assertEqual(privacy.leaks("\n".join(HARMLESS) + "\n"), [])


class Trouble(unittest.TestCase):
    def test_of_all_kinds_leaves_nothing_in_logs_and_metrics(self):
        site, refused = website.Website(), website.ClosedPort()
        self.addCleanup(site.close)
        self.addCleanup(refused.close)
        with Chain([site.address, refused.address]) as chain:
            client = chain.client("--timeout", "2s")
            curl.fetch(client.port, "http", site.url("/none"))  # before anybody helps
            volunteers = [chain.volunteer(), chain.volunteer()]
            eventually(lambda: curl.fetch(client.port, "http", site.url("/none")).status == 204, "the chain works")
            for url in (refused.url("/"), "http://no-such-name.example.com/", "http://10.0.0.1/", "http://localhost/",
                        "http://metadata.google.internal/", "http://user@example.com/", "http://[::1]:80/"):
                for scheme in ("http", "connect", "socks5h"):
                    curl.fetch(client.port, scheme, url)
            for garbage in (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"\5\1\0\5\1\0\3\x0bexample.com\0", b"\x16\3\1\2\0"):
                with curl.raw_connection(client.port) as connection:
                    connection.sendall(garbage)
            for program in (chain.broker_program, chain.egress_program):
                with curl.raw_connection(program.port) as connection:
                    connection.sendall(b"GET /leg/AAAA HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                       b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                    connection.recv(4096)
            for program in (client, *volunteers, chain.broker_program, chain.egress_program):
                program.signal(signal.SIGHUP)
            volunteers[0].kill()
            eventually(lambda: curl.fetch(client.port, "http", site.url("/none")).status == 204, "the chain goes on", 20)
            programs = chain.programs
            said = sum(len(program.log()) for program in programs)
            self.assertGreater(said, 2_000, "there was hardly anything to search")
        # Leaving the chain has searched all of it.


# A word that stands in names, paths, users, tokens and headers, and in nothing that anybody may write.
MARK = "planted"
WRONG_STARTS = (
    ("connect", "--broker", f"https://{MARK}.invalid:99999/{MARK}"), ("connect", "--broker", f"ftp://{MARK}.invalid/"),
    ("connect", "--stun", f"{MARK} .invalid:1"),
    ("connect", "--broker", "http://127.0.0.1:9/", "--upstream-proxy", f"socks5://{MARK}:{MARK}@{MARK}.invalid:1080"),
    ("volunteer", "--egress", f"wss://{MARK} .invalid/"), ("volunteer", "--broker", f"https://{MARK}:{MARK}@x.invalid/"),
    ("broker", "--egress", f"{MARK}"),
    ("egress", "--relay-url", f"http://{MARK}.invalid/"), ("egress", "--or-port", f"{MARK}.invalid:9001"),
    ("egress", "--broker", f"https://{MARK}.invalid/%zz {MARK}"))
# FILE has the mark in it; so has what join is given.
WRONG_FILES = (
    ("broker", "--geoip", "FILE"), ("broker", "--egress-file", "FILE"), ("broker", "--tls-cert", "FILE", "--tls-key", "FILE"),
    ("broker", "--egress", "ws://127.0.0.1:1/leg", "--leg-key-file", "FILE"), ("connect", "--egress-descriptor", "FILE"),
    ("connect", "--broker", "http://127.0.0.1:9/", "--egress-pin", "5c" * 32, "--upstream-proxy-file", "FILE"),
    ("egress", "--identity-file", "FILE", "--leg-key-file", "FILE"), ("join", "--file", "FILE"), ("join",))


class Planted(unittest.TestCase):
    def test_a_word_of_the_input_is_nowhere_in_the_output(self):
        site, refused = website.Website(), website.ClosedPort()
        self.addCleanup(site.close)
        self.addCleanup(refused.close)
        beyond = ("--broker", f"https://{MARK}.invalid/{MARK}", "--stun", f"{MARK}-stun.invalid:3478")
        with Chain([site.address], egress_options=["--broker", f"https://{MARK}.invalid/{MARK}", "--front", f"{MARK}-front.invalid"]
                   ) as self.chain:
            self.chain.run("another-broker", ["broker", "--listen", f"{LOOPBACK}:0", "--egress", f"wss://{MARK}-relay.invalid/{MARK}",
                                              "--leg-key-file", self.chain.path("leg.key"), "--log-level", "debug"]).ready()
            volunteer = self.chain.volunteer(*beyond, "--egress", f"wss://{MARK}-relay.invalid/{MARK}")
            client = self.chain.client(*beyond, "--timeout", "2s")
            behind = self.chain.client("--upstream-proxy", f"socks5://{MARK}:{MARK}@{refused.address}", ready=False)
            fronted = self.chain.run("fronted", ["connect", "--front", f"{MARK}-front.invalid", "--broker", f"https://{MARK}.invalid/",
                                                 "--egress-descriptor", self.chain.path("egress.toml"), "--listen", f"{LOOPBACK}:0",
                                                 "--log-level", "debug", "--drain-timeout", "1s"])
            user = ("--proxy-user", f"{MARK}:{MARK}", "--header", f"X-{MARK}: {MARK}", "--user-agent", MARK)
            eventually(lambda: curl.fetch(client.port, "socks5h", site.url("/none"), *user).status == 204, "the chain works", 30)
            for url in (site.url(f"/{MARK}?{MARK}"), f"http://{MARK}.invalid/", f"http://{MARK}:{MARK}@{MARK}.example/",
                        refused.url(f"/{MARK}")):
                for scheme in ("http", "connect", "socks5h"):
                    curl.fetch(client.port, scheme, url, *user)
            for program in (self.chain.broker_program, self.chain.egress_program):
                with curl.raw_connection(program.port) as connection:
                    connection.sendall(f"POST /leg/{MARK} HTTP/1.1\r\nHost: {MARK}.invalid\r\nUser-Agent: {MARK}\r\n"
                                       f"X-Forwarded-For: {MARK}\r\nContent-Length: {len(MARK)}\r\n\r\n{MARK}".encode())
                    connection.recv(4096)
            eventually(lambda: "event=" in behind.log() and "event=" in fronted.log(), "the others have tried", 20)
            for program in (client, volunteer, self.chain.broker_program, self.chain.egress_program):
                program.metrics()
                program.signal(signal.SIGHUP)
            volunteer.signal(signal.SIGABRT)  # as a broken promise of our own ends it
            volunteer.process.wait()
            written = {program.name: program.log() + program.last_metrics for program in self.chain.programs}
            self.assertEqual([file.name for file in self.chain.folder.rglob("core*")], [])
        for words in WRONG_STARTS:
            done = subprocess.run([binary(), *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
            self.assertEqual(done.returncode, 2, words)
            written[" ".join(words)] = done.stdout + done.stderr
        with tempfile.TemporaryDirectory(prefix="fb-e2e-") as folder:
            file = pathlib.Path(folder, "file")
            file.write_text(f"{MARK},{MARK}\nid = \"{MARK}\"\n{MARK} = {MARK}.invalid\nsocks5://{MARK}:{MARK}@{MARK}\n")
            file.chmod(0o600)
            for words in WRONG_FILES:
                words = [str(file) if word == "FILE" else word for word in words]
                done = subprocess.run([binary(), *words], capture_output=True, text=True, input=f"{MARK}-{MARK}\n", timeout=30,
                                      env=dict(os.environ, XDG_STATE_HOME=folder))
                self.assertNotEqual(done.returncode, 0, words)
                self.assertTrue(done.stderr, words)
                written[" ".join(words)] = done.stdout + done.stderr
        self.assertGreater(sum(map(len, written.values())), 10_000, "there was hardly anything to search")
        for name, text in written.items():
            self.assertNotIn(MARK, text.lower(), name)


if __name__ == "__main__":
    report.main()
