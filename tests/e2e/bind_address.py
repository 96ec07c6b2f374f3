#!/usr/bin/env python3
"""With --bind-address everything that a volunteer sends leaves from that address: to broker, STUN server and egress, over TCP
and UDP, and to clients. Real programs in a network namespace of their own with two addresses, every packet looked at."""
import ctypes
import os
import socket
import struct
import threading
import unittest

import curl
import namespaces
import report
import website
from chain import LIBC, LOOPBACK, SOON, Chain, eventually
from udp_legs import free_udp_ports

VOLUNTEER, CLIENT, NOBODY = "11.0.0.9", "11.0.0.2", "11.0.0.77"
ALL_PACKETS = 0x0003  # ETH_P_ALL
ETHERNET_BYTES = 14
SIZE = 300_000
USAGE = 2


def setUpModule():
    reason = namespaces.why_not()
    if reason:
        raise unittest.SkipTest(reason)
    assert LIBC.unshare(namespaces.CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
    namespaces.run("ip", "link", "set", "lo", "up")
    for address in (VOLUNTEER, CLIENT):
        namespaces.run("ip", "address", "add", f"{address}/32", "dev", "lo")


class Packets:
    """Every IPv4 packet of this namespace: (protocol, source, destination, its port)."""

    def __init__(self):
        self.seen = set()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PACKETS))
        self.socket.bind(("lo", 0))
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self):
        while True:
            try:
                packet = self.socket.recv(2048)[ETHERNET_BYTES:]
            except OSError:
                return
            if len(packet) < 24 or packet[0] >> 4 != 4:
                continue
            head = (packet[0] & 15) * 4
            port, = struct.unpack_from("!H", packet, head + 2)
            self.seen.add((packet[9], socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20]), port))

    def sources(self, protocol, port):
        """Who sent to that port."""
        return {source for kind, source, _, to in list(self.seen) if (kind, to) == (protocol, port)}

    def strangers(self, servers):
        """Addresses between which UDP went beside what went to or came from these."""
        return {address for kind, *ends, _ in list(self.seen) if kind == socket.IPPROTO_UDP and not set(ends) & set(servers)
                for address in ends}

    def close(self):
        self.socket.close()


class StunServer:
    """Tells everybody the address that it sees (RFC 8489, XOR-MAPPED-ADDRESS)."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((LOOPBACK, 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                question, (host, port) = self.socket.recvfrom(2048)
            except OSError:
                return
            mask = question[4:8]
            address = bytes(a ^ b for a, b in zip(socket.inet_aton(host), mask))
            told = struct.pack("!HHBBH", 0x0020, 8, 0, 1, port ^ 0x2112) + address
            self.socket.sendto(struct.pack("!HH", 0x0101, len(told)) + question[4:20] + told, (host, port))

    def close(self):
        self.socket.close()


class BindAddress(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.stun = StunServer()
        self.addCleanup(self.stun.close)

    def test_every_flow_leaves_from_it(self):
        udp_port = free_udp_ports()
        self.chain = self.enterContext(Chain([self.site.address], egress_options=["--relay-udp-port", str(udp_port)], udp_port=udp_port))
        packets = Packets()
        self.addCleanup(packets.close)
        broker, egress = self.chain.broker_program.port, self.chain.egress_program.port
        stun = ("--stun", f"{LOOPBACK}:{self.stun.port}")
        tcp, udp = socket.IPPROTO_TCP, socket.IPPROTO_UDP
        for leg, words in (((udp, udp_port), ()), ((tcp, egress), ("--no-udp-legs",))):
            volunteer = self.chain.volunteer("--bind-address", VOLUNTEER, *stun, *words)
            client = self.chain.client("--bind-address", CLIENT, *stun)
            got = curl.fetch(client.port, "socks5h", self.site.url(f"/bytes/{SIZE}"))
            self.assertEqual(got.sha256, website.sha256(website.noise(SIZE)), got.error)
            eventually(lambda: packets.sources(*leg), "the leg was seen")
            self.assertEqual(packets.sources(*leg), {VOLUNTEER})
            eventually(lambda: packets.sources(udp, self.stun.port) == {VOLUNTEER, CLIENT}, "both asked the STUN server")
            for program in (client, volunteer):
                self.assertEqual(program.terminate(), 0)
        self.assertEqual(packets.sources(tcp, broker), {VOLUNTEER, CLIENT})
        self.assertEqual(packets.strangers([LOOPBACK]), {VOLUNTEER, CLIENT}, "the link")

    def test_an_address_that_is_not_ours_is_a_mistake(self):
        self.chain = self.enterContext(Chain())
        wrong = self.chain.run("wrong", self.chain.volunteer_arguments("--bind-address", NOBODY))
        self.assertEqual(wrong.wait(SOON), USAGE)
        self.chain.programs.remove(wrong)
        self.assertIn("--bind-address: this machine has no such address", wrong.log())
        self.assertNotIn(NOBODY, wrong.log())


if __name__ == "__main__":
    report.main()
