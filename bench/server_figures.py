"""Figures of the servers under many clients: what an idle session costs an egress, and how fast a broker matches."""
import time

import load
from chain import Chain
from chain_figures import QUIET
from figures import progress
from generator import Generator
from processes import cpu_seconds, memory_bytes

BROKER_CLIENTS = 64  # with an offer each under way
BROKER_PROXIES = 32  # two connections each
KB = 1000
CROWD = 10_000  # the sessions that the figures are for; a smaller crowd is scaled up


def idle_session(figures, scale, name, paths, port=None):
    """How much an egress grows per session, step by step; the first step, which grows its tables too, is left out."""
    site_port = [port] if port else []
    with Chain([f"127.0.0.1:{port}"] if port else [], egress_options=QUIET, broker_options=QUIET) as chain:
        with Generator("idle_sessions", chain.path("egress.toml"), chain.path("leg.key"), paths, *site_port) as clients:
            sizes = []
            for step in range(scale.session_steps + 2):
                if step:
                    clients.ask(str(step * scale.session_step))
                time.sleep(scale.settle)
                sizes.append(memory_bytes(chain.egress_program.pid, "VmRSS"))
            legs = chain.legs()
            assert legs == (scale.session_steps + 1) * scale.session_step * paths, f"{legs} paths stand"
            for before, after in zip(sizes[1:], sizes[2:]):
                figures.add(name, "kB", (after - before) / scale.session_step / KB)
            progress(f"  {name}: from {sizes[0] / KB:.0f} kB to {sizes[-1] / KB:.0f} kB with {legs} paths")


def idle_sessions(figures, scale):
    """Sessions that never carried anything, those with three paths, and those that have fetched a page."""
    idle_session(figures, scale, "egress.idle_session_kb", 1)
    idle_session(figures, scale, "egress.idle_session_3_paths_kb", 3)
    site = load.Site()
    try:
        idle_session(figures, scale, "egress.used_session_kb", 1, site.address.rpartition(":")[2])
    finally:
        site.close()


def idle_crowd(figures, scale):
    """Ten thousand people who read what they have fetched: memory, and CPU time for nothing but keep-alives."""
    options = [*QUIET, "--max-sessions", str(2 * scale.crowd)]
    with Chain(egress_options=options, broker_options=QUIET) as chain:
        egress = chain.egress_program
        empty = memory_bytes(egress.pid, "VmRSS")
        with Generator("idle_sessions", chain.path("egress.toml"), chain.path("leg.key"), 1) as clients:
            for count in range(scale.crowd_step, scale.crowd + 1, scale.crowd_step):
                clients.ask(str(count))
            assert chain.legs() == scale.crowd, f"{chain.legs()} paths stand"
            time.sleep(scale.crowd_settle)
            for _ in range(scale.crowd_windows):
                before, began = cpu_seconds(egress.pid), time.monotonic()
                time.sleep(scale.crowd_window)
                core = (cpu_seconds(egress.pid) - before) / (time.monotonic() - began)
                figures.add("egress.idle_10k.cpu_core", "cores", core * CROWD / scale.crowd)
            rss = memory_bytes(egress.pid, "VmRSS")
            figures.add("egress.idle_10k.rss_mb", "MB", (empty + (rss - empty) * CROWD / scale.crowd) / KB / KB)
            progress(f"  {scale.crowd} idle sessions: {rss / KB / KB:.0f} MB, {core:.3f} of a core")


def broker_matches(figures, scale):
    """Offers that came back with an answer, as many as there can be, the generator on the same cores."""
    with Chain(egress_options=QUIET, broker_options=QUIET) as chain:
        broker = chain.broker_program
        with Generator("broker_load", broker.port, BROKER_CLIENTS, BROKER_PROXIES) as crowd:
            def read():
                matches, requests = map(int, crowd.ask().split()[:2])
                return matches, requests, cpu_seconds(broker.pid), time.monotonic()
            read()
            time.sleep(scale.settle)
            before = read()
            for _ in range(scale.repeats):
                time.sleep(scale.broker_seconds)
                now = read()
                matches, requests, cpu, seconds = (b - a for a, b in zip(before, now))
                before = now
                figures.add("broker.matches_per_s", "1/s", matches / seconds)
                figures.add("broker.cpu_ms_per_match", "ms", cpu * 1000 / matches)
                progress(f"  {matches / seconds:.0f} matches/s, {requests / matches:.2f} requests each, "
                         f"the broker on {cpu / seconds * 100:.0f} % of a core")
