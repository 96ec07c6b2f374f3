#!/usr/bin/env python3
"""What programs tell netstate of themselves, to one that is ours: how they are, which egress a volunteer carries to, that they go.
While it answers nobody, nothing that is carried waits for it."""
import threading
import time
import unittest

import privacy
import report
from chain import eventually
from joined_network import SETTLED, JoinedChain
from loopback_server import LoopbackServer, QuietHandler
from rendezvous_request import fields
from transfers import Far

READY, HELPING, GONE = 1, 2, 5  # proto/netstate.proto, as all numbers of fields below
EGRESS = 5
FROZEN = 7.0   # seconds in which netstate answers nobody: a request's limit, and a look at what follows
SILENCE = 4.0  # seconds without a byte that a busy machine may give a transfer


class Report:
    def __init__(self, signed):
        said = fields(fields(signed)[1][0])
        self.role, self.sequence, self.state = (said[number][0] for number in (2, 3, 4))
        self.legs = [fields(leg)[1][0] for leg in said.get(5, [])]
        self.tag = said[12][0].decode()
        self.egress = said.get(13, [None])[0]


class Listener(LoopbackServer):
    """Takes reports, and answers when it is let."""

    def __init__(self):
        self.reports, self.answers, self.bodies = [], threading.Event(), []
        self.answers.set()
        owner = self

        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802: as the library wants it
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.bodies.append(body)
                owner.reports += [Report(signed) for signed in fields(body)[1]]
                owner.answers.wait()
                self.send_response(204)
                self.end_headers()

        super().__init__(Handler)

    def latest(self, tag):
        return next((one for one in reversed(self.reports) if one.tag == tag), None)

    def close(self):
        self.answers.set()
        super().close()
        self.server.server_close()


class Reporting(unittest.TestCase):
    def reporter(self, chain, role):
        out = chain.path(f"{role}-reporter.toml")
        chain.network("reporter", "--role", role, "--url", self.netstate.url, "--out", out)
        return ["--reporter", out, "--tag", f"the-{role}"]

    def test_is_the_newest_state_and_nothing_waits_for_it(self):
        self.netstate = Listener()
        self.addCleanup(self.netstate.close)
        far = self.enterContext(Far())
        self.chain = chain = self.enterContext(JoinedChain(allow=[far.address]))
        chain.egress_program.terminate()
        chain.egress_options += self.reporter(chain, "egress")
        chain.start_egress(chain.egress_program.port)
        volunteer = chain.volunteer(*self.reporter(chain, "volunteer"))
        egress = eventually(lambda: self.netstate.latest("the-egress"), "the egress reports")
        self.assertEqual((egress.role, egress.state), (EGRESS, READY))
        eventually(lambda: self.netstate.latest("the-volunteer"), "the volunteer reports")
        self.assertEqual(self.netstate.latest("the-volunteer").legs, [])

        client = chain.client("--paths", "1")
        transfer = far.start(client.port, "down")
        eventually(lambda: self.netstate.latest("the-volunteer").legs == [egress.egress], "whom it carries to, as that calls itself",
                   SETTLED)
        self.assertEqual(self.netstate.latest("the-volunteer").state, HELPING)

        self.netstate.answers.clear()
        eventually(lambda then=transfer.receiver.count: transfer.receiver.count > then, "it goes on")
        transfer.receiver.mark()
        time.sleep(FROZEN)  # the silence is looked for
        silence = transfer.receiver.silence()
        print(f"silent for {silence:.2f} s at most while netstate answered nobody")
        self.assertLess(silence, SILENCE)
        self.netstate.answers.set()
        far.finish(SETTLED)

        self.assertEqual(volunteer.terminate(), 0)
        self.assertEqual(self.netstate.latest("the-volunteer").state, GONE)
        for body in self.netstate.bodies:
            self.assertNotIn(b"127.0.0.1", body)
        self.assertEqual(privacy.leaks(volunteer.log()), [])


if __name__ == "__main__":
    report.main()
