#!/usr/bin/env python3
"""What somebody learns who knocks again and again and takes the time (threat T10): the same answer, byte for byte, whether
a request was of ours in part or not at all; and how far the times of the two are apart.

Beside each knock is one that nobody of us would look at, in an order of chance and over connections that stay open, so that
whatever else this machine does hits both alike. A kind is told apart when times as different as these come by chance less than
once in a hundred runs, all kinds of a test together (Kolmogorov and Smirnov, by Holm). That has to happen to the same kind
in each of three runs before it counts: by chance it does in less than one of a million.

    probe_times.py --program PATH                        a hundred knocks of each kind
    FB_PROBE_TIMES=400 probe_times.py --program PATH     the figures of docs/spec/15-looks.md
"""
import base64
import bisect
import math
import os
import pathlib
import random
import re
import shutil
import socket
import ssl
import statistics
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
sys.path.insert(0, str(ROOT / "tests/interop"))
import rendezvous_request  # noqa: E402
import report  # noqa: E402
from chain import LOOPBACK, Chain  # noqa: E402
from fronts import LIMIT, Authority, make_site  # noqa: E402
from joined_network import JoinedChain  # noqa: E402

KNOCKS = int(os.environ.get("FB_PROBE_TIMES", "100"))
SAME_CHANCE = 0.01
RUNS = 3
WEBSOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: %d\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


def get(target, *lines, method=b"GET", body=None):
    length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
    return b"%b %b HTTP/1.1\r\nHost: x\r\n" % (method, target) + b"".join(lines) + length + b"\r\n" + (body or b"")


def distance(ours, others):
    """Of Kolmogorov and Smirnov, and the chance of a larger one if both are of one kind."""
    ours, others = sorted(ours), sorted(others)
    d = max(abs(bisect.bisect_right(ours, t) / len(ours) - bisect.bisect_right(others, t) / len(others)) for t in ours + others)
    n = len(ours) * len(others) / (len(ours) + len(others))
    x = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * d
    chance = 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101)) if x > 0.2 else 1.0
    return d, min(max(chance, 0.0), 1.0)


def told_apart(chances):
    """Which of these kinds, by Holm."""
    found = set()
    for rank, kind in enumerate(sorted(chances, key=chances.get)):
        if chances[kind] > SAME_CHANCE / (len(chances) - rank):
            break
        found.add(kind)
    return found


def secure(plain):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without the authorities of the system, which take long to read
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname="localhost")


class Visitor:
    """A connection in TLS that is made again when the server has closed it."""

    def __init__(self, port):
        self.port, self.connection = port, None

    def ask(self, request):
        """(seconds, answer without its date, kept open)"""
        if self.connection is None:
            plain = socket.create_connection((LOOPBACK, self.port), LIMIT)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection = secure(plain)
        began = time.perf_counter()
        self.connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer or len(answer) < self.whole(answer):
            piece = self.connection.recv(65536)
            if not piece:
                break
            answer += piece
        took = time.perf_counter() - began
        kept = b"Connection: keep-alive" in answer
        if not kept:
            self.close()
        return took, re.sub(rb"Date: [^\r]*", b"Date", answer), kept

    @staticmethod
    def whole(answer):
        head, _, _ = answer.partition(b"\r\n\r\n")
        return len(head) + 4 + int(re.search(rb"Content-Length: (\d+)", head)[1])

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class NetworkChain(JoinedChain):
    """With a clock that costs what a clock costs: nobody here asks for more than the site."""

    def earlier(self):
        return ()


class Probes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="fb-probes-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.pair = Authority(cls.folder).sign("good")
        make_site(cls.folder / "site")

    def knocks_at_the_egress(self, used):
        """{kind: (knock, the same where nothing of ours is)}, made anew for each time."""
        fresh = base64.urlsafe_b64encode(os.urandom(len(base64.urlsafe_b64decode(used))))
        socket_, wrong = WEBSOCKET % 13, WEBSOCKET % 7
        both = lambda *rest, **more: (get(b"/leg" + rest[0], *rest[1:], **more), get(b"/log" + rest[0], *rest[1:], **more))  # noqa: E731
        return {"the right path": both(b""), "the right path, upgraded": both(b"/", socket_),
                "an invented token": both(b"/" + fresh, socket_), "a token that was used": both(b"/" + used, socket_),
                "a token that was used, without upgrade": both(b"/" + used),
                "a token with a wrong version": both(b"/" + used, wrong), "a short token": both(b"/" + fresh[:20], socket_),
                "a long token": both(b"/" + fresh * 3, socket_), "a posted token": both(b"/" + fresh, method=b"POST", body=b"abc")}

    def knocks_at_the_broker(self):
        """{kind: (knock, the same at a server that is none)}"""
        noise = random.Random().randbytes(random.randrange(1, 2000))
        errand = rendezvous_request.errand().partition(b"\r\n\r\n")[2]
        post = lambda body: get(b"/unknown", method=b"POST", body=body)  # noqa: E731
        knocks = {"nothing": post(b""), "noise": post(noise), "much noise": post(os.urandom(40_000)),
                  "a request cut short": post(errand[:len(errand) // 2]), "other methods": get(b"/unknown", method=b"PUT", body=noise)}
        return {kind: (knock, knock) for kind, knock in knocks.items()}

    def knocks_at_the_broker_alone(self):
        """{kind: (what might be a request, the same bytes as what is none)}: nothing has to be known of another server."""
        little, much = os.urandom(random.randrange(1, 2000)), os.urandom(40_000)
        post = lambda body: get(b"/unknown", method=b"POST", body=body)  # noqa: E731
        return {"noise, and got": (post(little), get(b"/unknown", body=little)), "much noise, and got": (post(much), get(b"/unknown", body=much)),
                "much noise, and upgraded": (post(much), get(b"/unknown", WEBSOCKET % 13, method=b"POST", body=much))}

    def knock(self, kinds, ours, others, found):
        """Each kind once, at `ours`, and what it is compared with at `others`."""
        for kind, (probe, control) in kinds.items():
            first, second = (ours.ask(probe), others.ask(control)) if random.random() < 0.5 else (None, others.ask(control))
            first = first or ours.ask(probe)
            self.assertEqual(first[1:], second[1:], kind)
            times = found.setdefault(kind, ([], []))
            times[0].append(first[0])
            times[1].append(second[0])

    def show(self, found):
        """Which kinds can be told apart."""
        chances = {}
        for kind, (ours, others) in found.items():
            d, chances[kind] = distance(ours, others)
            print(f"{kind}: {statistics.median(ours) * 1e6:.0f} and {statistics.median(others) * 1e6:.0f} us, D {d:.3f}, "
                  f"p {chances[kind]:.3g}")
        told = told_apart(chances)
        print(f"{len(told)} of {len(chances)} kinds can be told apart on loopback, n = {KNOCKS}", flush=True)
        return told

    def nobody_tells(self, make_kinds, ours, others):
        """`make_kinds`: the kinds anew for each knock."""
        told = None
        for _ in range(RUNS):
            found = {}
            for _ in range(KNOCKS):
                self.knock(make_kinds(), ours, others, found)
            told = self.show(found) if told is None else told & self.show(found)
            if not told:
                return
        self.fail(f"told apart by the time of their answers, in each of {RUNS} runs: {', '.join(sorted(told))}")

    def chain_with_a_site(self):
        options = ("--tls-cert", str(self.pair[0]), "--tls-key", str(self.pair[1]), "--decoy", str(self.folder / "site"))
        return Chain(broker_options=options, egress_options=options)

    def visitor(self, program):
        visitor = Visitor(program.port)
        self.addCleanup(visitor.close)
        return visitor

    def test_the_egress_answers_as_where_it_is_not(self):
        with self.chain_with_a_site() as self.chain:
            visitor = self.visitor(self.chain.egress_program)  # one: another may be another worker's
            target = rendezvous_request.leg_target(LOOPBACK, self.chain.broker_program.port, secure).encode()
            with secure(socket.create_connection((LOOPBACK, self.chain.egress_program.port), LIMIT)) as leg:
                leg.sendall(get(target, WEBSOCKET % 13))
                self.assertTrue(leg.recv(4096).startswith(b"HTTP/1.1 101 "), "a good token opens a leg, once")
            used = target.rpartition(b"/")[2]
            self.nobody_tells(lambda: self.knocks_at_the_egress(used), visitor, visitor)

    def knock_at_the_broker(self):
        broker = self.visitor(self.chain.broker_program)
        self.nobody_tells(self.knocks_at_the_broker, broker, self.visitor(self.chain.egress_program))
        self.nobody_tells(self.knocks_at_the_broker_alone, broker, broker)

    def test_the_broker_answers_as_a_server_that_is_none(self):
        with self.chain_with_a_site() as self.chain:
            self.knock_at_the_broker()

    def test_a_networks_broker_answers_as_a_server_that_is_none(self):
        """It tries to open what it gets, whatever that is."""
        decoy = ["--decoy", str(self.folder / "site")]
        with NetworkChain(broker_options=decoy, egress_options=decoy) as self.chain:
            self.knock_at_the_broker()


if __name__ == "__main__":
    report.main()
