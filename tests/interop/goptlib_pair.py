"""goptlib's dummy transport, built from the sources that Debian ships as its examples: the reference for what a managed
transport says. It does nothing to the traffic; its client connects to the address in the bridge line."""
import gzip
import pathlib
import shutil

import debian_go

PACKAGE = "git.torproject.org/pluggable-transports/goptlib.git"
EXAMPLES = pathlib.Path("/usr/share/doc/golang-goptlib-dev/examples")
NAME = "dummy"


def why_not():
    """Why it cannot be built here; None: it can."""
    return None if debian_go.has(PACKAGE) else "no Go or no goptlib on this machine (scripts/setup interop installs both)"


def source(name, folder):
    """Debian compresses larger documentation; these files are below its threshold today."""
    plain = EXAMPLES / name / f"{name}.go"
    if plain.exists():
        return plain
    unpacked = folder / plain.name
    with gzip.open(f"{plain}.gz") as packed, open(unpacked, "wb") as out:
        shutil.copyfileobj(packed, out)
    return unpacked


def build(folder):
    """(client, server): paths of the programs."""
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(debian_go.build(source(f"dummy-{role}", folder), folder) for role in ("client", "server"))
