#!/usr/bin/env python3
"""The network's tester finds out what volunteers are behind who cannot measure it, as browsers cannot: real address translation
(the kernel's), somebody else's STUN server (coturn), volunteers that say nothing of themselves."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import nat_world  # noqa: E402
import report  # noqa: E402
from chain import eventually, with_common  # noqa: E402
from invited import InvitedChain  # noqa: E402
from nat_world import EGRESS, EGRESS_PORT, STUN, STUN_PORT  # noqa: E402

FOUND = 75.0  # seconds: a test, and two probes that do not open, each 20 s at most
CLASSES = {"open": "open", "exposed": "open", "firewall": "moderate", "masquerade": "moderate", "random": "strict"}


class ProbedChain(InvitedChain):
    """In the internet of nat_world: everybody else is at home."""

    def __init__(self):
        super().__init__(egress_host=EGRESS, egress_port=EGRESS_PORT)

    def start_broker(self, port=0):
        descriptor = pathlib.Path(self.path("egress.toml"))
        descriptor.write_text(descriptor.read_text().replace("ws://", "wss://"))  # it has a certificate here
        return super().start_broker(port)

    def at_home(self, home, device, program, invite, *options):
        return self.run(device, [program, "--state-dir", self.joined(device, invite), "--stun", f"{STUN}:{STUN_PORT}",
                                 *with_common(options)], home.wrapper)


def setUpModule():
    global chain, homes
    nat_world.own_internet()
    chain = unittest.enterModuleContext(ProbedChain())
    homes = {"tester": nat_world.Home(0, "open"), **{kind: nat_world.Home(number, kind) for number, kind in enumerate(CLASSES, 1)}}
    for home in homes.values():
        unittest.addModuleCleanup(home.close)
        for port in chain.ports.values():
            home.open_door(port)


def found():
    metrics = chain.brokers["broker-1"].metrics()
    return {name: metrics[f"footbridge_broker_probed_{name}_total"] for name in ("open", "moderate", "strict", "doubtful")}


class NatProbes(unittest.TestCase):
    def test_each_volunteer_that_says_nothing_is_found_to_be_what_it_is_behind(self):
        tester = chain.at_home(homes["tester"], "tester", "tester", chain.invited("tester", "--tester")).ready()
        people = chain.invited("people", "--uses", str(len(CLASSES)))
        for kind, verdict in CLASSES.items():
            with self.subTest(volunteer=kind):
                before = found()
                volunteer = chain.at_home(homes[kind], f"volunteer-{kind}", "volunteer", people, "--nat", "unknown",
                                          "--allow-private-egress").ready()
                eventually(lambda: found() != before, f"{kind} is found to be something", FOUND)
                self.assertEqual(found(), {**before, verdict: before[verdict] + 1})
                self.assertEqual(volunteer.terminate(), 0)
        self.assertEqual(tester.terminate(), 0)


if __name__ == "__main__":
    report.main()
