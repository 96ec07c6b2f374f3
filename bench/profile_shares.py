"""Where the CPU time of a transfer goes: perf samples client, volunteer and egress while one runs, and the samples are
summed up per library and per function. Not a figure: shares of what `transfers` measures."""
import collections
import shutil
import subprocess
import sys
import tempfile

import load
from chain_figures import connected_clients, network

FREQUENCY = 999        # samples per second of CPU time; not in step with any timer of ours
LINES = 10             # functions shown per process, of those that perf can name
LEAST_SHARE = 0.5      # percent below which a library is summed up as "others"
UNNAMED = "[unknown]"  # inside a library without symbols
ROLES = ("client", "volunteer", "egress")


def library(path):
    """libcrypto.so.3 → libcrypto; the kernel and our own program by their names."""
    name = path.rsplit("/", 1)[-1]
    return "kernel" if name.startswith("[") else name.split(".so")[0]


def samples(programs, work):
    """(role, library, function) of every sample while work() runs."""
    roles = {str(program.pid): next(role for role in ROLES if program.name.startswith(role)) for program in programs}
    with tempfile.NamedTemporaryFile(suffix=".perf") as data:
        perf = subprocess.Popen(["perf", "record", "--quiet", "-e", "cpu-clock", "-F", str(FREQUENCY), "-p", ",".join(roles), "-o",
                                 data.name], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        work()
        perf.terminate()
        perf.wait()
        script = subprocess.run(["perf", "script", "-i", data.name, "-F", "pid,ip,sym,dso"], capture_output=True, text=True, check=True)
    for line in script.stdout.splitlines():
        pid, _, rest = line.split(None, 2)
        function, _, place = rest.rpartition(" (")
        yield roles[pid], library(place.rstrip(")")), function


def print_shares(title, found):
    counts = collections.Counter(role for role, _, _ in found)
    print(f"\n{title}: {len(found)} samples; " + ", ".join(f"{role} {100 * counts[role] / len(found):.0f} %" for role in ROLES))
    by_library = collections.Counter((role, name) for role, name, _ in found)
    names = [name for name, _ in collections.Counter(name for _, name, _ in found).most_common()]
    print(f"{'% of the process':20}" + "".join(f"{role:>12}" for role in ROLES))
    others = collections.Counter()
    for name in names:
        shares = [100 * by_library[role, name] / max(counts[role], 1) for role in ROLES]
        if max(shares) < LEAST_SHARE:
            others.update(dict(zip(ROLES, shares)))
            continue
        print(f"{name:20}" + "".join(f"{share:12.1f}" for share in shares))
    print(f"{'others':20}" + "".join(f"{others[role]:12.1f}" for role in ROLES))
    for role in ROLES:
        print(f"-- {role}, most expensive functions")
        functions = collections.Counter((name, function) for whose, name, function in found if whose == role and function != UNNAMED)
        for (name, function), count in functions.most_common(LINES):
            print(f"{100 * count / counts[role]:6.1f} %  {name:14} {function[:90]}")


def profile(_, scale):
    if not shutil.which("perf"):
        sys.exit("perf is not installed (Debian: linux-perf)")
    with network() as (chain, address):
        client, = connected_clients(chain, 1)
        programs = [program for program in chain.programs if program.name.startswith(ROLES)]
        for direction, transfer in (("download", load.download), ("upload", load.upload)):
            transfer(client.port, address, scale.payload // 8)
            print_shares(direction, list(samples(programs, lambda: transfer(client.port, address, 2 * scale.payload))))
