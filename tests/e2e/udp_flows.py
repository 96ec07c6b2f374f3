#!/usr/bin/env python3
"""UDP through the whole chain: SOCKS5 UDP ASSOCIATE at the client, sockets at the egress, and dig as a real resolver."""
import shutil
import socket
import struct
import subprocess
import time
import unittest

import curl
import report
import socks_udp
import website
from chain import EXIT_LIMIT, LOOPBACK, SOON, Chain, eventually
from socks_udp import Association, Refused, Server

DNS_HOST = "127.0.0.153"  # an address of its own, so that port 53 is free
FLOOD_SECONDS = 3.0
FLOOD_LIMIT = 10.0        # seconds; a busy machine takes longer for FLOOD_LEAST
FLOOD_LEAST = 4_000       # questions: many times what one session may ask in that time
UNANSWERED = 64           # kMaxUnansweredFirst: packets to who never answered
UNANSWERED_PACE = 1.0     # kUnansweredPace: seconds to each one more
MEMORY_GROWTH = 12 << 20  # bytes; what a flood's queues and the allocator may take
TEXT_BYTES = 3_500        # of a DNS answer that is larger than any packet
LIVE = "footbridge_egress_flows"


def drops(reason):
    return f'footbridge_egress_flow_drops_total{{reason="{reason}"}}'


def setUpModule():
    global chain, echo, silent, dns, site, client
    echo, silent = Server(), Server(lambda _: None)
    site = website.Website(LOOPBACK)
    try:
        dns = Server(socks_udp.dns_answer(TEXT_BYTES), DNS_HOST, 53)
    except PermissionError:
        dns = None
    servers = [echo, silent, site] + ([dns] if dns else [])
    for server in servers:
        unittest.addModuleCleanup(server.close)
    chain = unittest.enterModuleContext(Chain(allow=[server.address for server in servers]))
    chain.volunteer("--slots", "10")
    client = chain.client()


def needs_port_53(test):
    def run(self):
        if dns is None:
            self.skipTest("needs root for port 53")
        test(self)
    return run


class UdpFlows(unittest.TestCase):
    def test_packets_of_every_size_come_back_from_where_they_were_sent(self):
        with Association(client.port) as app:
            for size in (0, 1, 500, 1200, 1252, 1472, 4000, 4096):
                payload = bytes(i * 7 % 256 for i in range(size))
                self.assertEqual(app.ask(LOOPBACK, echo.port, payload), (LOOPBACK, echo.port, payload), size)
            before = echo.count
            app.send(LOOPBACK, echo.port, bytes(4097))
            self.assertTrue(app.silent(), "above the bound nothing leaves")
            self.assertEqual(echo.count, before)

    def test_fragments_are_dropped(self):
        with Association(client.port) as app:
            app.ask(LOOPBACK, echo.port, b"first")
            before = echo.count
            for fragment in (1, 2, 0x80, 0x81, 0xff):
                app.send(LOOPBACK, echo.port, b"a piece", fragment)
            self.assertTrue(app.silent())
            self.assertEqual(echo.count, before)
            self.assertEqual(app.ask(LOOPBACK, echo.port, b"whole")[2], b"whole")

    def test_only_the_application_itself_may_use_its_port(self):
        for announce in (False, True):
            with Association(client.port, announce=announce) as app, socket.socket(type=socket.SOCK_DGRAM) as stranger:
                if not announce:
                    app.ask(LOOPBACK, echo.port, b"first")  # now the port is known
                before = echo.count
                stranger.sendto(socks_udp.header(LOOPBACK, echo.port) + b"theirs", (app.host, app.port))
                self.assertTrue(app.silent())
                self.assertEqual(echo.count, before)
                self.assertEqual(app.ask(LOOPBACK, echo.port, b"mine")[2], b"mine")

    def test_another_address_of_this_machine_is_a_stranger_too(self):
        with Association(client.port) as app, socket.socket(type=socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.9", 0))
            before = echo.count
            stranger.sendto(socks_udp.header(LOOPBACK, echo.port) + b"theirs", (app.host, app.port))
            self.assertTrue(app.silent())
            self.assertEqual(echo.count, before)
            self.assertEqual(app.ask(LOOPBACK, echo.port, b"mine")[2], b"mine", "it did not take the place of the first")

    def test_an_association_ends_with_its_tcp_connection(self):
        eventually(lambda: chain.egress_program.metric(LIVE) == 0, "the flows of other tests are gone")
        app = Association(client.port)
        app.ask(LOOPBACK, echo.port, b"hello")
        self.assertEqual(chain.egress_program.metric(LIVE), 1)
        app.control.close()
        eventually(lambda: chain.egress_program.metric(LIVE) == 0, "the egress closes the flow's socket")

        def refused():
            with socket.socket(type=socket.SOCK_DGRAM) as probe:
                probe.connect((app.host, app.port))
                probe.send(b"x")
                probe.settimeout(0.2)
                try:
                    probe.recv(1)
                except ConnectionRefusedError:
                    return True
                except TimeoutError:
                    return False

        eventually(refused, "its UDP port is closed")
        app.close()

    def test_destinations_that_the_policy_refuses_get_nothing_and_the_log_says_why(self):
        with Association(client.port) as app:
            for host in ("10.1.2.3", "192.168.1.1", "::1", "localhost", "router.local"):
                app.send(host, 53, b"question")
            app.send(LOOPBACK, 1, b"a port nobody allowed")
            self.assertTrue(app.silent())
            self.assertEqual(app.ask(LOOPBACK, echo.port, b"still here")[2], b"still here")
        eventually(lambda: "event=flow-refused why=policy" in client.log(), "the client's log says why")

    def test_two_programs_do_not_hear_each_other(self):
        with Association(client.port) as one, Association(client.port) as two:
            one.ask(LOOPBACK, echo.port, b"one")
            two.ask(LOOPBACK, echo.port, b"two")
            self.assertEqual(len(set(echo.senders[-2:])), 2, "each has a socket of its own at the egress")
            one.send(LOOPBACK, echo.port, b"again")
            self.assertEqual(one.receive()[2], b"again")
            self.assertTrue(two.silent())

    @unittest.skipUnless(website.has_ipv6_loopback(), "this machine has no ::1")
    def test_the_door_works_over_ipv6(self):
        arguments = ["[::1]:0" if word == f"{LOOPBACK}:0" else word for word in chain.client_arguments()]
        six = chain.run("client-six", arguments).ready()
        with Association(six.port, "::1") as app:
            self.assertEqual(app.host, "::1")
            self.assertEqual(app.ask(LOOPBACK, echo.port, b"six")[2], b"six")
        six.terminate()

    def test_who_does_not_answer_is_not_flooded(self):
        with Association(client.port) as app:
            before, began = silent.count, time.monotonic()
            for _ in range(300):
                app.send(LOOPBACK, silent.port, b"anybody?")
                time.sleep(0.001)
            eventually(lambda: chain.egress_program.metric(drops("unanswered")) > 0, "the egress drops")
            time.sleep(0.2)  # nothing more may come
            came = silent.count - before
            self.assertLessEqual(came, UNANSWERED + (time.monotonic() - began) / UNANSWERED_PACE + 1)

    @needs_port_53
    def test_dig_resolves_through_it(self):
        if not shutil.which("dig"):
            self.skipTest("no dig on this machine (scripts/setup test installs it)")
        forwarder = socks_udp.Forwarder(client.port, (DNS_HOST, 53))
        self.addCleanup(forwarder.close)

        def dig(*words):
            return subprocess.run(["dig", "@127.0.0.1", "-p", str(forwarder.port), "+tries=3", "+time=5", *words],
                                  capture_output=True, text=True, timeout=60).stdout

        self.assertEqual(dig("+short", "example.com").strip(), "192.0.2.7")
        large = dig("+short", "+bufsize=4096", "+ignore", "example.com", "TXT")
        self.assertEqual(large.count("x"), TEXT_BYTES, "an answer that does not fit into a packet")
        for number in range(10):
            self.assertEqual(dig("+short", f"host-{number}.example.com").strip(), "192.0.2.7")

    @needs_port_53
    def test_a_flood_of_questions_harms_nobody(self):
        query = struct.pack("!HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\7example\3com\0" + struct.pack("!HH", 1, 1)
        memory = {p.name: p.memory() for p in (client, chain.egress_program)}
        before = dns.count
        with Association(client.port) as app, Association(client.port) as quiet:
            quiet.ask(LOOPBACK, echo.port, b"before")
            sent, fetched, began = 0, 0, time.monotonic()
            while (took := time.monotonic() - began) < FLOOD_SECONDS or (sent < FLOOD_LEAST and took < FLOOD_LIMIT):
                for _ in range(200):
                    app.send(DNS_HOST, 53, query)
                sent += 200
                time.sleep(0.02)
                if sent % 4_000 == 0:
                    got = curl.fetch(client.port, "socks5h", f"http://{site.address}/bytes/100000")
                    self.assertEqual((got.exit, got.size), (0, 100_000), got.error)
                    fetched += 1
                    self.assertEqual(quiet.ask(LOOPBACK, echo.port, b"during")[2], b"during")
            asked, took = dns.count - before, time.monotonic() - began
        self.assertGreaterEqual(sent, FLOOD_LEAST, "a flood")
        self.assertGreaterEqual(fetched, 1)
        self.assertGreaterEqual(asked, 100, "it still answers")
        self.assertLess(asked, 200 + 50 * (took + 15), "burst and rate of one session")
        self.assertGreater(chain.egress_program.metric(drops("dns-rate")), 0)
        for program in (client, chain.egress_program):
            self.assertLess(program.memory() - memory[program.name], MEMORY_GROWTH, program.name)
        print(f"{sent} questions in {took:.1f} s, {asked} asked, {fetched} pages meanwhile")


class Ends(unittest.TestCase):
    """Chains of their own: these end programs."""

    def chain_with_client(self, **options):
        chain = self.enterContext(Chain(allow=[echo.address], **options))
        chain.volunteer()
        return chain, chain.client()

    def test_an_egress_without_udp_says_so(self):
        chain, client = self.chain_with_client(egress_options=["--udp", "off"])
        with self.assertRaises(Refused) as refused:
            Association(client.port)
        self.assertEqual(refused.exception.reply, socks_udp.COMMAND_NOT_SUPPORTED)
        self.assertIn("event=association-refused why=no-udp", client.log())

    def test_when_the_egress_leaves_associations_end(self):
        chain, client = self.chain_with_client()
        with Association(client.port) as app:
            app.ask(LOOPBACK, echo.port, b"hello")
            port = chain.egress_program.port
            chain.egress_program.terminate()
            self.assertTrue(app.over(), "the application sees its connection closed")
            chain.start_egress(port)
            with Association(client.port) as again:
                self.assertEqual(again.ask(LOOPBACK, echo.port, b"back")[2], b"back")

    def test_when_the_client_is_stopped_associations_end_at_once(self):
        chain, client = self.chain_with_client()
        with Association(client.port) as app:
            app.ask(LOOPBACK, echo.port, b"hello")
            client.signal(15)
            self.assertTrue(app.over(SOON))
            self.assertEqual(client.wait(EXIT_LIMIT), 0)


if __name__ == "__main__":
    report.main()
