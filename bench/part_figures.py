"""Figures of the parts by themselves: the programs *_bench (Google Benchmark), each counter of each case a figure."""
import json
import os
import pathlib
import subprocess

from figures import progress

PROGRAMS = ("session_bench", "quic_bench", "leg_bench", "link_bench", "sealing_bench")
# Counters that are figures, and their units; what else a program prints is for who runs it by hand.
UNITS = {"cpu_s_per_gb": "s/GB", "sender_cpu_s_per_gb": "s/GB", "receiver_cpu_s_per_gb": "s/GB", "mb_per_s": "MB/s",
         "allocs_per_packet": "1", "sender_allocs_per_packet": "1", "receiver_allocs_per_packet": "1", "not_delivered": "1",
         "requests_per_s": "1/s", "cpu_ms_per_request": "ms"}
LIMIT = 60  # seconds for one program


def folder():
    return pathlib.Path(os.environ["FOOTBRIDGE"]).parent / "bench"


def measure(figures, program, scale):
    done = subprocess.run([folder() / program, "--benchmark_format=json", f"--benchmark_min_time={scale.part_seconds}",
                           f"--benchmark_repetitions={scale.repeats}"], capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, f"{program} ended with {done.returncode}:\n{done.stderr}"
    for run in json.loads(done.stdout)["benchmarks"]:
        if run["run_type"] != "iteration":
            continue
        name = run["run_name"].removesuffix("/iterations:1").replace("/", ".")
        for counter, unit in UNITS.items():
            if counter in run:
                figures.add(f"part.{name}.{counter}", unit, run[counter])


def matcher(figures, scale):
    """The core matcher without messages and sockets."""
    done = subprocess.run([folder() / "matcher", "--samples", str(scale.sim_seeds), "--waiting", str(scale.waiting_proxies)],
                          capture_output=True, text=True, timeout=2 * LIMIT)
    assert done.returncode == 0, f"matcher ended with {done.returncode}:\n{done.stderr}"
    for line in done.stdout.splitlines():
        row = json.loads(line)
        figures.add(row["name"], row["unit"], row["value"])


def parts(figures, scale):
    """Session, QUIC, leg and link, per packet size, with the allocations that each packet causes; and sealed requests."""
    for program in PROGRAMS:
        progress(f"  {program}")
        measure(figures, program, scale)
