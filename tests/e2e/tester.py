#!/usr/bin/env python3
"""A network with a tester: a volunteer whose links do not open is never given to a person, and is told why; a good one is, within
seconds; and when the tester is killed, new volunteers are given to people all the same."""
import contextlib
import unittest

import chain
import curl
import report
import website
from invited import InvitedChain
from joined_network import SETTLED

AT_ONCE = 20.0       # seconds: a test, a poll and a path, on a loaded machine
TWO_TESTS = 90.0     # two links that do not open, 20 s each, and what is between them
UNTESTED = 100.0     # TST-T1, after which nobody waits for a tester any more, and a path
BROUGHT_A_LINK = "event=path-ended state=linking"


class TestedChain(InvitedChain):
    def test_volunteers(self):
        state = self.joined("tester", self.invited("tester", "--tester"))
        return self.run("tester", ["tester", "--allow-private-candidates", "--state-dir", state, *chain.with_common([])]).ready(SETTLED)

    def lend_in_vain(self, device, invite):
        """It answers, and takes no address of this machine for anybody's: no link to it opens here."""
        return self.run(device, ["volunteer", "--allow-private-egress", "--state-dir", self.joined(device, invite),
                                 *chain.with_common([])]).ready(SETTLED)


class Tester(unittest.TestCase):
    def setUp(self):
        self.site = self.enterContext(contextlib.closing(website.Website()))
        self.chain = self.enterContext(TestedChain(allow=[self.site.address]))

    def gets_out(self, client, limit):
        chain.eventually(lambda: curl.fetch(client.port, "socks5h", self.site.url("/bytes/1000")).size == 1000,
                         "a page comes through", limit)

    def hears(self, program, *words, limit=AT_ONCE):
        chain.eventually(lambda: all(word in program.log() for word in words), f"{program.name} says {words}", limit)

    def test_people_meet_who_passed_and_whom_nobody_could_test(self):
        network = self.chain
        broker = network.brokers["broker-1"]
        people = network.invited("people", "--uses", "9")
        tester = network.test_volunteers()
        self.hears(broker, "event=tester-heard")
        sara = network.connect("sara", people)
        bad = network.lend_in_vain("reza", people)
        self.hears(tester, "event=volunteer-tested", limit=TWO_TESTS)
        good = network.lend("omar", people)
        self.gets_out(sara, AT_ONCE)
        self.hears(tester, "event=volunteer-tested what=opened")
        self.hears(bad, "event=idle why=unreachable", "look whether a firewall stops UDP", limit=TWO_TESTS)
        self.assertEqual(bad.metric('footbridge_proxy_idle_total{why="unreachable"}'), 1)
        self.assertGreaterEqual(broker.metric("footbridge_broker_sent_away_total"), 1)
        self.assertNotIn(BROUGHT_A_LINK, sara.log(), "a person was sent to who fails")
        tester.kill()
        self.assertEqual(good.terminate(), 0)
        network.lend("mina", people)
        self.gets_out(sara, UNTESTED)


if __name__ == "__main__":
    report.main()
