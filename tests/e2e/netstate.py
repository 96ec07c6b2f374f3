#!/usr/bin/env python3
"""What an operator sees of a network: who is there and who carries to whom, soon and without an address; and what those who
report lose when netstate does not answer: nothing."""
import http.client
import json
import pathlib
import signal
import time
import unittest

import privacy
import report
from chain import LOOPBACK, eventually, free_port, with_common
from joined_network import SETTLED, JoinedChain
from transfers import Far

AT_ONCE = 5.0      # seconds, on a loaded machine; a second is what a reporter may wait, half of one what is gathered
FROZEN = 8.0       # seconds in which netstate does not move: a request's limit, and a look at what follows
SILENCE = 4.0      # seconds without a byte that a busy machine may give a transfer
COMES_BACK = 60.0  # seconds: who has nothing new to say says so every 30


class SeenChain(JoinedChain):
    """A network whose egress and broker report to a netstate."""

    def __enter__(self):
        super().__enter__()
        self.netstate_port = free_port()
        self.start_netstate()
        for program, options in ((self.egress_program, self.egress_options), (self.broker_program, self.broker_options)):
            options += ["--reporter", self.reporter(program.name), "--tag", program.name]
            program.terminate()
        self.start_egress(self.egress_program.port)
        self.start_broker(self.broker_program.port)
        return self

    def reporter(self, role, name=None):
        out = self.path(f"{name or role}-reporter.toml")
        self.network("reporter", "--role", role, "--url", f"http://{LOOPBACK}:{self.netstate_port}/", "--out", out)
        return out

    def start_netstate(self):
        self.netstate = self.run("netstate", ["netstate", "--network", self.path("net"), "--private-network", "--listen",
                                              f"{LOOPBACK}:{self.netstate_port}", *with_common([])]).ready()

    def seen_volunteer(self, name):
        return self.volunteer("--reporter", self.reporter("volunteer", name), "--tag", name, name=name)

    def ask(self, method, target, body=None):
        connection = http.client.HTTPConnection(LOOPBACK, self.netstate_port, timeout=SETTLED)
        try:
            connection.request(method, target, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def shown(self):
        return json.loads(self.ask("GET", "/snapshot.json")[1])

    def tags(self):
        return {node["tag"]: node for node in self.shown()["nodes"]}

    def carriers(self):
        """Tags of those who carry, each with the tag of the egress."""
        shown = self.shown()
        tag = {node["id"]: node["tag"] for node in shown["nodes"]}
        return {(tag[edge["from"]], tag[edge["to"]]) for edge in shown["edges"]}


class Netstate(unittest.TestCase):
    def setUp(self):
        self.far = self.enterContext(Far())
        self.chain = self.enterContext(SeenChain(allow=[self.far.address]))

    def test_shows_who_is_there_while_he_is_and_who_carries_while_he_does(self):
        chain = self.chain
        began = time.monotonic()
        volunteers = {name: chain.seen_volunteer(name) for name in ("attic", "cellar")}
        eventually(lambda: set(chain.tags()) == {"egress", "broker", *volunteers}, "everybody is shown")
        self.assertLess(time.monotonic() - began, SETTLED)
        self.assertEqual({tag: node["role"] for tag, node in chain.tags().items()},
                         {"egress": "egress", "broker": "broker", "attic": "volunteer", "cellar": "volunteer"})
        self.assertEqual(chain.carriers(), set())
        status = json.loads(chain.netstate.admin("GET", "/status")[1])
        self.assertEqual((status["program"], status["nodes"], status["edges"]), ("netstate", 4, 0))
        client = chain.client("--paths", "1")
        transfer = self.far.start(client.port, "down")
        (carrier, egress), = eventually(chain.carriers, "who carries is shown")
        self.assertEqual(egress, "egress")
        self.assertEqual(chain.tags()[carrier]["state"], "helping")
        eventually(lambda: chain.tags()["egress"]["state"] == "helping", "the egress is busy")

        chain.netstate.signal(signal.SIGSTOP)  # it answers nobody, and all connections to it stay
        eventually(lambda then=transfer.receiver.count: transfer.receiver.count > then, "it goes on")
        transfer.receiver.mark()
        time.sleep(FROZEN)  # the silence is looked for
        silence = transfer.receiver.silence()
        chain.netstate.signal(signal.SIGCONT)
        print(f"silent for {silence:.2f} s at most while netstate stood still")
        self.assertLess(silence, SILENCE)

        chain.netstate.kill()
        self.far.finish(SETTLED)
        chain.start_netstate()
        eventually(lambda: set(chain.tags()) == {"egress", "broker", *volunteers}, "who reported comes back", COMES_BACK)
        eventually(lambda: chain.carriers() == set(), "nobody carries any more")

        volunteers.pop("attic").terminate()
        eventually(lambda: set(chain.tags()) == {"egress", "broker", "cellar"}, "who has left is gone", AT_ONCE)
        self.check_no_address()

    def check_no_address(self):
        for target in ("/", "/snapshot.json", "/snapshot.dot", "/series.json?hours=1", "/replay.json"):
            status, body = self.chain.ask("GET", target)
            self.assertEqual(status, 200, target)
            self.assertEqual([leak for leak in privacy.leaks(body.decode()) if target != "/"], [], target)

    def test_believes_nobody_whom_the_network_has_not_certified(self):
        chain = self.chain
        other = pathlib.Path(chain.path("other"))
        chain.footbridge("network", "new", "--dir", str(other), "--name", "Others", "--broker-url", "https://broker.example/")
        chain.footbridge("network", "reporter", "--dir", str(other), "--role", "volunteer", "--url",
                         f"http://{LOOPBACK}:{chain.netstate_port}/", "--out", chain.path("stranger.toml"))
        stranger = chain.volunteer("--reporter", chain.path("stranger.toml"), "--tag", "stranger")
        eventually(lambda: "event=netstate-does-not-hear" in stranger.log(), "it says so")
        self.assertNotIn("stranger", chain.tags())
        self.assertEqual([chain.ask("POST", "/report", body)[0] for body in (b"", b"nonsense", bytes(64 * 1024 + 1))], [400, 400, 413])
        self.assertGreaterEqual(chain.netstate.metric('footbridge_netstate_reports_refused_total{why="foreign"}'), 1)


if __name__ == "__main__":
    report.main()
