#!/usr/bin/env python3
"""Thousands of slow and idle connections at broker and egress (threat T13): honest people notice little, none of them is
turned away, and a held connection costs the server little memory.

slowhttptest, which is not ours, makes the slow ones: heads, bodies and readers that never come to an end. How many and
for how long: FB_SLOW_CONNECTIONS (960) and FB_SLOW_SECONDS (15); the full attack is 4000 and 120.
"""
import contextlib
import os
import pathlib
import resource
import shutil
import socket
import ssl
import statistics
import subprocess
import tempfile
import time
import unittest

import curl
import rendezvous_request
import report
import website
from chain import Chain, LOOPBACK, die_with_parent, eventually
from processes import cpu_seconds, resident_kib

CONNECTIONS = int(os.environ.get("FB_SLOW_CONNECTIONS", "960"))
SECONDS = int(os.environ.get("FB_SLOW_SECONDS", "15"))
MODES = ("-H", "-B", "-X")        # slow heads, slow bodies, slow readers
HEAD_LIMIT = 10                   # seconds a server waits for a head or a body
FLOOR = 0.1                       # seconds; below this a p99 says more about this machine than about a server that is held up
MOST_KIB = 20                     # of resident memory for a connection that does nothing: 9, and never another buffer of 16
LOCAL_CONNECTIONS = 512           # a client's own port
NEVER_READING = 300
MOST_KIB_FLOODED = 96             # a request's bound and the head's, and what a connection costs anyway
TLS_CONNECTIONS = 120             # twice as many handshakes, well within the 25 s of a poll on a loaded machine
MOST_KIB_TLS = 40                 # OpenSSL's state and both its buffers stay
IDLE_CONNECTIONS = 700            # of each kind; all kinds together are below a broker's cap
USED_TO_WORK = 1000               # requests after which a program's own pages are in memory
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


def setUpModule():
    if not shutil.which("slowhttptest"):
        raise unittest.SkipTest("needs slowhttptest (scripts/setup test installs it)")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 2 * CONNECTIONS:
        raise unittest.SkipTest(f"needs {2 * CONNECTIONS} descriptors, the hard limit is {most}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def connections(program):
    return program.metric(f"footbridge_{program.name}_connections")


class Attack:
    """slowhttptest in all its modes at once against one server."""

    def __init__(self, port):
        each = str(CONNECTIONS // len(MODES))
        self.processes = [
            subprocess.Popen(["slowhttptest", mode, "-c", each, "-r", each, "-i", "3", "-l", str(SECONDS), "-p", "5", "-x", "24",
                              "-u", f"http://{LOOPBACK}:{port}/", "-v", "0"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             preexec_fn=die_with_parent) for mode in MODES]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()

    @property
    def running(self):
        return any(process.poll() is None for process in self.processes)


def ask(port, request, expected):
    """Seconds from connect to the end of the answer; None: it was not what an honest requester expects."""
    began = time.monotonic()
    try:
        with socket.create_connection((LOOPBACK, port), timeout=5) as s:
            s.sendall(request)
            answer = b""
            while piece := s.recv(65536):
                answer += piece
    except OSError:
        return None
    return time.monotonic() - began if answer.startswith(expected) else None


def at_work(program, request):
    """Resident KiB of a program that has served already: what its first requests bring into memory (code, tables: 2.4 MB
    of the broker's) is not what a connection costs."""
    for _ in range(USED_TO_WORK):
        ask(program.port, request, b"HTTP/1.1 ")
    return resident_kib(program)


def p99(times):
    return statistics.quantiles(times, n=100)[98]


class Series:
    """Honest requests to one server, one connection each."""

    def __init__(self, program, request, expected):
        self.program, self.request, self.expected = program, request, expected
        self.undisturbed, self.attacked = [], []

    def ask(self, times):
        times.append(ask(self.program.port, self.request, self.expected))


class SlowConnections(unittest.TestCase):
    def test_honest_people_notice_little(self):
        """Each server is attacked in turn; the other, beside the same noise on the same machine, is the measure for it."""
        with contextlib.closing(website.Website()) as site, Chain([site.address]) as chain:
            chain.volunteer()
            broker = Series(chain.broker_program, rendezvous_request.errand(close=True), b"HTTP/1.1 200 ")
            egress = Series(chain.egress_program, b"GET /leg/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"HTTP/1.1 404 ")
            for target, other in ((broker, egress), (egress, broker)):
                self.attack(target, other, chain, site)
            for series in (broker, egress):
                self.check(series)

    def attack(self, target, other, chain, site):
        program = target.program
        before, cpu, began = at_work(program, target.request), cpu_seconds(program.pid), time.monotonic()
        most, largest, newcomer = 0, before, None
        with Attack(program.port) as attack:
            while attack.running:
                for _ in range(10):
                    target.ask(target.attacked)
                    other.ask(other.undisturbed)
                most = max(most, connections(program))
                largest = max(largest, resident_kib(program))
                if most > CONNECTIONS // 2 and not newcomer:
                    newcomer = chain.client()
                    self.assertEqual(curl.fetch(newcomer.port, "http", site.url("/bytes/1000")).size, 1000, "and newcomers come in")
        took = time.monotonic() - began
        print(f"{program.name}: {most:.0f} slow connections, {took:.0f} s, {(cpu_seconds(program.pid) - cpu) / took * 100:.0f} % of a core, "
              f"+{(largest - before) / most:.1f} KiB each")
        self.assertGreater(most, CONNECTIONS // 2, "the attack did not take place")
        self.assertLessEqual((largest - before) / most, MOST_KIB)

    def check(self, series):
        failures = (series.undisturbed + series.attacked).count(None)
        self.assertEqual(failures, 0)
        usual, attacked = p99(series.undisturbed), p99(series.attacked)
        print(f"{series.program.name}: p99 of {len(series.undisturbed)} and {len(series.attacked)} honest requests "
              f"{usual * 1000:.1f} -> {attacked * 1000:.1f} ms, p50 {statistics.median(series.undisturbed) * 1000:.1f} -> "
              f"{statistics.median(series.attacked) * 1000:.1f} ms")
        self.assertLessEqual(attacked, max(2 * usual, FLOOR))

    def test_readers_that_never_read_are_cut_off_and_cost_little(self):
        """They ask and ask, each request behind the other, and never take an answer (threat T14)."""
        for name in ("broker", "egress"):
            with self.subTest(name), Chain() as chain, contextlib.ExitStack() as stack:
                program = {"broker": chain.broker_program, "egress": chain.egress_program}[name]
                before = resident_kib(program)
                flood = rendezvous_request.errand(close=False) * 100
                held = []
                for _ in range(NEVER_READING):
                    s = stack.enter_context(socket.socket())
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                    s.connect((LOOPBACK, program.port))
                    s.setblocking(False)
                    held.append(s)
                largest, stop_at = before, time.monotonic() + 3
                while time.monotonic() < stop_at:
                    for s in held:
                        with contextlib.suppress(OSError):
                            s.send(flood)
                    largest = max(largest, resident_kib(program))
                print(f"{name}: +{(largest - before) / len(held):.1f} KiB for each of {len(held)} that never read")
                self.assertLess((largest - before) / len(held), MOST_KIB_FLOODED)
                self.assertIsNotNone(ask(program.port, rendezvous_request.errand(close=True), b"HTTP/1.1 "))
                eventually(lambda: connections(program) == 0, "all are cut off", 2 * HEAD_LIMIT)

    def test_a_held_connection_costs_little_and_an_unfinished_one_is_cut_off(self):
        errand = rendezvous_request.errand(close=False)
        lasting = {"parked": (None, b""), "kept alive": (errand, b"HTTP/1.1 200 ")}
        unfinished = {"silent": (b"", b""), "half a head": (b"POST / HTTP/1.1\r\nHost: x\r\nX-Filler: " + b"x" * 200, b""),
                      "half a body": (HEAD % 1000 + b"x" * 500, b"")}
        with Chain() as chain, contextlib.ExitStack() as stack:
            broker, count = chain.broker_program, 0
            at_work(broker, rendezvous_request.errand(close=True))
            for kind, (request, expected) in (lasting | unfinished).items():
                before = resident_kib(broker)
                held = [stack.enter_context(socket.create_connection((LOOPBACK, broker.port))) for _ in range(IDLE_CONNECTIONS)]
                for s in held:
                    s.sendall(rendezvous_request.poll() if request is None else request)
                for s in held if expected else ():
                    self.assertTrue(s.recv(4096).startswith(expected))
                if request is None:
                    eventually(lambda: broker.metric("footbridge_broker_waiting_proxies") == IDLE_CONNECTIONS, "all polls wait")
                count += len(held)
                eventually(lambda: connections(broker) == count, "all are held")
                each = (resident_kib(broker) - before) / len(held)
                print(f"{kind}: {each:.1f} KiB each")
                self.assertLessEqual(each, MOST_KIB, kind)
            kept = len(lasting) * IDLE_CONNECTIONS
            eventually(lambda: connections(broker) == kept, "what was never finished is cut off", 2 * HEAD_LIMIT)

    def test_a_poll_that_waits_in_tls_costs_little_more(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fb-slow-"))
        self.addCleanup(shutil.rmtree, folder)
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                               "key.pem", "-out", "certificate.pem", "-subj", "/CN=localhost", "-days", "2"],
                              cwd=folder, capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stderr)
        (folder / "key.pem").chmod(0o600)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        options = ("--tls-cert", str(folder / "certificate.pem"), "--tls-key", str(folder / "key.pem"))
        with Chain(broker_options=options) as chain, contextlib.ExitStack() as stack:
            broker, before = chain.broker_program, 0
            waiting = lambda: broker.metric("footbridge_broker_waiting_proxies")  # noqa: E731
            for round_ in range(2):  # the first brings the program's own pages into memory
                for _ in range(TLS_CONNECTIONS):
                    s = context.wrap_socket(stack.enter_context(socket.create_connection((LOOPBACK, broker.port))))
                    stack.enter_context(s).sendall(rendezvous_request.poll())
                eventually(lambda: waiting() == (round_ + 1) * TLS_CONNECTIONS, "all polls wait", 20)
                before, earlier = resident_kib(broker), before
            each = (before - earlier) / TLS_CONNECTIONS
            print(f"parked in TLS: {each:.1f} KiB each")
            self.assertLessEqual(each, MOST_KIB_TLS)

    def test_the_clients_own_port_has_a_cap_too(self):
        with contextlib.closing(website.Website()) as site, Chain([site.address]) as chain, contextlib.ExitStack() as stack:
            chain.volunteer()
            client = chain.client()
            for _ in range(LOCAL_CONNECTIONS + 100):
                stack.enter_context(socket.create_connection((LOOPBACK, client.port)))
            held = "footbridge_connect_connections"
            eventually(lambda: "event=connection-refused why=total" in client.log(), "the rest is turned away")
            eventually(lambda: client.metric(held) == LOCAL_CONNECTIONS, "as many as may be are held")
            stack.pop_all().close()
            eventually(lambda: client.metric(held) == 0, "the places are free again")
            self.assertEqual(curl.fetch(client.port, "http", site.url("/bytes/1000")).size, 1000)


if __name__ == "__main__":
    report.main()
