#!/usr/bin/env python3
"""Whatever its broker says, a volunteer sends nothing to anybody but the relays and STUN servers that it was started with
and the clients at their public addresses (threat T8): real volunteer and clients, a broker that lies, and every packet
counted by the kernel in the volunteer's own network namespace."""
import ipaddress
import json
import pathlib
import socket
import struct
import tempfile
import threading
import unittest

import namespaces
import packet_watch
import report
from chain import LOOPBACK, Chain, eventually, free_port, with_common
from lying_broker import DIAL_FAILED, MOST_AT_ONCE, RELAY_REFUSED, LyingBroker
from rendezvous_request import field

TABLE = json.loads((pathlib.Path(__file__).parent.parent / "vectors" / "hostile_targets.json").read_text())
CLIENT, CLIENT6 = "11.5.0.1", "2a02:5::1"  # on the cable, but not of its network
STUN, STUN_PORT = namespaces.PUBLIC, 3478
RELAY, RELAY_PORT = "11.6.0.1", 8443
OUTSIDE, INSIDE = "11.6.0.2", "10.1.2.3"  # what names of listed relays come to
THIRD = "11.7.0.1"                         # a third party, whom the broker would like to be visited
LISTED = f"wss://{RELAY}:{RELAY_PORT}/leg"
LISTED_NAME, LISTED_INNER_NAME = (f"wss://{name}.example.com:{RELAY_PORT}/leg" for name in ("outside", "inside"))
# Listed by mistake, and refused all the same: not secret, or no public address.
LISTED_IN_VAIN = [f"ws://{RELAY}:{RELAY_PORT}/plain", f"wss://{INSIDE}:{RELAY_PORT}/leg", f"wss://[fd00::1]:{RELAY_PORT}/leg"]
UNLISTED = [
    f"wss://{THIRD}/leg", f"wss://{THIRD}:{RELAY_PORT}/leg", "wss://third.example.com/leg",
    f"wss://{RELAY}/leg", f"wss://{RELAY}:{RELAY_PORT + 1}/leg", f"wss://{RELAY}:22/leg", f"wss://{RELAY}:0{RELAY_PORT}/leg",
    f"ws://{RELAY}:{RELAY_PORT}/leg", f"https://{RELAY}:{RELAY_PORT}/leg", f"http://{RELAY}:{RELAY_PORT}/leg",
    f"udp://{RELAY}:{RELAY_PORT}/leg", f"quic://{RELAY}:{RELAY_PORT}/leg", f"WSS://{RELAY}:{RELAY_PORT}/leg", "file:///etc/passwd",
    f"{LISTED}/", f"{LISTED}/more", f"{LISTED}?to={THIRD}", f"{LISTED}#{THIRD}", f"wss://{RELAY}:{RELAY_PORT}/", f"{LISTED}/../other",
    f"wss://{RELAY}:{RELAY_PORT}@{THIRD}/leg", f"wss://{THIRD}\\@{RELAY}:{RELAY_PORT}/leg", RELAY,
]

# Where a description may not send anybody (spec 02, section 6), whatever the port.
OFF_LIMITS = {
    "private": ["10.0.0.1", INSIDE, "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1",
                "fc00::1", "fd00:ec2::254", "fec0::1"],
    "loopback": ["127.0.0.1", "127.0.1.1", "127.255.255.254", "::1"],
    "link-local": ["169.254.0.1", "169.254.169.254", "fe80::1"],
    "multicast": ["224.0.0.1", "224.0.0.251", "239.255.255.250", "ff02::1", "ff05::1:3", "ff0e::1"],
    "own-subnet": ["11.0.0.77", "11.0.0.254", namespaces.CABLE_THERE, "2a02:1::77", namespaces.CABLE6_THERE],
    "no host": ["0.0.0.0", "0.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.8", "192.0.2.1", "203.0.113.1", "::", "2001:db8::1"],
    "IPv4 in IPv6": ["::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::1", "2001:0:a00:1::1"],
}
LOW_PORTS = [0, 1, 22, 53, 80, 123, 443, 1023]
OPEN_PORT = 5000
MOST_USED = 8             # candidates of a description that are used (LINK-B5)
FIRST, LAST = 2130706431, 1  # priorities


def setUpModule():
    reason = namespaces.why_not()
    if reason:
        raise unittest.SkipTest(reason)
    global broker, chain, names, url, volunteer, watch
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    two = namespaces.TwoNamespaces(pathlib.Path(folder.name, "resolv.conf"))
    unittest.addModuleCleanup(two.close)
    for address in (RELAY, OUTSIDE):  # where nobody listens: a dial ends at once
        namespaces.run("ip", "address", "add", f"{address}/32", "dev", "lo")
    namespaces.run("ip", "address", "add", f"{CLIENT}/32", "dev", "cable")
    namespaces.run("ip", "address", "add", f"{CLIENT6}/128", "dev", "cable", "nodad")
    names = namespaces.NameServer({"outside.example.com": lambda _: [OUTSIDE], "inside.example.com": lambda _: [INSIDE, "fd00::1", "::1"],
                                   "third.example.com": lambda _: [THIRD]})
    unittest.addModuleCleanup(names.close)
    serve_stun()
    port = free_port()
    watch = packet_watch.PacketWatch(two.there, port)
    broker = LyingBroker(socket.create_server((LOOPBACK, port)), namespaces.listen_in(two.holder.pid, port))
    unittest.addModuleCleanup(broker.close)
    url = f"http://{LOOPBACK}:{port}/"
    chain = unittest.enterModuleContext(Chain())  # of which nothing but the egress's description is used
    relays = [word for relay in (LISTED, LISTED_NAME, LISTED_INNER_NAME, *LISTED_IN_VAIN) for word in ("--egress", relay)]
    volunteer = chain.run("volunteer", ["volunteer", "--broker", url, *relays, "--stun", f"{STUN}:{STUN_PORT}", "--slots", "10",
                                        "--no-port-mapping", *with_common([])], two.there).ready()


def serve_stun():
    """Tells everybody the address that it sees (RFC 8489, XOR-MAPPED-ADDRESS)."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((STUN, STUN_PORT))
    unittest.addModuleCleanup(server.close)

    def serve():
        while True:
            query, (host, port) = server.recvfrom(2048)
            mask = query[4:8]
            hidden = bytes(a ^ b for a, b in zip(struct.pack("!H", port) + socket.inet_aton(host), mask[:2] + mask))
            server.sendto(struct.pack("!HH", 0x0101, 12) + query[4:20] + struct.pack("!HHH", 0x0020, 8, 1) + hidden, (host, port))

    threading.Thread(target=serve, daemon=True).start()


def client():
    """Its offers come to the broker for as long as it has no path."""
    return chain.run(f"client-{len(chain.programs)}", [
        "connect", "--broker", url, "--egress-descriptor", chain.path("egress.toml"), "--listen", f"{LOOPBACK}:0", "--paths", "1",
        "--allow-private-candidates", *with_common([])]).ready()


def described(offer, endpoints):
    """The offer with other candidates than its own: (address, port, priority)."""
    lines = [line for line in offer.sdp.decode().split("\r\n") if line and not line.startswith("a=candidate:")]
    lines += [f"a=candidate:{number} 1 udp {priority} {address} {port} typ host"
              for number, (address, port, priority) in enumerate(endpoints, 1)]
    return "".join(line + "\r\n" for line in lines).encode()


class HostileBroker(unittest.TestCase):
    def setUp(self):
        broker.forget_offers()
        self.client = client()
        self.visible = {(ipaddress.ip_address(STUN), "udp", STUN_PORT)}
        # Whose checks come in is answered, also on the cable.
        self.own = {ipaddress.ip_address(a) for a in namespaces.addresses("cable")}
        self.before = watch.sent()

    def tearDown(self):
        self.assertEqual(self.client.terminate(), 0)

    def strangers(self):
        """Whoever was sent something in this test, except who may be: `visible`, and clients by UDP."""
        return sorted(f"{protocol} {address} {port}: {count}" for (address, protocol, port), count in watch.sent().items()
                      if count != self.before.get((address, protocol, port), 0) and (address, protocol, port) not in self.visible
                      and not (protocol == "udp" and port >= 1024 and address in self.own))

    def may_hear(self, address, protocol, port):
        self.visible.add((ipaddress.ip_address(address), protocol, port))

    def link(self, relay):
        offer = broker.offer()
        return self.became(offer, broker.assign(offer, relay))

    def became(self, offer, match):
        """Why the volunteer refused it; if it did not, a link opens, and this is what became of it."""
        answer = broker.answer(match)
        if isinstance(answer, int):
            return f"refused {answer}"
        broker.matched(offer, match)
        return f"opened {broker.outcome(match)}"

    def check_refused(self, relays):
        for at in range(0, len(relays), MOST_AT_ONCE):
            offer = broker.offer()
            for match, relay in [(broker.assign(offer, relay), relay) for relay in relays[at:at + MOST_AT_ONCE]]:
                self.assertEqual(self.became(offer, match), f"refused {RELAY_REFUSED}", f"{relay}; sent: {self.strangers()}")
        self.assertEqual(self.strangers(), [])

    def test_no_relay_is_dialled_that_it_was_not_started_with(self):
        hosts = TABLE["ipv4"] + [f"[{address}]" for address in TABLE["ipv6"]] + TABLE["spellings_of_addresses"] + TABLE["local_names"]
        relays = UNLISTED + [f"wss://{host}:{RELAY_PORT}/leg" for host in hosts]
        self.check_refused(relays)
        print(f"{len(relays)} relays")
        self.assertEqual(self.link(LISTED), f"opened {DIAL_FAILED}", "the same offer to a listed relay")
        self.assertGreater(watch.packets(RELAY, "tcp", RELAY_PORT), 0, "the counter counts")

    def test_no_relay_is_dialled_that_is_listed_and_not_secret_or_not_public(self):
        self.check_refused(LISTED_IN_VAIN)

    def test_a_listed_name_that_leads_inside_is_not_followed(self):
        self.may_hear(namespaces.NAME_SERVER, "udp", 53)
        self.assertEqual(self.link(LISTED_INNER_NAME), f"opened {DIAL_FAILED}")
        self.assertEqual(self.strangers(), [])
        self.assertEqual(self.link(LISTED_NAME), f"opened {DIAL_FAILED}")
        self.assertGreater(watch.packets(OUTSIDE, "tcp", RELAY_PORT), 0, "the other one is dialled")
        self.assertEqual({name for name, _ in names.asked}, {"outside.example.com", "inside.example.com"})

    def test_no_candidate_is_checked_that_is_inside_or_at_a_low_port(self):
        victims = [(address, OPEN_PORT) for addresses in OFF_LIMITS.values() for address in addresses]
        victims += [(THIRD, port) for port in LOW_PORTS]
        offer, size = broker.offer(), MOST_USED - 2
        for number, at in enumerate(range(0, len(victims), size), 1):
            # The last of the list, and somebody's public address: when they have been checked, the others' turn was before.
            controls = [(f"11.8.0.{number}", OPEN_PORT), (f"2a02:8::{number:x}", OPEN_PORT)]
            for control in controls:
                self.may_hear(control[0], "udp", OPEN_PORT)
            listed = [(*victim, FIRST) for victim in victims[at:at + size]] + [(*control, LAST) for control in controls]
            match = broker.assign(offer, LISTED, described(offer, listed))
            self.assertIsInstance(broker.answer(match), bytes)
            for address, port in controls:
                eventually(lambda: watch.packets(address, "udp", port), "a public candidate is checked")
            broker.withdraw(match)
        self.assertEqual(self.strangers(), [])
        print(f"{len(victims)} candidates")

    def test_no_server_is_asked_that_it_was_not_started_with(self):
        other = f"stun:{THIRD}:{STUN_PORT}"
        broker.gossip = field(11, other.encode()) + field(1003, other.encode())
        self.addCleanup(setattr, broker, "gossip", b"")
        asked = watch.packets(STUN, "udp", STUN_PORT)
        offer = broker.offer()
        lines = f"a=ice-server:{other}\r\na=candidate:1 1 udp {FIRST} stun.example.com {OPEN_PORT} typ srflx\r\n" \
                f"a=candidate:2 1 udp {LAST} {CLIENT} {OPEN_PORT} typ srflx raddr {THIRD} rport {STUN_PORT}\r\n"
        match = broker.assign(offer, LISTED, described(offer, []) + lines.encode())
        self.assertIsInstance(broker.answer(match), bytes)
        eventually(lambda: watch.packets(CLIENT, "udp", OPEN_PORT), "the candidate that is none of these is checked")
        broker.withdraw(match)
        self.assertGreater(watch.packets(STUN, "udp", STUN_PORT), asked, "its own server was asked")
        self.assertEqual(self.strangers(), [])

    def test_it_stays_with_its_broker_when_sent_elsewhere(self):
        elsewhere = f"http://{THIRD}:8080/"
        for status in (301, 302, 307, 308):
            with self.subTest(status), broker.changed:
                polls = broker.polls
                broker.detours.append((status, {"Location": elsewhere, "Alt-Svc": f'h2="{THIRD}:443"', "Refresh": f"0; url={elsewhere}"}))
                broker.changed.notify_all()
            eventually(lambda: not broker.detours and broker.polls > polls, "it polls again")
        self.assertEqual(self.strangers(), [])


if __name__ == "__main__":
    report.main()
