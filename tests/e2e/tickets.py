#!/usr/bin/env python3
"""What an egress and its broker tell each other: clients and volunteers that cheat with tickets are never relayed, an
egress that has restarted or leaves is known to be so, and everybody else goes on."""
import pathlib
import subprocess
import unittest

import curl
import report
import website
from chain import LOOPBACK, Chain, binary, eventually, free_port
from transfers import Far

DEEDS_LIMIT = 60.0    # seconds for ten paths on a loaded machine
HEARD_LIMIT = 40.0    # seconds to a heartbeat: two of them
LEFT_LIMIT = 20.0     # seconds to the last heartbeat of an egress that leaves
BACK_LIMIT = 60.0     # seconds until a client has found its way again
REFUSED = {"drop": "admission", "replay": "admission", "swap": "admission", "forge": "admission", "keep": "stale-ticket",
           "earlier-run": "stale-ticket", "swapped-by-proxy": "wrong-match", "in-league": "admission"}


class ReportingChain(Chain):
    """Its egress is told of the broker, which therefore has a port before the egress begins; so has the egress."""

    def __init__(self, allow):
        self.broker_port = free_port()
        egress_port = free_port()
        while egress_port == self.broker_port:
            egress_port = free_port()
        super().__init__(allow, ["--broker", f"http://{LOOPBACK}:{self.broker_port}/"], egress_port=egress_port)

    def start_broker(self, port=0):
        return super().start_broker(port or self.broker_port)

    def heard(self):
        return self.broker_program.metric("footbridge_broker_heartbeats_total")

    def up(self):
        return self.broker_program.metric("footbridge_broker_egresses")


class Tickets(unittest.TestCase):
    def test_who_cheats_is_never_relayed_and_nobody_else_notices(self):
        program = pathlib.Path(binary()).with_name("hostile_client")
        if not program.exists():
            self.skipTest("hostile_client is not beside the program")
        far = self.enterContext(Far())
        self.chain = self.enterContext(Chain([far.address]))
        self.chain.volunteer()
        client = self.chain.client()
        far.start(client.port, "down")
        done = subprocess.run([program, self.chain.path("egress.toml"), self.chain.path("leg.key")], capture_output=True,
                              text=True, timeout=DEEDS_LIMIT, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = dict(line.split() for line in done.stdout.splitlines())
        self.assertEqual(said, {"honest": "granted", **REFUSED, "honest-again": "granted"})
        egress = self.chain.egress_program
        self.assertEqual(egress.metric("footbridge_egress_sessions_begun_total"), 2)
        refused = {name: value for name, value in egress.metrics().items() if "tickets_refused" in name and value}
        self.assertEqual(sorted(refused.values()), [1, 1, 2, 3], refused)
        far.finish(DEEDS_LIMIT)

    def test_an_egress_is_known_to_be_there_to_have_restarted_and_to_leave(self):
        site = website.Website()
        self.addCleanup(site.close)
        self.chain = chain = self.enterContext(ReportingChain([site.address]))
        chain.volunteer()
        client = chain.client()
        eventually(lambda: chain.heard() >= 1, "the broker hears the egress", HEARD_LIMIT)
        self.assertEqual(chain.up(), 1)

        def works():
            return curl.fetch(client.port, "http", site.url("/none")).status == 204
        eventually(works, "a page comes through", BACK_LIMIT)

        heard = chain.heard()
        chain.egress_program.kill()
        chain.start_egress(chain.egress_port)
        eventually(lambda: chain.heard() > heard, "the broker hears it again", HEARD_LIMIT)
        eventually(works, "a page comes through after the restart", BACK_LIMIT)

        self.assertEqual(chain.egress_program.terminate(), 0)
        eventually(lambda: chain.up() == 0, "the broker knows that it has left", LEFT_LIMIT)
        self.assertIn("event=broker-hears", chain.egress_program.log())


if __name__ == "__main__":
    report.main()
