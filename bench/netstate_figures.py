"""Figures of netstate: reports that none may be lost of, and what a download loses while netstate stands still."""
import contextlib
import pathlib
import signal
import statistics
import subprocess
import tempfile
import time

import load
from chain import LOOPBACK, Program, binary, eventually, free_port
from chain_figures import QUIET
from figures import progress
from netstate import SeenChain
from processes import memory_bytes

REPORTERS = 1_000  # a report a second of each
FILES = 10         # reporter files that they share
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


def reports(figures, scale):
    """A thousand reporters, each on a connection of its own."""
    with alone() as (netstate, files):
        load_program = pathlib.Path(binary()).parent / "bench" / "netstate_load"
        done = subprocess.run([load_program, str(REPORTERS), str(scale.netstate_seconds), *files], capture_output=True, text=True,
                              check=True, timeout=scale.netstate_seconds + 60)
        sent, taken, p99 = done.stdout.split()
        assert int(sent) == REPORTERS * scale.netstate_seconds, f"{sent} reports were sent"
        figures.add("netstate.reports_lost", "reports", int(sent) - int(taken))
        figures.add("netstate.reports_counted", "reports", netstate.metric("footbridge_netstate_reports_total"))
        figures.add("netstate.report_p99_ms", "ms", float(p99))
        figures.add("netstate.rss_mb", "MB", memory_bytes(netstate.pid, "VmHWM") / MB)
        progress(f"  {taken} of {sent} reports taken, 99 of 100 within {p99} ms")


def stopped(figures, scale):
    """A download with a netstate that answers, and with one that stands still, in turns."""
    site = load.Site()
    try:
        with SeenChain(allow=[site.address], egress_options=QUIET, broker_options=QUIET) as chain:
            chain.seen_volunteer("volunteer")
            port = chain.client(*QUIET, "--paths", "1").port
            load.download(port, site.address, scale.payload // 4)
            eventually(chain.carriers, "netstate hears of it")
            speeds, waits = {False: [], True: []}, {False: [], True: []}
            for turn in range(2 * scale.netstate_turns):
                still = bool(turn % 2)
                chain.netstate.signal(signal.SIGSTOP if still else signal.SIGCONT)
                began = time.monotonic()
                load.download(port, site.address, scale.payload)
                speeds[still].append(scale.payload / (time.monotonic() - began))
                for _ in range(scale.pages):
                    began = time.monotonic()
                    load.download(port, site.address, 20_000)
                    waits[still].append(time.monotonic() - began)
            chain.netstate.signal(signal.SIGCONT)
        for name, samples in (("rate", speeds), ("page_wait", waits)):
            ratio = statistics.median(samples[True]) / statistics.median(samples[False])
            figures.add(f"netstate.stopped.{name}_ratio", "x", ratio)
            progress(f"  {name} with netstate stopped: {ratio:.3f} of what it is otherwise")
    finally:
        site.close()


def netstate(figures, scale):
    reports(figures, scale)
    stopped(figures, scale)
