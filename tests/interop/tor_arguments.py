#!/usr/bin/env python3
"""The real tor, alone, hands our client the arguments of its bridge lines: 510 bytes with everything that needs an
escape, 511, which it refuses itself, and none. What our door says to them stands in tor's log, without their values."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import own_network  # noqa: E402
import report  # noqa: E402
import tor_network  # noqa: E402
from chain import binary  # noqa: E402

PLACEHOLDER = "192.0.2.3:80"
MOST_BYTES = 510      # of what tor makes of a line's arguments
SECRET = "swordfish"  # stands in every value
LOG_LIMIT = 20.0      # seconds until tor has started our client, connected and heard its answer


def setUpModule():
    if not tor_network.tor_root():
        raise unittest.SkipTest("needs tor (scripts/setup interop fetches it)")
    if reason := own_network.why_not():
        raise unittest.SkipTest(reason)


class Alone:
    """What a Node wants to know of its network, where there is none."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.tor_command = [str(tor_network.tor_root() / "usr/bin/tor"), "--defaults-torrc", "/dev/null"]


def arguments(size):
    """As a bridge line has them, `size` bytes as tor hands them over: nothing that footbridge knows."""
    rest = rf" a={SECRET}=c b={SECRET};\x e={SECRET}"
    escaped = rest.replace("\\", "\\\\").replace(";", "\\;")
    head = f"k={SECRET}"
    return head + "v" * (size - len(head) - len(escaped)) + rest


class TorArguments(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="fb-tor-"))
        self.enterContext(own_network.own_network())

    def client(self, line):
        transport = f"ClientTransportPlugin footbridge exec {binary()} connect --allow-private-candidates"
        node = tor_network.Client(Alone(self.folder), "client1",
                                  tor_network.CLIENT + f"UseBridges 1\n{transport}\nBridge footbridge {PLACEHOLDER} {line}\n")
        node.start()
        self.addCleanup(lambda: node.running and node.kill())
        return node

    def refusal(self, line):
        """What our door says in tor's log."""
        node = self.client(line)
        said = node.wait_for_log(r"Managed proxy [^\n]*: (the bridge line[^\n]*|no broker[^\n]*)", LOG_LIMIT)[1]
        node.wait_for_log(r"general SOCKS server failure", LOG_LIMIT)
        self.assertEqual(node.stop(), 0)
        shown = node.log().replace(line, "")
        self.assertNotIn(SECRET, shown)
        return said

    def test_longest_arguments_arrive_whole(self):
        # The first in the order of their names; had a byte of the text been read wrongly, it would say that instead.
        self.assertRegex(self.refusal(arguments(MOST_BYTES)), "has an argument a= that it cannot have")

    def test_none_are_none(self):
        self.assertRegex(self.refusal(""), "no broker is configured")

    def test_a_key_given_twice_is_told(self):
        self.assertRegex(self.refusal(f"pin={SECRET} pin={SECRET}"), "cannot be read: a key is given twice")

    def test_longer_ones_tor_refuses_itself(self):
        node = self.client(arguments(MOST_BYTES + 1))
        self.assertNotEqual(node.process.wait(LOG_LIMIT), 0)
        output = (node.folder / "output").read_text()
        self.assertIn("can't be more than 510 bytes (511)", output)


if __name__ == "__main__":
    report.main()
