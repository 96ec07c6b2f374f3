"""Figures on virtual time: several paths (the program multipath_sim), which depend on nothing but the code, and how many
whole networks a minute is worth (footbridge sim)."""
import json
import os
import pathlib
import re
import subprocess

LIMIT = 300  # seconds; a third of a minute for each seed


def multipath(figures, scale):
    """Sums, latency, silent deaths and churn; one sample per seed."""
    program = pathlib.Path(os.environ["FOOTBRIDGE"]).parent / "bench" / "multipath_sim"
    only = ["--only", "sum_ratio_down"] if scale.sim_smoke else []
    done = subprocess.run([program, "--seeds", str(scale.sim_seeds), *only], capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, f"multipath_sim ended with {done.returncode}:\n{done.stderr}"
    for line in done.stdout.splitlines():
        row = json.loads(line)
        figures.add(row["name"], row["unit"], row["value"])


def seeds(figures, scale):
    """Seeds of the model tier in a minute, on all cores."""
    command = [os.environ["FOOTBRIDGE"], "sim", "--seeds", str(scale.model_seeds), "--jobs", str(os.cpu_count() or 1)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, f"footbridge sim ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    figures.add("sim.seeds_per_min", "1/min", float(re.search(r"\((\d+) per minute\)", done.stdout).group(1)))
