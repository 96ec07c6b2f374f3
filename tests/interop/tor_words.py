#!/usr/bin/env python3
"""What the real tor makes of the words with which we refuse to start: each reaches the person who reads its log, once,
and none makes tor start us again and again. tor_words.py --program PATH

What a wrong environment is that tor never sets, env(1) sets in its place."""
import pathlib
import re
import tempfile
import time
import types
import unittest

from tor_network import COMMON, Node, TorNetwork, tor_root  # also finds what follows
import own_network
import report
from chain import LOOPBACK, binary

LIMIT = 20.0   # seconds in which a tor on a busy machine has started us and read what we said
AGAIN = 3.0    # seconds in which tor starts a transport that ended three times
NOBODY = f"{LOOPBACK}:9"
BRIDGE_LINE = "UseBridges 1\nBridge footbridge 192.0.2.3:80\n"

# name → (what goes before the program, its words, what else torrc says, what tor logs)
CLIENTS = {
    "an option of ours": ("", "connect --brokr x", "",
                          r"Client managed proxy encountered a method error\. "
                          r"\(footbridge unknown flag --brokr; did you mean --broker\?\)"),
    "a version that is not ours": ("/usr/bin/env TOR_PT_MANAGED_TRANSPORT_VER=2 ", "connect", "",
                                   r"Managed proxy could not pick a configuration protocol version\."),
    "a value": ("/usr/bin/env TOR_PT_OUTBOUND_BIND_ADDRESS_V4=nowhere ", "connect", "",
                r"couldn't understand the pluggable transport environment variables\. "
                r"\(TOR_PT_OUTBOUND_BIND_ADDRESS_V4 is not an IPv4 address\)"),
    "a proxy that carries no UDP": ("", "connect", f"HTTPSProxy {NOBODY}",
                                    r"failed to configure the pluggable transport's outgoing proxy\. \(.*UDP"),
}
SERVERS = {
    "an option of the bridge": ("", "egress", "ServerTransportOptions footbridge relay-ulr=x",
                                r"Server managed proxy encountered a method error\. "
                                r"\(footbridge ServerTransportOptions: unknown option relay-ulr; did you mean relay-url\?\)"),
}


class Words(unittest.TestCase):
    def setUp(self):
        if tor_root() is None:
            self.skipTest("tor is not unpacked here: scripts/setup interop")
        if own_network.why_not():
            self.skipTest(own_network.why_not())
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.world = types.SimpleNamespace(folder=pathlib.Path(folder.name),
                                           tor_command=[str(tor_root() / "usr/bin/tor")])

    def start(self, number, torrc):
        node = Node(self.world, f"tor{number}", torrc).start()
        self.addCleanup(node.kill)
        return node

    def client(self, number, before, words, more):
        plugin = f"ClientTransportPlugin footbridge exec {before}{binary()} {words}\n"
        return self.start(number, "SocksPort 0\n" + BRIDGE_LINE + plugin + more + "\n")

    def server(self, number, before, words, more):
        plugin = f"ServerTransportPlugin footbridge exec {before}{binary()} {words}\n"
        return self.start(number, COMMON + TorNetwork.directory("A" * 40, "F" * 40) + "SocksPort 0\nBridgeRelay 1\n"
                          f"PublishServerDescriptor 0\nExitRelay 0\nOrPort {LOOPBACK}:5301\n" + plugin + more + "\n")

    def test_each_is_shown_once(self):
        with own_network.own_network():
            nodes = {}
            for name, (before, words, more, says) in {**CLIENTS, **SERVERS}.items():
                make = self.server if name in SERVERS else self.client
                nodes[name] = make(len(nodes), before, words, more), says
            for name, (node, says) in nodes.items():
                with self.subTest(name):
                    node.wait_for_log(says, LIMIT)
            time.sleep(AGAIN)  # what must not happen has no event
            for name, (node, says) in nodes.items():
                with self.subTest(name):
                    self.assertRegex(node.log(), says)
                    self.assertEqual(len(re.findall(says, node.log())), 1, node.story())
            for node, _ in nodes.values():
                node.stop()

    def test_a_transport_that_was_refused_ends_with_its_tor(self):
        with own_network.own_network():
            node = self.client(0, *CLIENTS["an option of ours"][:3])
            node.wait_for_log("method error", LIMIT)
            ours = node.transports()
            self.assertEqual(len(ours), 1, ours)
            node.stop()
            give_up = time.monotonic() + LIMIT
            while any(pathlib.Path("/proc", str(pid)).exists() for pid in ours) and time.monotonic() < give_up:
                time.sleep(0.05)
            self.assertFalse([pid for pid in ours if pathlib.Path("/proc", str(pid)).exists()])


if __name__ == "__main__":
    report.main()
