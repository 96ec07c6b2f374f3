"""Figures: named samples with a unit, their medians as a table and as JSON lines, and the comparison of two runs.

A line of the file is {"name", "value", "unit", "n", "min", "max"}; value is the median of n samples.
"""
import json
import statistics
import sys

# What a figure ought to reach on two cores: (bound, True if more is better). Printed beside the figure, no verdict.
TARGETS = {
    "chain.start_to_first_byte": (0.25, False),
    "chain.download.cpu_s_per_gb": (10, False),
    "chain.upload.cpu_s_per_gb": (10, False),
    "egress.idle_session_kb": (60, False),
    "egress.idle_10k.rss_mb": (700, False),
    "egress.idle_10k.cpu_core": (0.05, False),
    "proxy.rss_mb_10_clients": (30, False),
    "broker.matches_per_s": (5000, True),
    "matcher.matches_per_s_100k": (20_000, True),
    "matcher.last_of_5m_us": (1, False),
    "matcher.pairs_10k_s": (1, False),
    "matcher.beside_100k_p99_us": (1_000, False),
    "multipath.sim.sum_ratio_down": (0.9, True),
    "multipath.sim.sum_ratio_up": (0.9, True),
    "multipath.sim.mbit_1pct_loss": (25, True),
    "multipath.sim.p50_ms_20kb": (60, False),
    "multipath.sim.p99_ms_20kb": (120, False),
    "multipath.sim.gap_ms_silent_death": (350, False),
    "multipath.sim.churn.gap_ms": (1200, False),
    "multipath.real.mb_per_s_4x2": (7.2, True),
    "multipath.real.stall_s_kill": (1, False),
    "multipath.real.stall_s_stop": (1, False),
    "web.core_wasm_br_kb": (40, False),
    "web.widget_gz_kb": (15, False),
    "web.globe_gz_kb": (40, False),
    "web.extension_kb": (400, False),
    "web.relay.down_16k": (7, True),
    "web.relay.down_1128": (2, True),
    "web.relay.up_16k": (10, True),
    "web.relay.up_1128": (5, True),
    "web.relay.hidden_ratio": (0.8, True),
    "web.hidden.relay_ratio": (0.8, True),
    "web.page_to_offer_s": (1, False),
    "netstate.reports_lost": (0, False),
    "netstate.large.rss_mb_looked_at": (100, False),
    "netstate.page.first_paint_ms": (100, False),
    "netstate.page.usable_s": (2, False),
    "netstate.page.frames_per_s": (30, True),
    "netstate.page.stall_ms": (500, False),
    "netstate.page.delta_ms": (1000, False),
    "web.off_to_ready_s": (1, False),
}


class Figures:
    """Samples by name, in the order in which the names first came."""

    def __init__(self):
        self.samples = {}
        self.units = {}

    def add(self, name, unit, value):
        self.units[name] = unit
        self.samples.setdefault(name, []).append(value)

    def rows(self):
        for name, values in self.samples.items():
            yield {"name": name, "value": rounded(statistics.median(values)), "unit": self.units[name], "n": len(values),
                   "min": rounded(min(values)), "max": rounded(max(values))}

    def write(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in self.rows()))


def rounded(value):
    """Four digits that mean something are more than any of these measurements has."""
    return float(f"{value:.4g}")


def read(path):
    """Rows of an earlier run by name."""
    with open(path) as lines:
        return {row["name"]: row for row in map(json.loads, lines)}


def target_text(name):
    bound, more = TARGETS.get(name, (None, None))
    return "" if bound is None else f"{'≥' if more else '≤'} {bound}"


def print_table(rows, earlier=None):
    """One line per figure; with `earlier`, what another run had and the ratio of this one to it."""
    head = ["figure", "median", "unit", "n", "min", "max", "target"] + (["other", "ratio"] if earlier is not None else [])
    lines = [head]
    for row in rows:
        line = [row["name"], f"{row['value']:g}", row["unit"], str(row["n"]), f"{row['min']:g}", f"{row['max']:g}",
                target_text(row["name"])]
        if earlier is not None:
            old = earlier.get(row["name"])
            line += [f"{old['value']:g}", f"{row['value'] / old['value']:.3f}" if old["value"] else "-"] if old else ["-", "-"]
        lines.append(line)
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [text.ljust(width) if column in (0, 2) else text.rjust(width)
                 for column, (text, width) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip())


def progress(text):
    print(text, file=sys.stderr, flush=True)
