"""Figures of the whole chain: client, volunteer, egress and broker as processes of their own, a website and fetchers here."""
import contextlib
import time

import load
from chain import Chain, eventually
from figures import progress
from processes import Meter, memory_bytes

QUIET = ("--log-level", "notice")
GB = 1e9  # bytes
CROWD = 4             # clients, and volunteers, of the 4 × 4 figures
PROXY_CLIENTS = 10    # as many as a volunteer has slots
MB = 1_000_000


@contextlib.contextmanager
def network(volunteers=1, slots=10, volunteer_options=()):
    """A site, and a chain around it with its volunteers but no client."""
    site = load.Site()
    try:
        with Chain([site.address], egress_options=QUIET, broker_options=QUIET) as chain:
            for _ in range(volunteers):
                chain.volunteer(*QUIET, "--slots", str(slots), *volunteer_options)
            yield chain, site.address
    finally:
        site.close()


def connected_clients(chain, count, *options):
    clients = [chain.client(*QUIET, *options) for _ in range(count)]
    eventually(lambda: chain.legs() >= count, f"{count} clients have a path", 30)
    return clients


def meter(chain):
    def named(role):
        return [program for program in chain.programs if program.name.startswith(role) and program.running]
    return Meter(client=named("client"), proxy=named("volunteer"), egress=[chain.egress_program], broker=[chain.broker_program])


def start_to_first_byte(figures, scale):
    """A client that has never run before, from its start to the first byte of a page; everybody else runs already."""
    with network() as (chain, address):
        for _ in range(scale.starts):
            began = time.monotonic()
            client = chain.client(*QUIET)
            with load.tunnel(client.port, address) as connection:
                load.get_head(connection, 1)
                load.check_blocks(connection, 1)
            took = time.monotonic() - began
            figures.add("chain.start_to_first_byte", "s", took)
            progress(f"  first byte after {took * 1000:.0f} ms")
            client.terminate()


def add_transfer(figures, prefix, cpu, payload):
    figures.add(f"{prefix}.mb_per_s", "MB/s", payload / 1e6 / cpu.seconds)
    figures.add(f"{prefix}.cpu_s_per_gb", "s/GB", cpu.total / (payload / GB))
    progress(f"  {prefix}: {payload / 1e6 / cpu.seconds:.0f} MB/s, {cpu.total / (payload / GB):.2f} CPU s/GB ("
             + ", ".join(f"{role} {seconds / (payload / GB):.2f}" for role, seconds in cpu.cpu.items()) + ")")


def both_ways(figures, scale, prefix, chain, port, address):
    """One stream: first down, then up. Yields the direction and what each repetition took."""
    for direction, transfer in (("download", load.download), ("upload", load.upload)):
        transfer(port, address, scale.payload // 8)  # windows and buffers grow in this one
        for _ in range(scale.repeats):
            with meter(chain) as cpu:
                transfer(port, address, scale.payload)
            add_transfer(figures, f"{prefix}.{direction}", cpu, scale.payload)
            yield direction, cpu


def transfers(figures, scale):
    """One client, one volunteer, one stream."""
    with network() as (chain, address):
        client, = connected_clients(chain, 1)
        for direction, cpu in both_ways(figures, scale, "chain", chain, client.port, address):
            parts = "chain.cpu_s_per_gb" if direction == "download" else "chain.upload.cpu_s_per_gb"
            for role in ("client", "proxy", "egress"):
                figures.add(f"{parts}.{role}", "s/GB", cpu.cpu[role] / (scale.payload / GB))


def three_paths(figures, scale):
    """The same over three volunteers, by a program that wants as many."""
    with network(volunteers=3) as (chain, address):
        client, = connected_clients(chain, 1)
        time.sleep(scale.settle)  # for the paths that follow the first one
        memory = memory_bytes(client.pid, "VmRSS") / MB
        figures.add("chain.3_paths.client_idle_mb", "MB", memory)
        progress(f"  {chain.legs():.0f} paths; the client has {memory:.1f} MB in memory")
        for _ in both_ways(figures, scale, "chain.3_paths", chain, client.port, address):
            pass


def crowd(figures, scale):
    """Four clients over four volunteers that have room for all their paths, all at once."""
    each = scale.payload // CROWD
    with network(volunteers=CROWD, slots=CROWD) as (chain, address):
        ports = [client.port for client in connected_clients(chain, CROWD)]
        for direction, transfer in (("download", load.download), ("upload", load.upload)):
            load.at_once(transfer, ports, address, each // 8)
            for _ in range(scale.repeats):
                with meter(chain) as cpu:
                    load.at_once(transfer, ports, address, each)
                add_transfer(figures, f"chain.{CROWD}x{CROWD}.{direction}", cpu, each * CROWD)


def proxy_memory(figures, scale):
    """A volunteer's memory with ten clients: while they are idle, and the most it ever had once all downloaded at once."""
    for _ in range(scale.memory_repeats):
        with network() as (chain, address):
            ports = [client.port for client in connected_clients(chain, PROXY_CLIENTS)]
            volunteer = next(program for program in chain.programs if program.name.startswith("volunteer"))
            time.sleep(scale.settle)
            idle = memory_bytes(volunteer.pid, "VmRSS") / MB
            load.at_once(load.download, ports, address, scale.payload // 20)
            peak = memory_bytes(volunteer.pid, "VmHWM") / MB
            figures.add("proxy.rss_mb_10_idle_clients", "MB", idle)
            figures.add("proxy.rss_mb_10_clients", "MB", peak)
            progress(f"  volunteer with {PROXY_CLIENTS} clients: {idle:.1f} MB idle, {peak:.1f} MB at most")
