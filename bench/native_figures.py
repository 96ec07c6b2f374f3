"""Figures of links without SCTP, beside those of data channels: the whole chain's CPU, and a line that loses packets."""
import os
import pathlib
import subprocess

import load
from chain_figures import GB, QUIET, connected_clients, meter, network
from figures import progress

KINDS = (("native", "on", "native_link"), ("data-channel", "off", "native_link.data_channel"))
LIMIT = 30  # seconds to the opening of a link, and some to spare


def whole_chain(figures, scale, prefix, setting):
    """One client, one volunteer, one path, one download."""
    with network(volunteer_options=("--native-link", setting)) as (chain, address):
        client, = connected_clients(chain, 1, "--paths", "1")
        load.download(client.port, address, scale.payload // 8)  # windows and buffers grow in this one
        for _ in range(scale.repeats):
            with meter(chain) as cpu:
                load.download(client.port, address, scale.payload)
            each = {role: seconds / (scale.payload / GB) for role, seconds in cpu.cpu.items()}
            figures.add(f"{prefix}.cpu_s_per_gb", "s/GB", cpu.total / (scale.payload / GB))
            progress(f"  {prefix}: {scale.payload / 1e6 / cpu.seconds:.0f} MB/s, {cpu.total / (scale.payload / GB):.2f} CPU s/GB ("
                     + ", ".join(f"{role} {seconds:.2f}" for role, seconds in each.items()) + ")")


def lossy_line(figures, scale, prefix, kind):
    """50 Mbit/s, 40 ms there and back, 1 % loss each way."""
    program = pathlib.Path(os.environ["FOOTBRIDGE"]).parent / "bench" / "lossy_link"
    for seed in range(1, scale.lossy_repeats + 1):
        done = subprocess.run([program, kind, str(scale.lossy_seconds), str(seed)], capture_output=True, text=True,
                              timeout=LIMIT + scale.lossy_seconds)
        assert done.returncode == 0, f"lossy_link {kind} ended with {done.returncode}:\n{done.stderr}"
        figures.add(f"{prefix}.mbit_1pct_40ms", "Mbit/s", float(done.stdout))
        progress(f"  {prefix}: {float(done.stdout):.1f} of 50 Mbit/s at 1 % loss and 40 ms")


def native_links(figures, scale):
    """With and without SCTP."""
    for kind, setting, prefix in KINDS:
        whole_chain(figures, scale, prefix, setting)
        lossy_line(figures, scale, prefix, kind)
