#!/usr/bin/env python3
"""Relay legs over UDP: used where egress and link allow it, gone as soon as others, and missed by nobody where UDP is blocked."""
import os
import socket
import time
import unittest

import curl
import report
import website
from chain import LOOPBACK, Chain, eventually, free_port
from processes import cpu_seconds, resident_kib

SIZE = 3_000_000
LEGS, FAILED = "footbridge_proxy_udp_legs_total", "footbridge_proxy_udp_legs_failed_total"
FORGED = 10_000
FLOOD_CPU = 1.0       # seconds for all of them and 3 MB for somebody honest; half a core at 10,000 a second, doubled
FLOOD_KIB = 6 * 1024  # kept of the flood: nothing; the rest is the second client's session
ORDERLY_LIMIT = 5.0  # seconds from the client's goodbye to the end of its leg


def free_udp_ports():
    """A port, and one more behind it for a second worker, that nobody has."""
    while True:
        port = free_port()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as next_one:
            try:
                one.bind((LOOPBACK, port))
                next_one.bind((LOOPBACK, port + 1))
                return port
            except OSError:
                continue


class UdpLegs(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)

    def start(self, port, offered=True):
        options = ["--workers", "2", *(["--relay-udp-port", str(port)] if offered else [])]
        self.chain = self.enterContext(Chain([self.site.address], egress_options=options, udp_port=port))

    def fetch(self, client):
        got = curl.fetch(client.port, "socks5h", self.site.url(f"/bytes/{SIZE}"))
        self.assertEqual(got.sha256, website.sha256(website.noise(SIZE)), got.error)

    def test_carry_a_client_whose_link_has_small_messages(self):
        self.start(free_udp_ports())
        volunteer = self.chain.volunteer()
        client = self.chain.client()
        self.fetch(client)
        egress = self.chain.egress_program
        self.assertGreaterEqual(volunteer.metric(LEGS), 1)
        self.assertEqual(egress.metric("footbridge_egress_udp_legs_total"), volunteer.metric(LEGS))
        self.assertEqual(self.chain.leg_connections(), 0, "no leg goes over TCP")
        self.assertEqual(egress.metric("footbridge_egress_connections"), self.chain.legs(), "each takes a place at the door")
        self.assertEqual(client.terminate(), 0)
        eventually(lambda: self.chain.legs() == 0, "the egress knows that the client has left", ORDERLY_LIMIT)

    def test_are_survived_like_others_when_their_volunteer_dies(self):
        self.start(free_udp_ports())
        volunteers = [self.chain.volunteer(), self.chain.volunteer()]
        client = self.chain.client()
        self.fetch(client)
        volunteers[0].kill()
        self.fetch(client)
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 1)

    def test_are_not_opened_when_the_volunteer_does_not_want_them(self):
        self.start(free_udp_ports())
        volunteer = self.chain.volunteer("--no-udp-legs")
        self.fetch(self.chain.client())
        self.assertEqual((volunteer.metric(LEGS), volunteer.metric(FAILED)), (0, 0))
        self.assertGreaterEqual(self.chain.leg_connections(), 1)

    def test_are_given_up_where_udp_is_blocked(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wall:  # takes everything and says nothing
            wall.bind((LOOPBACK, 0))
            self.start(wall.getsockname()[1], offered=False)
            volunteer = self.chain.volunteer("--slots", "4")
            self.fetch(self.chain.client("--paths", "1"))
            self.assertEqual((volunteer.metric(LEGS), volunteer.metric(FAILED)), (0, 1))
            self.fetch(self.chain.client("--paths", "1"))
            self.assertEqual(volunteer.metric(FAILED), 1, "nobody waits for the same again")

    def test_take_no_part_in_a_flood_of_forged_first_packets(self):
        port = free_udp_ports()
        self.start(port)
        egress = self.chain.egress_program
        self.chain.volunteer()
        self.fetch(self.chain.client("--paths", "1"))  # it has worked: what first requests page in is not the flood's
        legs, cpu = egress.metric("footbridge_egress_udp_legs_total"), cpu_seconds(egress.pid)
        memory = resident_kib(egress)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as crowd:
            crowd.connect((LOOPBACK, port))
            packets = [os.urandom(size) for size in (72, 200, 300, 1200)]
            for number in range(FORGED):
                crowd.send(packets[number % len(packets)])
                if number % 100 == 0:
                    time.sleep(0.005)  # as fast as 10,000 in a second, and no faster than it reads
            self.fetch(self.chain.client("--paths", "1"))
            crowd.setblocking(False)
            self.assertRaises(BlockingIOError, crowd.recv, 2048)
        self.assertLess(cpu_seconds(egress.pid) - cpu, FLOOD_CPU)
        self.assertLess(resident_kib(egress) - memory, FLOOD_KIB)
        self.assertEqual(egress.metric("footbridge_egress_udp_legs_total"), legs + 1, "the honest one")


if __name__ == "__main__":
    report.main()
