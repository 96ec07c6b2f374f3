"""Figures of several paths on virtual time: the program multipath_sim. They depend on nothing but the code."""
import json
import os
import pathlib
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
