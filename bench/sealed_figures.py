"""Figures of a broker that serves a network: requests are sealed, plain HTTP as behind a front proxy, the load on the same
cores. Volunteers resume; each offer is a handshake, as of a client that asks once."""
import pathlib
import statistics
import subprocess
import time

from chain import LOOPBACK, Chain, binary, eventually, free_port, with_common
from chain_figures import QUIET
from figures import progress
from generator import Generator
from processes import cpu_seconds, memory_bytes

CLIENTS = 64   # with an offer each under way, at most
PROXIES = 32   # two connections each
SILENCE = 11   # seconds, SEAL-T3: for so long after its start a broker takes nobody who asks first
WANTED = 2500  # matches a second; how long offers wait is asked at half of these, and at half of what there can be
KIB = 1024


class OpenNetwork(Chain):
    """Egress and broker of a network that asks nobody for an invite."""

    def network(self, action, *words):
        subprocess.run([binary(), "network", action, "--dir", self.path("net"), *words], check=True, capture_output=True,
                       stdin=subprocess.DEVNULL)

    def start_broker(self, port=0):
        port = port or free_port()
        descriptor = pathlib.Path(self.path("egress.toml")).read_text()
        self.network("new", "--name", "Load", "--broker-url", f"http://{LOOPBACK}:{port}/")
        config = pathlib.Path(self.path("net/network.toml"))
        config.write_text(config.read_text().replace('invites = "needed"', 'invites = "open"') + descriptor)
        self.network("directory")
        pathlib.Path(self.path("keys.toml")).write_text(f'{descriptor}key_file = "{self.path("leg.key")}"\n')
        self.broker_program = self.run(
            "broker", ["broker", "--network", self.path("net"), "--listen", f"{LOOPBACK}:{port}", "--egress-file",
                       self.path("keys.toml"), *with_common(self.broker_options)]).ready()
        time.sleep(SILENCE)
        return self.broker_program

    def load(self, clients, proxies, per_second=0):
        return Generator("broker_load", self.broker_program.port, clients, proxies, self.path("net"), per_second)


class Meter:
    """What happened between two looks."""

    def __init__(self, crowd, broker):
        self.crowd, self.broker = crowd, broker
        self.before = self.look()[:3]

    def look(self):
        matches, _, p99 = self.crowd.ask().split()
        return int(matches), cpu_seconds(self.broker.pid), time.monotonic(), float(p99)

    def since(self):
        *now, p99 = self.look()
        matches, cpu, seconds = (b - a for a, b in zip(self.before, now))
        self.before = now
        return matches, cpu, seconds, p99


def most(chain, figures, scale):
    """As many matches as there can be; their median."""
    rates = []
    with chain.load(CLIENTS, PROXIES) as crowd:
        time.sleep(scale.settle)
        meter = Meter(crowd, chain.broker_program)
        for _ in range(scale.repeats):
            time.sleep(scale.broker_seconds)
            matches, cpu, seconds, _ = meter.since()
            rates.append(matches / seconds)
            figures.add("broker.sealed.matches_per_s", "1/s", matches / seconds)
            figures.add("broker.sealed.cpu_ms_per_match", "ms", cpu * 1000 / matches)
            progress(f"  {matches / seconds:.0f} matches/s, the broker on {cpu / seconds * 100:.0f} % of a core")
    return statistics.median(rates)


def waits(chain, figures, scale, name, per_second):
    """How long offers take at that load, from volunteers who answer at once."""
    with chain.load(CLIENTS, PROXIES, int(per_second)) as crowd:
        time.sleep(scale.settle)
        meter = Meter(crowd, chain.broker_program)
        for _ in range(scale.repeats):
            time.sleep(scale.broker_seconds)
            matches, _, seconds, p99 = meter.since()
            figures.add(name, "ms", p99)
            progress(f"  {matches / seconds:.0f} of {per_second:.0f} matches/s, 99 of 100 within {p99:.1f} ms")


def parked(chain, figures, scale):
    """Volunteers who wait for somebody, and what each costs a broker that has worked before."""
    broker = chain.broker_program
    time.sleep(scale.settle)
    empty = memory_bytes(broker.pid, "VmRSS")
    with chain.load(0, scale.crowd):
        eventually(lambda: broker.metric("footbridge_broker_waiting_proxies") >= scale.crowd, f"{scale.crowd} polls wait", 60)
        figures.add("broker.sealed.parked_kib", "KiB", (memory_bytes(broker.pid, "VmRSS") - empty) / scale.crowd / KIB)


def sealed(figures, scale):
    with OpenNetwork(egress_options=QUIET, broker_options=[*QUIET, "--max-connections", str(2 * scale.crowd)]) as chain:
        rate = most(chain, figures, scale)
        waits(chain, figures, scale, "broker.sealed.p99_added_ms", min(WANTED, rate) / 2)
        waits(chain, figures, scale, "broker.sealed.p99_added_at_half_ms", rate / 2)
        parked(chain, figures, scale)
