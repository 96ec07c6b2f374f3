"""Figures of what a browser fetches: sizes of the files that web/ bundles, compressed as a web server does."""
import gzip
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT = 300  # seconds to bundle


def kilobytes(path):
    return len(gzip.compress(path.read_bytes(), 9)) / 1000


def sizes(figures, _):
    """The core, the widget's entry, which is all that an embedding page loads, and the globe, which the frame fetches when it is shown."""
    npm = shutil.which("npm")
    assert npm, "no npm on this machine (scripts/setup web installs it)"
    subprocess.run([ROOT / "scripts/build", "wasm", "core_wasm"], check=True, timeout=LIMIT, stdout=subprocess.DEVNULL)
    said = subprocess.run([npm, "run", "--silent", "build"], cwd=ROOT / "web", check=True, timeout=LIMIT, stdout=subprocess.PIPE, text=True)
    (compressed,) = re.findall(r"^core\.wasm: .* (\d+) compressed$", said.stdout, re.MULTILINE)
    figures.add("web.core_wasm_br_kb", "kB", int(compressed) / 1000)
    built = ROOT / "build" / "web"
    figures.add("web.widget_gz_kb", "kB", kilobytes(built / "widget.js"))
    (globe,) = (built / "chunks").glob("globe_view-*.js")
    figures.add("web.globe_gz_kb", "kB", kilobytes(globe))
