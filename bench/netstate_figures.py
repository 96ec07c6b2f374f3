"""Figures of netstate: reports that none may be lost of, what it holds in memory of a large network that many look at, and what
those who carry lose while it stands still."""
import contextlib
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
from figures import progress
from netstate import SeenChain
from processes import cpu_seconds, memory_bytes

REPORTERS = 1_000  # a report a second of each
FILES = 10         # reporter files that they share
EGRESSES = 100     # that netstate_load names
VIEWERS = 8        # who watch
PAGE = 20_000      # bytes
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


def stopped(figures, scale):
    """Downloads and pages with a netstate that answers, and with one that stands still, in pairs of turns; every other pair the
    other way round, so that what a machine does meanwhile falls on both."""
    site = load.Site()
    try:
        with SeenChain(allow=[site.address], egress_options=QUIET, broker_options=QUIET) as chain:
            chain.seen_volunteer("volunteer")
            port = chain.client(*QUIET, "--paths", "1").port
            load.download(port, site.address, scale.payload // 4)
            eventually(chain.carriers, "netstate hears of it")
            for pair in range(scale.netstate_turns):
                speed, wait = {}, {}
                for still in (False, True) if pair % 2 == 0 else (True, False):
                    chain.netstate.signal(signal.SIGSTOP if still else signal.SIGCONT)
                    speed[still], wait[still] = turn(port, site.address, scale)
                chain.netstate.signal(signal.SIGCONT)
                figures.add("netstate.stopped.rate_ratio", "x", speed[True] / speed[False])
                figures.add("netstate.stopped.page_wait_ratio", "x", wait[True] / wait[False])
                progress(f"  with netstate stopped: {speed[True] / speed[False]:.3f} of the rate, {wait[True] / wait[False]:.3f} of "
                         f"the {wait[False] * 1000:.1f} ms for a page")
    finally:
        site.close()


def turn(port, address, scale):
    """The rate of a download, and the median wait for a page."""
    began = time.monotonic()
    load.download(port, address, scale.payload)
    speed = scale.payload / (time.monotonic() - began)
    waits = []
    for _ in range(scale.pages):
        began = time.monotonic()
        load.download(port, address, PAGE)
        waits.append(time.monotonic() - began)
    return speed, statistics.median(waits)


def netstate(figures, scale):
    reports(figures, scale)
    large(figures, scale)
    stopped(figures, scale)
