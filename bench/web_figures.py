"""Figures of a browser: what it fetches, compressed as a web server does, what a page carries, and how soon it is there."""
import contextlib
import gzip
import importlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from chain import Chain, die_with_parent, eventually

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT = 300  # seconds to bundle
BUILT = ROOT / "web/packages/browser/build"
WAIT = 60    # seconds for a browser to start

# A person who presses at once, and says when the first offer was there, in seconds after the page was opened.
QUICK = """
const Real = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Real {
  setRemoteDescription(...words) {
    fetch("/said", {method: "POST", body: JSON.stringify({offer: performance.now() / 1000})});
    return super.setRemoteDescription(...words);
  }
};
document.querySelector("button").click();
"""


def kilobytes(path):
    return len(gzip.compress(path.read_bytes(), 9)) / 1000


def sizes(figures, _):
    """The core, the widget's entry, which is all that an embedding page loads, the globe, which the frame fetches when it is shown,
    and the larger of the two extensions."""
    npm = shutil.which("npm")
    assert npm, "no npm on this machine (scripts/setup web installs it)"
    subprocess.run([ROOT / "scripts/build", "wasm", "core_wasm"], check=True, timeout=LIMIT, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "config.json"
        config.write_text(json.dumps({"brokers": [{"url": "https://broker.example/"}], "relays": ["wss://egress.example/leg"]}))
        said = subprocess.run([npm, "run", "--silent", "extension", "--", "--config", config, "--out", folder], cwd=ROOT / "web", check=True,
                              timeout=LIMIT, stdout=subprocess.PIPE, text=True)
        figures.add("web.extension_kb", "kB", max(each.stat().st_size for each in pathlib.Path(folder).glob("*.zip")) / 1000)
    (compressed,) = re.findall(r"^core\.wasm: .* (\d+) compressed$", said.stdout, re.MULTILINE)
    figures.add("web.core_wasm_br_kb", "kB", int(compressed) / 1000)
    built = ROOT / "build" / "web"
    figures.add("web.widget_gz_kb", "kB", kilobytes(built / "widget.js"))
    (globe,) = (built / "chunks").glob("globe_view-*.js")
    figures.add("web.globe_gz_kb", "kB", kilobytes(globe))


def said_by(figures, script, limit, *words):
    """What a script of the browser's tests prints: a line of JSON per figure."""
    node = shutil.which("node")
    assert node and (BUILT / script).exists(), "not built (scripts/test web builds it)"
    said = subprocess.run([node, BUILT / script, *map(str, words)], check=True, timeout=limit, stdout=subprocess.PIPE, text=True)
    for row in map(json.loads, said.stdout.splitlines()):
        for value in row["values"]:
            figures.add(row["name"], row.get("unit", "ratio" if row["name"].endswith("ratio") else "MB/s"), value)


def carried(figures, scale):
    """What a page carries between a client in the same page and an egress on this machine, and which part of it in a hidden tab."""
    for program in ("chromium", "firefox"):
        said_by(figures, "range_bench.js", LIMIT, program, scale.repeats, scale.page_seconds)


def netstate_page(figures, scale):
    """How netstate's page shows 10,000 nodes and 14,000 legs, some of which come and go."""
    said_by(figures, "netstate_bench.js", LIMIT, scale.repeats, scale.page_seconds)


def hidden(figures, scale):
    """What minutes in a hidden tab leave of it, and of the polls of a page that waits."""
    said_by(figures, "hidden_bench.js", scale.hidden_seconds + LIMIT, scale.hidden_seconds)


def of_tests(name):
    """A module of the end-to-end tests, which find their neighbours by this path."""
    sys.path.append(str(ROOT / "tests" / "interop"))
    return importlib.import_module(name)


@contextlib.contextmanager
def visited(chain, person):
    """A page of the chain's network, in a browser of its own."""
    web_volunteer = of_tests("web_volunteer")
    with contextlib.ExitStack() as stack:
        page = web_volunteer.PageHost({"brokers": [{"url": chain.broker_url}], "relays": [chain.relay_url], "allowPrivate": True}, person)
        stack.callback(page.close)
        profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        words = web_volunteer.InChromium.command_line(shutil.which("chromium"), profile, page.url)
        browser = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True, preexec_fn=die_with_parent)
        stack.callback(browser.wait)
        stack.callback(os.killpg, browser.pid, signal.SIGKILL)
        yield page


def soon(figures, scale):
    """How soon a page has its first client, who is waiting."""
    for _ in range(scale.repeats):
        with Chain() as chain, contextlib.ExitStack() as stack:
            client = chain.client()
            asking = subprocess.Popen(["curl", "--silent", "--proxy", f"socks5h://127.0.0.1:{client.port}", "http://127.0.0.1:9/"],
                                      stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
            stack.callback(asking.wait)
            stack.callback(asking.kill)
            eventually(lambda: chain.broker_program.metric("footbridge_broker_waiting_offers") >= 1, "an offer waits")
            page = stack.enter_context(visited(chain, QUICK))
            eventually(lambda: page.said, "the page has an offer", WAIT)
            figures.add("web.page_to_offer_s", "s", page.said[0]["offer"])


def ready(figures, scale):
    """How soon a page that waits is ready again when it is switched off and on."""
    web_ready = of_tests("web_ready")
    with Chain() as chain, visited(chain, web_ready.PERSON) as page:
        web_ready.press(page, presses=1)
        for _ in range(scale.repeats):
            figures.add("web.off_to_ready_s", "s", web_ready.press(page, presses=2))


def browser(figures, scale):
    sizes(figures, scale)
    carried(figures, scale)
    soon(figures, scale)
    ready(figures, scale)
