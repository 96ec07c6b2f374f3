#!/usr/bin/env python3
"""A page finds out what kind of network it is in and tells the broker, which sends it only people who can reach it: STUN servers of
ours see the page at one port, or each at another one."""
import socket
import struct
import threading
import unittest

import curl
import report
from chain import eventually
from web_volunteer import InBrowser, InChromium, PAGE_LIMIT

SERVERS = "127.0.0.1", "127.0.0.2"
SEEN_AT = bytes((198, 51, 100, 7))  # the page's outside address, as they say
COOKIE = 0x2112A442
BINDING_REQUEST, BINDING_SUCCESS, XOR_MAPPED_ADDRESS, IPV4 = 0x0001, 0x0101, 0x0020, 1


class StunServer:
    """Says that whoever asks is at an outside port which `seen` makes of the one that it sends from."""

    def __init__(self, address, seen):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.seen = seen
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def url(self):
        return "stun:%s:%d" % self.socket.getsockname()

    def serve(self):
        while True:
            try:
                question, sender = self.socket.recvfrom(2048)
            except OSError:
                return
            if len(question) < 20 or struct.unpack_from("!H", question)[0] != BINDING_REQUEST:
                continue
            port = self.seen(sender[1]) ^ COOKIE >> 16
            address = bytes(one ^ other for one, other in zip(SEEN_AT, COOKIE.to_bytes(4, "big")))
            mapped = struct.pack("!HHBBH", XOR_MAPPED_ADDRESS, 8, 0, IPV4, port) + address
            self.socket.sendto(struct.pack("!HH", BINDING_SUCCESS, len(mapped)) + question[4:20] + mapped, sender)

    def close(self):
        self.socket.close()


class InNetwork(InChromium, InBrowser):
    """A page whose STUN servers see it at ports that are `shifts` away from its own, and beside it a volunteer of whom nothing is known."""

    def stun(self):
        servers = [StunServer(address, lambda port, by=by: 10_000 + (port + by) % 50_000) for address, by in zip(SERVERS, self.shifts)]
        for server in servers:
            self.addCleanup(server.close)
        return [server.url for server in servers]

    def carries(self, network):
        """Whether the page carries a client that has one port for everybody and lets in whom it has asked."""
        self.press("start")
        eventually(lambda: self.page.last.get("network") == network, f"{network}, and not {self.page.last}", PAGE_LIMIT)
        eventually(lambda: self.chain.broker_program.metric("footbridge_broker_polls_total") >= 2, "the broker is told")
        other = self.chain.volunteer("--nat", "unknown")
        client = self.chain.client("--nat", "moderate", "--paths", "1")
        self.assertEqual(curl.fetch(client.port, "socks5h", self.site.url("/bytes/100000")).exit, 0)
        self.assertNotIn(".".join(map(str, SEEN_AT)), str(self.page.said))

        def carriers():
            return [self.page.last["helpedToday"] > 0, other.metric("footbridge_proxy_helped_today") > 0]

        eventually(lambda: any(carriers()), "page or volunteer says that it carried")
        return carriers() == [True, False]


class WhoHasAnotherPortForEachDestination(InNetwork, unittest.TestCase):
    shifts = 1, 2

    def test_is_not_given_to_whom_he_could_not_reach(self):
        self.assertFalse(self.carries("restricted"))


class WhoHasOnePortForEverybody(InNetwork, unittest.TestCase):
    shifts = 1, 1

    def test_is_given_before_one_of_whom_nothing_is_known(self):
        self.assertTrue(self.carries("moderate"))


if __name__ == "__main__":
    report.main()
