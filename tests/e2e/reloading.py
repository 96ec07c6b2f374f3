#!/usr/bin/env python3
"""A broker takes egresses and limits over while it runs: nobody who waits is sent away, and a wrong file changes nothing."""
import pathlib
import signal
import unittest

import curl
import report
import website
from chain import Chain, eventually

LIMIT = 20.0  # seconds: a loaded machine reads files late
# Of the documentation's block; it is taken out again before anybody is sent anywhere.
ELSEWHERE = "ws://198.51.100.7/leg"


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


if __name__ == "__main__":
    report.main()
