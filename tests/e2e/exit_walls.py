#!/usr/bin/env python3
"""Nobody gets out of the egress into a private network (threat T4): every hostile target, in every way to name it, and
not one packet to a denied address, counted by the kernel in the egress's own network namespace."""
import ipaddress
import json
import pathlib
import re
import socket
import struct
import subprocess
import tempfile
import unittest

import curl
import namespaces
import report
import socks_udp
import website
from chain import Chain

TABLE = json.loads((pathlib.Path(__file__).parent.parent / "vectors" / "hostile_targets.json").read_text())
PER_CLIENT = 50    # requests of one session: after 60 that fail in a minute the egress would refuse for that reason
IPV4, DOMAIN, IPV6 = 1, 3, 4   # address types of SOCKS5 (RFC 1928 §5)
GENERAL_FAILURE, NOT_ALLOWED, HOST_UNREACHABLE = 1, 2, 4  # replies (§6)
GOOD_NAME = "good.example.com"


def setUpModule():
    reason = namespaces.why_not()
    if reason:
        raise unittest.SkipTest(reason)
    global chain, two, names
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    two = namespaces.TwoNamespaces(pathlib.Path(folder.name, "resolv.conf"))
    unittest.addModuleCleanup(two.close)
    for address in (namespaces.PUBLIC, namespaces.PUBLIC6):
        unittest.addModuleCleanup(website.Website(address, port=80).close)
    names = namespaces.NameServer(make_zone())
    unittest.addModuleCleanup(names.close)
    chain = unittest.enterModuleContext(Chain(egress_host=namespaces.CABLE_THERE, egress_port=8901, egress_wrapper=two.there))
    chain.volunteer("--slots", "10")


def hostile_name(address):
    return "h-" + re.sub("[^0-9a-f]", "-", address) + ".example.com"


def make_zone():
    always = {hostile_name(a): (lambda _, a=a: [a]) for a in TABLE["ipv4"] + TABLE["ipv6"]}
    return always | {
        GOOD_NAME: lambda _: [namespaces.PUBLIC, namespaces.PUBLIC6],
        "mixed.example.com": lambda _: ["10.0.0.1", namespaces.PUBLIC, "127.0.0.1", "::1"],
        # Good when it is checked, bad when somebody asks again to connect.
        "rebound.example.com": lambda times: [namespaces.PUBLIC if times == 0 else "169.254.169.254"],
        "rebound-6.example.com": lambda times: [namespaces.PUBLIC6 if times == 0 else "::1"],
    }


class Clients:
    """A client for PER_CLIENT requests, then the next one."""

    def __init__(self):
        self.client, self.left = None, 0

    def port(self):
        if self.left == 0:
            if self.client:
                self.client.terminate()
            self.client, self.left = chain.client(), PER_CLIENT
        self.left -= 1
        return self.client.port


def exact(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            return data
        data += piece
    return data


def socks5(port, kind, address, to=80):
    """The reply code."""
    with curl.raw_connection(port) as connection:
        connection.sendall(b"\5\1\0" + bytes([5, 1, 0, kind]) + address + struct.pack("!H", to))
        return exact(connection, 12)[3]


def socks4a(port, host, to=80):
    with curl.raw_connection(port) as connection:
        connection.sendall(b"\4\1" + struct.pack("!H", to) + b"\0\0\0\1\0" + host + b"\0")
        return exact(connection, 8)[1:2]


def http(port, first_line):
    """The status; 0: hung up without an answer."""
    with curl.raw_connection(port) as connection:
        connection.sendall(first_line + b"\r\nHost: example.com\r\nConnection: close\r\n\r\n")
        try:
            answer = exact(connection, 12)
        except ConnectionResetError:
            return 0
        return int(answer[9:12] or 0)


def counted(host):
    return bytes([len(host)]) + host


class ExitWalls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.clients = Clients()
        cls.requests = 0

    def setUp(self):
        self.denied = two.packets("denied")
        self.asked = two.packets("asked")

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.requests} hostile requests")

    def check_silence(self):
        self.assertEqual(two.packets("denied") - self.denied, 0, "a packet went to a denied address")

    def refuse(self, how, target, got, allowed):
        type(self).requests += 1
        with self.subTest(f"{how} {target!r}"):
            self.assertIn(got, allowed)

    def try_address(self, text):
        address = ipaddress.ip_address(text)
        host = f"[{text}]" if address.version == 6 else text
        kind = IPV4 if address.version == 4 else IPV6
        port = self.clients.port
        self.refuse("SOCKS address", text, socks5(port(), kind, address.packed), (NOT_ALLOWED,))
        self.refuse("SOCKS name", text, socks5(port(), DOMAIN, counted(text.encode())), (NOT_ALLOWED,))
        self.refuse("CONNECT", text, http(port(), f"CONNECT {host}:80 HTTP/1.1".encode()), (403,))
        name = hostile_name(text).encode()
        self.refuse("name of", text, socks5(port(), DOMAIN, counted(name)), (NOT_ALLOWED,))
        if address.version == 4:
            mapped = ipaddress.ip_address("::ffff:" + text).packed
            self.refuse("SOCKS mapped", text, socks5(port(), IPV6, mapped), (NOT_ALLOWED,))
            self.refuse("GET", text, http(port(), f"GET http://{text}/ HTTP/1.1".encode()), (403,))

    def test_hostile_ipv4_addresses(self):
        for text in TABLE["ipv4"]:
            self.try_address(text)
        self.check_silence()

    def test_hostile_ipv6_addresses(self):
        for text in TABLE["ipv6"]:
            self.try_address(text)
        self.check_silence()

    def try_host(self, text, socks_replies):
        host = text.encode()
        port = self.clients.port
        self.refuse("SOCKS name", text, socks5(port(), DOMAIN, counted(host)), socks_replies)
        self.refuse("SOCKS 4a", text, socks4a(port(), host), (b"\x5b", b""))
        self.refuse("CONNECT", text, http(port(), b"CONNECT " + host + b":80 HTTP/1.1"), (0, 400, 403))
        if not set("/:#") & set(text):  # in a URL these end the host
            self.refuse("GET", text, http(port(), b"GET http://" + host + b"/ HTTP/1.1"), (0, 400, 403))

    def test_hostile_spellings_and_names_of_its_own_network(self):
        for text in TABLE["spellings_of_addresses"] + TABLE["local_names"]:
            self.try_host(text, (NOT_ALLOWED,))
        self.check_silence()

    def test_what_is_no_name(self):
        for text in TABLE["no_names"]:
            self.try_host(text, (GENERAL_FAILURE, NOT_ALLOWED, HOST_UNREACHABLE))  # some, the client does not pass on
        self.check_silence()

    def test_an_answer_that_changes_is_never_asked_for_twice(self):
        for name in ("rebound.example.com", "rebound-6.example.com"):
            port = self.clients.port()
            first = curl.fetch(port, "socks5h", f"http://{name}/bytes/10")
            self.assertEqual((first.exit, first.size), (0, 10), first.error)
            self.assertEqual(max(times for (asked, _), times in names.asked.items() if asked == name), 1)
            self.refuse("second query of", name, curl.fetch(port, "socks5h", f"http://{name}/").exit, (curl.EXIT_PROXY,))
        self.check_silence()

    def test_of_a_mixed_answer_only_the_public_address_is_used(self):
        for _ in range(3):
            got = curl.fetch(self.clients.port(), "connect", "http://mixed.example.com/bytes/10")
            self.assertEqual((got.exit, got.size), (0, 10), got.error)
        self.check_silence()

    def test_the_egress_own_addresses_are_denied_although_public(self):
        for host in (namespaces.CABLE_THERE, f"[{namespaces.CABLE6_THERE}]"):
            self.refuse("CONNECT", host, http(self.clients.port(), f"CONNECT {host}:80 HTTP/1.1".encode()), (403,))
        self.assertEqual(two.packets("asked") - self.asked, 0, "the egress connected to itself")

    def test_by_udp_nothing_leaves_for_them_either(self):
        """One session for each 50, as above; the refusal is seen in the log's count of what was dropped."""
        targets = [(text, text) for text in TABLE["ipv4"] + TABLE["ipv6"]]
        targets += [(hostile_name(text), text) for text in TABLE["ipv4"][::4]] + [("rebound.example.com", "rebound")]
        for at in range(0, len(targets), PER_CLIENT):
            client = chain.client()
            with socks_udp.Association(client.port) as app:
                for host, text in targets[at:at + PER_CLIENT]:
                    type(self).requests += 1
                    for port in (53, 443):
                        app.send(host, port, b"question")
                self.assertTrue(app.silent(1.0))
            self.assertIn("event=flow-refused why=policy", client.log())
            client.terminate()
        self.check_silence()

    def test_udp_works_by_address_and_by_name_and_names_its_sender(self):
        server = socks_udp.Server(host=namespaces.PUBLIC, port=443)
        self.addCleanup(server.close)
        with socks_udp.Association(self.clients.port()) as app:
            for host in (namespaces.PUBLIC, GOOD_NAME):
                for payload in (b"first", b"second"):
                    self.assertEqual(app.ask(host, 443, payload), (namespaces.PUBLIC, 443, payload))

    def test_public_addresses_work_in_every_way(self):
        port = self.clients.port()
        for scheme in ("http", "connect", "socks5h", "socks4a"):
            for host in (namespaces.PUBLIC, f"[{namespaces.PUBLIC6}]", GOOD_NAME):
                if scheme == "socks4a" and host.startswith("["):
                    continue  # SOCKS 4a knows no IPv6
                got = curl.fetch(port, scheme, f"http://{host}/bytes/100")
                self.assertEqual((got.exit, got.status, got.size), (0, 200, 100), f"{scheme} {host}: {got.error}")
        self.check_silence()

    def test_the_counter_would_see_a_packet(self):
        probe = "import socket; s = socket.socket(%s, socket.SOCK_STREAM); s.setblocking(False); s.connect_ex((%r, 80))"
        for family, address in (("socket.AF_INET", "10.0.0.1"), ("socket.AF_INET", "127.0.0.1"),
                                ("socket.AF_INET6", "fd00:ec2::254"), ("socket.AF_INET6", "::1")):
            before = two.packets("denied")
            subprocess.run([*two.there, "python3", "-c", probe % (family, address)], check=True)
            self.assertGreater(two.packets("denied"), before, address)


if __name__ == "__main__":
    report.main()
