"""How long a tor takes to its first circuit through our chain, beside two other ways to the same bridge: goptlib's dummy
transport, which does nothing to the traffic, and none. A client's start to "Bootstrapped 100%"; all else runs already."""
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests" / "interop"))

import tor_world  # noqa: E402: found through the line above
from figures import progress  # noqa: E402


def bootstrap(figures, scale):
    """Every client has never run before."""
    reason = tor_world.why_not()
    if reason:
        progress(f"  left out: {reason}")
        return
    with tor_world.World(ROOT / "build/goptlib") as world:
        measure(figures, world, scale.repeats)


def measure(figures, world, repeats):
    """In turns, so that what else the machine does burdens all alike."""
    ways = {"": world.start_client, "plain.": world.start_plain_client}
    if world.dummy:
        ways["goptlib."] = world.start_dummy_client
    took = {way: [] for way in ways}
    for _ in range(repeats):
        for way, start in ways.items():
            client = start()
            took[way].append(client.wait_for_bootstrap())
            client.stop()
            figures.add(f"tor.{way}bootstrap_s", "s", took[way][-1])
            progress(f"  tor.{way}bootstrap_s: {took[way][-1]:.2f}")
    for way, seconds in took.items():
        if way:
            figures.add(f"tor.bootstrap_ratio_to_{way[:-1]}", "", statistics.median(took[""]) / statistics.median(seconds))
