#!/usr/bin/env python3
"""A broker takes egresses and limits over while it runs, and shows them in its pages: nobody who waits is sent away, and a wrong file
changes nothing."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest
import urllib.request

import curl
import report
import website
from chain import Chain, Program, binary, eventually

LIMIT = 20.0  # seconds: a loaded machine reads files late
# Of the documentation's block; it is taken out again before anybody is sent anywhere.
ELSEWHERE = "ws://198.51.100.7/leg"
NOBODY = "ws://127.0.0.1:9/leg"


class FileChain(Chain):
    """Its broker reads everything from a file."""

    def start_broker(self, port=0):
        self.config = pathlib.Path(self.path("settings.toml"))
        self.write([self.relay_url])
        self.broker_program = self.run(
            "broker", ["broker", "--listen", f"127.0.0.1:{port}", "--config", str(self.config)]).ready()
        return self.broker_program

    def write(self, relays, slots_per_prefix=4):
        egresses = pathlib.Path(self.path("egresses.toml"))
        egresses.write_text("".join(f'[[egress]]\nid = "egress-{i}"\nrelay = "{relay}"\nkey_file = "{self.path("leg.key")}"\n'
                                    for i, relay in enumerate(relays)))
        self.config.write_text(f'[broker]\negress_file = "{egresses}"\n[limits]\nslots_per_prefix = {slots_per_prefix}\n')


def made_up_pages(folder):
    pages = folder / "pages"
    pages.mkdir(exist_ok=True)
    for name in ("widget.js", "frame.html", "frame.js", "worker.js", "core.wasm", "confirm.html"):
        (pages / name).write_text(name)
    return pages


class PagesChain(FileChain):
    """Its broker shows pages."""

    def write(self, relays, slots_per_prefix=4):
        super().write(relays, slots_per_prefix)
        folder = made_up_pages(self.folder)
        self.config.write_text(self.config.read_text().replace("[broker]\n", f'[broker]\nweb = "{folder}"\n'))

    def named_relays(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.broker_program.port}/config.json", timeout=LIMIT) as answer:
            return json.load(answer)["relays"]


class Reloading(unittest.TestCase):
    def test_a_broker_takes_other_egresses_and_limits_over_and_sends_nobody_away(self):
        site = website.Website()
        self.addCleanup(site.close)
        chain = self.enterContext(FileChain([site.address]))
        broker = chain.broker_program
        chain.volunteer()

        def waiting():
            return broker.metric("footbridge_broker_waiting_proxies")
        eventually(lambda: waiting() == 1, "the volunteer waits", LIMIT)

        chain.write([chain.relay_url, ELSEWHERE], slots_per_prefix=7)
        broker.signal(signal.SIGHUP)
        eventually(lambda: broker.metric("footbridge_broker_egresses") == 2, "there are two egresses", LIMIT)
        chain.write([])
        broker.signal(signal.SIGHUP)
        eventually(lambda: "event=reload-refused" in broker.log(), "a file without an egress is refused", LIMIT)
        self.assertEqual(broker.metric("footbridge_broker_egresses"), 2)
        chain.write([chain.relay_url])
        broker.signal(signal.SIGHUP)
        eventually(lambda: broker.log().count("event=egresses-changed") == 2, "one is taken out", LIMIT)
        self.assertEqual(broker.metric("footbridge_broker_egresses"), 1)
        self.assertNotIn("event=restart-needed", broker.log())
        eventually(lambda: waiting() == 1, "the volunteer waits as before", LIMIT)

        client = chain.client()
        self.assertEqual(curl.fetch(client.port, "http", site.url("/none")).status, 204)

    def test_pages_name_the_egresses_that_are_in_force_and_none_elsewhere(self):
        chain = self.enterContext(PagesChain())
        broker = chain.broker_program
        self.assertEqual(chain.named_relays(), [chain.relay_url])
        chain.write([chain.relay_url, NOBODY])
        broker.signal(signal.SIGHUP)
        eventually(lambda: chain.named_relays() == [chain.relay_url, NOBODY], "the pages name both", LIMIT)
        chain.write([ELSEWHERE])
        broker.signal(signal.SIGHUP)
        eventually(lambda: "event=reload-refused" in broker.log(), "an egress elsewhere is refused", LIMIT)
        self.assertEqual(chain.named_relays(), [chain.relay_url, NOBODY])

    def test_pages_that_could_reach_nobody_keep_no_broker_from_its_egresses(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        net, key = folder / "net", folder / "leg.key"
        key.write_text("0" * 64 + "\n")
        key.chmod(0o600)
        network = ("network", "new", "--dir", str(net), "--name", "Friends", "--broker-url", "https://broker.example/")
        subprocess.run([binary(), *network], check=True, capture_output=True, timeout=LIMIT)
        empty = (net / "network.toml").read_text()

        def sign(*relays):
            (net / "network.toml").write_text(empty + "".join(
                f'[[egress]]\nid = "egress-{i}"\nrelay = "{relay}"\nspki_sha256 = "{f"{i}a" * 32}"\n' for i, relay in enumerate(relays)))
            subprocess.run([binary(), "network", "directory", "--dir", str(net)], check=True, capture_output=True, timeout=LIMIT)

        words = ["broker", "--network", str(net), "--listen", "127.0.0.1:0", "--leg-key-file", str(key), "--web",
                 str(made_up_pages(folder))]
        sign("ws://one.example/leg")
        refused = subprocess.run([binary(), *words], capture_output=True, text=True, timeout=LIMIT,
                                 env=dict(os.environ, XDG_STATE_HOME=str(folder)))
        self.assertEqual(refused.returncode, 2)
        self.assertIn("footbridge broker: --web: a page can only reach servers", refused.stderr)
        self.assertNotIn("event=broker-ready", refused.stderr)

        sign("wss://one.example/leg")
        broker = Program("broker", words, folder).ready()
        self.addCleanup(broker.kill)
        sign("ws://one.example/leg", "ws://two.example/leg")
        broker.signal(signal.SIGHUP)
        eventually(lambda: "event=pages-refused" in broker.log(), "the pages stay as they were", LIMIT)
        eventually(lambda: broker.metric("footbridge_broker_egresses") == 2, "the egresses do not", LIMIT)
        self.assertNotIn("event=network-files-refused", broker.log())


if __name__ == "__main__":
    report.main()
