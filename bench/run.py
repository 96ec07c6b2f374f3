#!/usr/bin/env python3
"""Measures the chain: real processes on this machine, a table on standard output, a line of JSON per figure.

Figures are medians. CPU seconds per GB (10^9 bytes of payload) are of client, volunteer, egress and broker together, the
load that is put on them not counted; MB/s say mostly how many cores there are, since everybody shares them.
"""
import argparse
import dataclasses
import os
import pathlib
import resource
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests" / "e2e"))  # chain.py starts the programs, there as here

import chain_figures  # noqa: E402: found through the line above
import figures as f  # noqa: E402
import multipath_figures  # noqa: E402
import native_figures  # noqa: E402
import netstate_figures  # noqa: E402
import part_figures  # noqa: E402
import profile_shares  # noqa: E402
import sealed_figures  # noqa: E402
import server_figures  # noqa: E402
import sim_figures  # noqa: E402
import tor_figures  # noqa: E402
import web_figures  # noqa: E402


@dataclasses.dataclass
class Scale:
    """How much is measured."""
    starts: int = 9              # of a cold client
    repeats: int = 5             # of each transfer
    payload: int = 200_000_000   # bytes of one repetition, all clients together
    memory_repeats: int = 3
    session_step: int = 50       # sessions between two looks at an egress's memory
    session_steps: int = 5
    crowd: int = 10_000          # sessions of one egress, all idle
    crowd_step: int = 500        # that begin between two answers
    crowd_settle: float = 30.0   # seconds until the first of each session's keep-alives
    crowd_window: float = 15.0   # of one look at the CPU time
    crowd_windows: int = 3
    settle: float = 1.0          # seconds for timers and tables to come to rest
    broker_seconds: float = 2.0  # of one repetition
    part_seconds: float = 0.2    # of one repetition of one case
    lossy_repeats: int = 5       # of a path over a line with loss
    lossy_seconds: int = 8       # of one
    sim_seeds: int = 3           # worlds on virtual time
    sim_smoke: bool = False
    waiting_proxies: int = 5_000_000  # beside the one that an offer finds
    model_seeds: int = 200       # whole networks of the model tier
    volunteers: tuple = (1, 2, 4, 8)  # with a limit each, of one download
    capped_seconds: float = 5.0  # of one download over volunteers that set themselves a limit
    capped_repeats: int = 3
    stalls: int = 10             # of each kind
    stall_window: float = 1.5    # seconds in which a silence is looked for
    pages: int = 120
    page_seconds: float = 3.0    # of one rate of a browser's page
    hidden_seconds: int = 360    # of its hidden tabs
    netstate_seconds: int = 60   # of a thousand reporters
    netstate_nodes: int = 10_000  # of a large network
    netstate_every: int = 10     # seconds between two reports of each of them
    netstate_times: int = 12     # reports of each: more than a replay keeps
    netstate_turns: int = 14     # in which it stands still, once in each of two networks
    netstate_pings: int = 1_000  # messages there and back meanwhile


SMOKE = Scale(starts=1, repeats=1, payload=8_000_000, memory_repeats=1, session_step=10, session_steps=1, crowd=100,
              crowd_step=100, crowd_settle=0.2, crowd_window=0.5, crowd_windows=1, settle=0.2,
              broker_seconds=0.5, part_seconds=0.01, lossy_repeats=1, lossy_seconds=1, sim_seeds=1, sim_smoke=True,
              waiting_proxies=50_000,
              model_seeds=4, volunteers=(1, 4), capped_seconds=0.5, capped_repeats=1, stalls=1, stall_window=0.5, pages=5, page_seconds=0.3,
              hidden_seconds=30, netstate_seconds=5, netstate_nodes=500, netstate_every=1,
              netstate_times=2, netstate_turns=1, netstate_pings=50)

GROUPS = {
    "start": (chain_figures.start_to_first_byte, "chain.start_to_first_byte"),
    "transfers": (chain_figures.transfers, "chain.download.* and chain.upload.*"),
    "three": (chain_figures.three_paths, "chain.3_paths.*: one client over three volunteers"),
    "crowd": (chain_figures.crowd, "chain.4x4.*: four clients and four volunteers at once"),
    "memory": (chain_figures.proxy_memory, "proxy.rss_mb_10_idle_clients and proxy.rss_mb_10_clients"),
    "sessions": (server_figures.idle_sessions, "egress.idle_session_kb, _3_paths_kb and egress.used_session_kb"),
    "idle": (server_figures.idle_crowd, "egress.idle_10k.rss_mb and .cpu_core"),
    "broker": (server_figures.broker_matches, "broker.matches_per_s, broker.cpu_ms_per_match"),
    "sealed": (sealed_figures.sealed, "broker.sealed.*: the same in a network, waits at half that load, memory of 10,000 polls"),
    "parts": (part_figures.parts, "part.*: session, QUIC, leg and link by themselves, allocations per packet; sealed requests"),
    "matcher": (part_figures.matcher, "matcher.*: pairs a second among 100,000 that wait, the last of five million"),
    "multipath": (sim_figures.multipath, "multipath.sim.*: several paths, on virtual time"),
    "sim": (sim_figures.seeds, "sim.seeds_per_min: whole networks of the model tier"),
    "aggregate": (multipath_figures.aggregate, "multipath.real.mb_per_s_NxR: one download over N volunteers of R MB/s each"),
    "stalls": (multipath_figures.stalls, "multipath.real.stall_s_{kill,stop}: silence when the volunteer in use goes"),
    "pulls": (multipath_figures.pulls, "multipath.real.stall_s_{leg,link}: silence when its wires are pulled; needs root"),
    "latency": (multipath_figures.latency, "multipath.real.p50_ms_20kb and p99, beside a download and alone"),
    "native": (native_figures.native_links, "native_link.*: without SCTP, and beside it a data channel"),
    "tor": (tor_figures.bootstrap, "tor.bootstrap_s, and its ratio to goptlib's transport and to none; needs root"),
    "netstate": (netstate_figures.netstate, "netstate.*: a thousand reporters, ten thousand nodes, and a download while it stands still"),
    "web": (web_figures.browser, "web.*: what a page fetches, what it carries, how soon it is there and there again; needs scripts/test web"),
    "netstate-page": (web_figures.netstate_page, "netstate.page.*: netstate's page with 10,000 nodes, in Chromium; needs scripts/test web"),
    "web-hidden": (web_figures.hidden, "web.hidden.*: polls and relay of hidden tabs, six minutes long; needs scripts/test web"),
    "profile": (profile_shares.profile, "no figures: what perf sees during transfers, per library and function"),
}
ASKED_FOR = {"profile", "web-hidden"}  # only when named


def arguments():
    groups = "\n".join(f"  {name:10} {what}" for name, (_, what) in GROUPS.items())
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__, epilog=f"groups of figures:\n{groups}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", nargs="*", metavar="GROUP", help="measure only these (all but profile and web-hidden)")
    parser.add_argument("--program", type=pathlib.Path, default=os.environ.get("FOOTBRIDGE", ROOT / "build/release/footbridge"),
                        help="the footbridge to measure (build/release/footbridge)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/bench.jsonl", help="(build/bench.jsonl)")
    parser.add_argument("--compare", type=pathlib.Path, metavar="OLD.jsonl", help="print the ratio to an earlier run, too")
    parser.add_argument("--against", type=pathlib.Path, metavar="PROGRAM",
                        help="another footbridge, measured in turns with the first: on a busy machine the only honest way")
    parser.add_argument("--repeats", type=int, metavar="N", help="how often each transfer, broker and part is measured (5)")
    parser.add_argument("--smoke", action="store_true", help="as little as possible: does it work?")
    found = parser.parse_args()
    unknown = [name for name in found.group if name not in GROUPS]
    if unknown:
        parser.error(f"no group of figures is called {unknown[0]}; there are {', '.join(GROUPS)}")
    return found


def measure(asked, groups, scale):
    """The figures of asked.program, and those of asked.against when it is given, which takes turns with it."""
    os.environ["FOOTBRIDGE"] = str(asked.program)
    found = f.Figures()
    if asked.against is None:
        for name in groups:
            f.progress(f"{name}: {GROUPS[name][1]}")
            GROUPS[name][0](found, scale)
        return found, None
    other = f.Figures()
    turn = dataclasses.replace(scale, starts=1, repeats=1, memory_repeats=1, session_steps=1)
    for name in groups:
        for number in range(scale.repeats):
            for program, into in ((asked.program, found), (asked.against, other)):
                f.progress(f"{name}, turn {number + 1}: {program}")
                os.environ["FOOTBRIDGE"] = str(program)
                GROUPS[name][0](into, turn)
    return found, other


def main():
    asked = arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # for who opens ten thousand connections
    earlier = f.read(asked.compare) if asked.compare else None
    f.progress(f"load average {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    groups = asked.group or [name for name in GROUPS if name not in ASKED_FOR]
    scale = SMOKE if asked.smoke else Scale()
    if asked.repeats:
        scale = dataclasses.replace(scale, repeats=asked.repeats)
    found, other = measure(asked, groups, scale)
    rows = list(found.rows())
    if not rows:
        return
    found.write(asked.out)
    f.print_table(rows, {row["name"]: row for row in other.rows()} if other else earlier)
    f.progress(f"written to {asked.out}")


if __name__ == "__main__":
    main()
