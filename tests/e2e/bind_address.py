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
VOLUNTEER6, CLIENT6, LOOPBACK6 = "2a02:3::9", "2a02:3::2", "::1"
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
    for address in (VOLUNTEER6, CLIENT6):
        namespaces.run("ip", "address", "add", f"{address}/128", "dev", "lo", "nodad")


def ends_of(packet):
    """(protocol, source, destination, its port) of an IP packet; None of one without ports."""
    if len(packet) >= 44 and packet[0] >> 4 == 6:
        head, protocol, addresses = 40, packet[6], [socket.inet_ntop(socket.AF_INET6, packet[at:at + 16]) for at in (8, 24)]
    elif len(packet) >= 24 and packet[0] >> 4 == 4:
        head, protocol, addresses = (packet[0] & 15) * 4, packet[9], [socket.inet_ntoa(packet[at:at + 4]) for at in (12, 16)]
    else:
        return None
    return protocol, *addresses, *struct.unpack_from("!H", packet, head + 2)


class Packets:
    """Of every packet of this namespace, ends_of()."""

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
            if ends := ends_of(packet):
                self.seen.add(ends)

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
    """Tells everybody the address that it sees: as XOR-MAPPED-ADDRESS (RFC 8489), or, where the question is without the cookie, as
    MAPPED-ADDRESS (RFC 3489): libnice asks in both ways."""

    COOKIE = bytes.fromhex("2112a442")

    def __init__(self, host):
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(self.family, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                question, (host, port, *_) = self.socket.recvfrom(2048)
            except OSError:
                return
            hidden = question.startswith(self.COOKIE, 4)
            mask = question[4:20] if hidden else bytes(16)
            address = bytes(a ^ b for a, b in zip(socket.inet_pton(self.family, host), mask))
            told = struct.pack("!HHBBH", 0x0020 if hidden else 0x0001, 4 + len(address), 0, 1 if len(address) == 4 else 2,
                               port ^ int.from_bytes(mask[:2])) + address
            self.socket.sendto(struct.pack("!HH", 0x0101, len(told)) + question[4:20] + told, (host, port))

    def close(self):
        self.socket.close()


class BindAddress(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)

    def test_every_flow_leaves_from_it(self):
        self.check_flows(LOOPBACK, LOOPBACK, VOLUNTEER, CLIENT)

    def test_every_flow_leaves_from_it_over_ipv6(self):
        self.check_flows(LOOPBACK6, f"[{LOOPBACK6}]", VOLUNTEER6, CLIENT6)

    def check_flows(self, servers, host, of_volunteer, of_client):
        """All servers are at one address, `host` as URLs write it, and the other two programs have one each."""
        stun_server = StunServer(servers)
        self.addCleanup(stun_server.close)
        udp_port = free_udp_ports()
        self.chain = self.enterContext(Chain([self.site.address], egress_options=["--relay-udp-port", str(udp_port)], udp_port=udp_port,
                                             egress_host=host, broker_host=host))
        packets = Packets()
        self.addCleanup(packets.close)
        broker, egress = self.chain.broker_program.port, self.chain.egress_program.port
        stun = ("--stun", f"{host}:{stun_server.port}")
        tcp, udp = socket.IPPROTO_TCP, socket.IPPROTO_UDP
        for leg, words in (((udp, udp_port), ()), ((tcp, egress), ("--no-udp-legs",))):
            volunteer = self.chain.volunteer("--bind-address", of_volunteer, *stun, *words)
            client = self.chain.client("--bind-address", of_client, *stun)
            got = curl.fetch(client.port, "socks5h", self.site.url(f"/bytes/{SIZE}"))
            self.assertEqual(got.sha256, website.sha256(website.noise(SIZE)), got.error)
            eventually(lambda: packets.sources(*leg), "the leg was seen")
            self.assertEqual(packets.sources(*leg), {of_volunteer})
            eventually(lambda: packets.sources(udp, stun_server.port) == {of_volunteer, of_client}, "both asked the STUN server")
            for program in (client, volunteer):
                self.assertEqual(program.terminate(), 0)
        self.assertEqual(packets.sources(tcp, broker), {of_volunteer, of_client})
        self.assertEqual(packets.strangers([servers]), {of_volunteer, of_client}, "the link")

    def test_an_address_that_is_not_ours_is_a_mistake(self):
        self.chain = self.enterContext(Chain())
        wrong = self.chain.run("wrong", self.chain.volunteer_arguments("--bind-address", NOBODY))
        self.assertEqual(wrong.wait(SOON), USAGE)
        self.chain.programs.remove(wrong)
        self.assertIn("--bind-address: this machine has no such address", wrong.log())
        self.assertNotIn(NOBODY, wrong.log())


if __name__ == "__main__":
    report.main()
