"""Figures of netstate: reports that none may be lost of, what it holds in memory of a large network that many look at, and what
those who carry lose while it stands still."""
import contextlib
import math
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time

import load
from chain import LOOPBACK, Program, binary, eventually, free_port
from chain_figures import QUIET
from connections import serve_each
from figures import progress
from netstate import SeenChain
from processes import cpu_seconds, memory_bytes

REPORTERS = 1_000  # a report a second of each
FILES = 10         # reporter files that they share
EGRESSES = 100     # that netstate_load names
VIEWERS = 8        # who watch
PING = bytes(range(256)) * 4
PIECES = 20        # downloads in a row
PIECES_OF_PAYLOAD = 200
MB = 1e6


@contextlib.contextmanager
def alone():
    """A netstate of a network without programs, and reporter files for it."""
    with tempfile.TemporaryDirectory() as folder:
        folder, port = pathlib.Path(folder), free_port()

        def network(*words):
            subprocess.run([binary(), "network", words[0], "--dir", folder / "net", *words[1:]], check=True, capture_output=True)

        network("new", "--name", "Load", "--broker-url", "https://broker.example/")
        files = [folder / f"{number}.toml" for number in range(FILES)]
        for file in files:
            network("reporter", "--role", "volunteer", "--url", f"http://{LOOPBACK}:{port}/", "--out", file)
        program = Program("netstate", ["netstate", "--network", str(folder / "net"), "--private-network", "--listen",
                                       f"{LOOPBACK}:{port}", *QUIET], folder)
        try:
            yield program.ready(), files
        finally:
            program.terminate()


def report_all(reporters, every, times, files):
    """Reports sent, those that were taken, and milliseconds within which 99 of 100 were."""
    program = pathlib.Path(binary()).parent / "bench" / "netstate_load"
    done = subprocess.run([program, *map(str, (reporters, every, times)), *files], capture_output=True, text=True, check=True,
                          timeout=every * times + 60)
    sent, taken, p99 = done.stdout.split()
    assert int(sent) == reporters * times, f"{sent} reports were sent"
    return int(sent), int(taken), float(p99)


def reports(figures, scale):
    """A thousand reporters, each on a connection of its own."""
    with alone() as (netstate, files):
        before = cpu_seconds(netstate.pid)
        sent, taken, p99 = report_all(REPORTERS, 1, scale.netstate_seconds, files)
        counted = netstate.metric("footbridge_netstate_reports_total")
        figures.add("netstate.reports_lost", "reports", sent - counted)
        figures.add("netstate.reports_counted", "reports", counted)
        figures.add("netstate.reports_answered_late", "reports", counted - taken)
        figures.add("netstate.report_p99_ms", "ms", p99)
        figures.add("netstate.cpu_core", "cores", (cpu_seconds(netstate.pid) - before) / scale.netstate_seconds)
        figures.add("netstate.rss_mb", "MB", memory_bytes(netstate.pid, "VmHWM") / MB)
        progress(f"  {taken} of {sent} reports taken, 99 of 100 within {p99} ms")


def asked(port, target):
    """A connection on which the answer to this request comes."""
    connection = socket.create_connection((LOOPBACK, port), timeout=60)
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    return connection


def read_all(connection):
    """Its first bytes, and how many come until it ends, here or there."""
    first, count = b"", 0
    with contextlib.suppress(OSError):
        while piece := connection.recv(1 << 16):
            first, count = first or piece, count + len(piece)
    return first, count


@contextlib.contextmanager
def watched(port):
    """With people who read all that there is to read, as fast as it comes."""
    with contextlib.ExitStack() as open_connections:
        viewers = [open_connections.enter_context(asked(port, "/events")) for _ in range(VIEWERS)]
        readers = [threading.Thread(target=read_all, args=(viewer,), daemon=True) for viewer in viewers]
        for reader in readers:
            reader.start()
        yield
        assert all(reader.is_alive() for reader in readers), "a viewer was let go"
        for viewer in viewers:
            viewer.shutdown(socket.SHUT_RDWR)
        for reader in readers:
            reader.join()


def large(figures, scale):
    """As many nodes as a map is made for, all of which change all the time, and people who look in every way there is."""
    with alone() as (netstate, files):
        with watched(netstate.port):
            report_all(scale.netstate_nodes, scale.netstate_every, scale.netstate_times, files)
        assert netstate.metric("footbridge_netstate_nodes") == scale.netstate_nodes + EGRESSES
        figures.add("netstate.large.edges", "edges", netstate.metric("footbridge_netstate_edges"))
        figures.add("netstate.large.rss_mb", "MB", memory_bytes(netstate.pid, "VmHWM") / MB)
        for target in ("/snapshot.json", "/snapshot.dot", "/series.json?hours=24", "/replay.json"):
            with asked(netstate.port, target) as connection:
                first, count = read_all(connection)
            assert first.startswith(b"HTTP/1.1 200 "), f"{target} is refused"
            progress(f"  {target}: {count / MB:.1f} MB")
        figures.add("netstate.large.rss_mb_looked_at", "MB", memory_bytes(netstate.pid, "VmHWM") / MB)


class Way:
    """A network with a netstate of its own, and a client of it."""

    def __init__(self, chain):
        self.chain = chain
        chain.seen_volunteer("volunteer")
        self.port = chain.client(*QUIET, "--paths", "1").port

    @contextlib.contextmanager
    def one_more(self, site, count):
        """Somebody else is there, so that all who report have something to say."""
        client = self.chain.client(*QUIET, "--paths", "1")
        load.download(client.port, site.address, count)
        yield
        client.terminate()

    @contextlib.contextmanager
    def stopped(self):
        self.chain.netstate.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.chain.netstate.signal(signal.SIGCONT)


def stopped(figures, scale):
    """What somebody gets and how long he waits with a netstate that stands still, by what it is with one that answers. Two networks
    take turns with every piece and every message, so that what the machine does meanwhile falls on both. Each one's netstate stands
    still once in a turn, so that what one of them has by itself cancels."""
    site, mirror = load.Site(), Mirror()
    with contextlib.ExitStack() as all_of_it:
        for one in (site, mirror):
            all_of_it.callback(one.close)
        left, right = (Way(all_of_it.enter_context(SeenChain(allow=[site.address, mirror.address], egress_options=QUIET,
                                                             broker_options=QUIET))) for _ in range(2))
        for way in (left, right):
            load.download(way.port, site.address, scale.payload // 10)
            eventually(way.chain.carriers, "netstate hears of it")
        for _ in range(scale.netstate_turns):
            both = [compare(still, awake, site, mirror, scale) for still, awake in ((left, right), (right, left))]
            rate, wait = (math.sqrt(a * b) for a, b in zip(*both))
            figures.add("netstate.stopped.rate_ratio", "x", rate)
            figures.add("netstate.stopped.round_trip_ratio", "x", wait)
            progress(f"  with netstate stopped: {rate:.3f} of the rate, {wait:.3f} of the time there and back")


def compare(still, awake, site, mirror, scale):
    """The rate and the round trip of the first, whose netstate stands still, by those of the second."""
    piece = scale.payload // PIECES_OF_PAYLOAD
    with still.stopped(), still.one_more(site, piece), awake.one_more(site, piece):
        times = alternate(PIECES, lambda: load.download(still.port, site.address, piece),
                          lambda: load.download(awake.port, site.address, piece))
        rate = sum(times[1]) / sum(times[0])
        with load.tunnel(still.port, mirror.address) as one, load.tunnel(awake.port, mirror.address) as other:
            waits = alternate(scale.netstate_pings, lambda: there_and_back(one), lambda: there_and_back(other))
    return rate, statistics.median(waits[0]) / statistics.median(waits[1])


def alternate(times, *deeds):
    """Seconds that each of these took, so many times; none is always the first."""
    taken = [(deed, []) for deed in deeds]
    for number in range(times):
        for deed, seconds in reversed(taken) if number % 2 else taken:
            began = time.monotonic()
            deed()
            seconds.append(time.monotonic() - began)
    return [seconds for _, seconds in taken]


def there_and_back(connection):
    connection.sendall(PING)
    assert connection.recv(len(PING), socket.MSG_WAITALL) == PING, "something else came back"


class Mirror:
    """A site that says back what it hears."""

    def __init__(self):
        self.listener = socket.create_server((LOOPBACK, 0))
        self.address = f"{LOOPBACK}:{self.listener.getsockname()[1]}"
        serve_each(self.listener, self._serve)

    def _serve(self, connection):
        with connection:
            while piece := connection.recv(len(PING)):
                connection.sendall(piece)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def netstate(figures, scale):
    reports(figures, scale)
    large(figures, scale)
    stopped(figures, scale)
