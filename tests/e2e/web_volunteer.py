#!/usr/bin/env python3
"""A volunteer in a browser: a client of the real program reaches a web site through a page in Chromium, or in Firefox, and
through nobody else; the page says what it does, and asks for nothing before somebody presses its button."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import curl
import report
import website
from chain import Chain, die_with_parent, eventually
from loopback_server import LoopbackServer, QuietHandler
from transfers import Far

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "build/web/relay"
sys.path.append(str(REPOSITORY / "tests/interop"))
import chromium_echo  # noqa: E402
import firefox_echo  # noqa: E402

MANY = 50_000_000  # bytes each way
TRANSFER_LIMIT = 200  # seconds for that, on a busy machine
RESOURCES = 50
PAGE_LIMIT = 90  # seconds until a browser has started and its volunteer has been heard, on a busy machine
KINDS = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}

# A person who reads out what the page says and what its legs agreed on, waits, and does what he is asked to: presses the button, or says
# to the page's worker what the page might say.
PERSON = """
let worker;
const Real = Worker;
globalThis.Worker = class extends Real { constructor(...all) { super(...all); worker = this; } };
const tell = (path, what) => fetch(path, {method: "POST", body: JSON.stringify(what)});
const Socket = WebSocket;
globalThis.WebSocket = class extends Socket {
  constructor(...all) { super(...all); this.addEventListener("open", () => tell("/leg", this.extensions)); }
};
let said = Promise.resolve();
const say = what => { said = said.then(() => fetch("/said", {method: "POST", body: what})).catch(() => {}); };
const line = document.querySelector("output");
new MutationObserver(() => say(line.textContent)).observe(line, {childList: true});
say(line.textContent);
for (let number = 0;; ++number) {
  const deed = await (await fetch("/deed/" + number)).json();
  if (deed.tell) worker.postMessage(deed.tell);
  else document.querySelector("button").click();
}
"""


class PageHost(LoopbackServer):
    """Serves the page with a person in it. What it was asked for, and what the page said, is remembered."""

    def __init__(self, config, person=PERSON):
        host = self
        self.asked, self.said, self.legs = [], [], []
        self.deeds, self.asked_of = [], threading.Condition()  # of the person, who may ask for one twice
        index = (PAGE / "index.html").read_text().replace("</html>", '<script type="module" src="person.js"></script></html>')
        files = {"/": index.encode(), "/config.json": json.dumps(config).encode(), "/person.js": person.encode()}

        class Handler(QuietHandler):
            def do_GET(self):
                host.asked.append(self.path)
                if self.path.startswith("/deed/"):
                    return self.reply(json.dumps(host.deed(int(self.path[6:]))).encode())
                content = files.get(self.path)
                if content is None and (PAGE / self.path[1:]).is_file():
                    content = (PAGE / self.path[1:]).read_bytes()
                return self.reply(content) if content is not None else self.send_error(404)

            def do_POST(self):
                (host.legs if self.path == "/leg" else host.said).append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.reply(b"")

            def reply(self, content):
                self.send_response(200)
                self.send_header("Content-Type", KINDS.get(pathlib.Path(self.path).suffix, "text/html"))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(content)

        super().__init__(Handler)

    @property
    def last(self):
        return self.said[-1] if self.said else {}

    def ask(self, deed):
        with self.asked_of:
            self.deeds.append(deed)
            self.asked_of.notify_all()

    def deed(self, number):
        with self.asked_of:
            self.asked_of.wait_for(lambda: len(self.deeds) > number)
            return self.deeds[number]

    def close(self):
        self.ask({})  # for who waits
        super().close()


class InBrowser:
    """A chain, and a browser with the page open; nobody has pressed its button."""
    person = PERSON

    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.far = self.enterContext(Far())
        self.chain = self.enterContext(Chain([self.site.address, self.far.address], country="IR"))
        self.page = PageHost({"brokers": [{"url": self.chain.broker_url}], "relays": [self.chain.relay_url],
                              "stun": self.stun(), "allowPrivate": True}, self.person)
        self.addCleanup(self.page.close)
        profile = self.enterContext(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        self.browser = subprocess.Popen(self.command_line(shutil.which(self.program), profile, self.page.url),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True, preexec_fn=die_with_parent)
        self.addCleanup(self.kill_browser)
        eventually(lambda: self.page.said, "a page", PAGE_LIMIT)

    def stun(self):
        return []

    def kill_browser(self):
        if self.browser.poll() is None:
            os.killpg(self.browser.pid, signal.SIGKILL)
            self.browser.wait()

    def press(self, what):
        """The button, which says so now."""
        self.page.ask({"press": what})

    def tell(self, **message):
        """To the page's worker, as the page would."""
        self.page.ask({"tell": message})

    def until(self, state):
        eventually(lambda: self.page.last.get("state") == state, f"{state}, and not {self.page.last}", PAGE_LIMIT)


class WebVolunteer(InBrowser):
    """The cases, in each browser."""

    def test_carries_a_client_both_ways_and_says_so(self):
        self.assertEqual(self.page.last["state"], "off")
        self.assertNotIn("/config.json", self.page.asked, "asked for before anybody pressed the button")
        self.assertEqual(self.chain.broker_program.metric("footbridge_broker_polls_total"), 0)
        self.press("start")
        self.until("waiting")
        client = self.chain.client()

        for number in range(RESOURCES):
            got = curl.fetch(client.port, "socks5h", self.site.url(f"/bytes/{number * 100}"))
            self.assertEqual((got.exit, got.sha256), (0, website.sha256(website.noise(number * 100))))
        self.until("helping")
        iran = [{"country": "IR", "people": 1}]
        eventually(lambda: self.page.last["countries"] == iran, f"says where who is helped is: {self.page.last}")

        down = curl.fetch(client.port, "socks5h", self.site.url(f"/bytes/{MANY}"), limit=TRANSFER_LIMIT)
        self.assertEqual((down.exit, down.sha256), (0, website.sha256(website.noise(MANY))), down.error)
        with tempfile.NamedTemporaryFile() as sent:
            sent.write(website.noise(MANY))
            sent.flush()
            up = curl.fetch(client.port, "socks5h", self.site.url("/echo"), "--data-binary", f"@{sent.name}", "--header",
                            "Content-Type: application/octet-stream", "--header", "Expect:", limit=TRANSFER_LIMIT)
        self.assertEqual((up.exit, up.sha256), (0, website.sha256(website.noise(MANY))), up.error)
        print(f"  {self.program}: down {MANY / down.seconds / 1e6:.1f} MB/s, up and back {MANY / up.seconds / 1e6:.1f} MB/s")

        eventually(lambda: self.page.last["bytesDown"] > 2 * MANY and self.page.last["bytesUp"] > MANY, "its bytes counted")
        self.assertGreaterEqual(self.page.last["helpedToday"], 1)
        self.assertEqual(set(self.page.legs), {""}, "the browser's own offer to compress was taken")
        self.press("stop")
        self.until("off")
        eventually(lambda: self.chain.leg_connections() == 0 and self.page.last["helpingNow"] == 0, "its legs closed, and nobody helped")
        self.assertEqual(self.page.last["countries"], [])
        self.assertNotRegex(self.chain.logs(), r"\bIR\b", "a log says where somebody is")

    def test_takes_no_more_people_than_it_was_told_to(self):
        self.press("start")
        self.until("waiting")
        self.tell(to="people", most=1)
        first = self.chain.client("--paths", "1")
        self.assertEqual(curl.fetch(first.port, "http", self.site.url("/none")).status, 204)
        second = self.chain.client("--paths", "1", "--timeout", "2s")
        refused = curl.fetch(second.port, "http", self.site.url("/none"))
        self.assertEqual(refused.status, 504)
        self.assertRegex(refused.body.decode(), "Reason: .*volunteer")
        self.assertEqual(self.chain.leg_connections(), 1)
        other = self.chain.volunteer()
        eventually(lambda: curl.fetch(second.port, "http", self.site.url("/none")).status == 204, "the second is helped elsewhere")
        self.assertEqual(other.metric("footbridge_proxy_clients"), 1)
        self.assertEqual(curl.fetch(first.port, "http", self.site.url("/none")).status, 204)


@unittest.skipUnless(PAGE.is_dir(), "no page to open (scripts/test web builds it)")
@unittest.skipUnless(shutil.which("chromium"), "no chromium on this machine (scripts/setup interop installs it)")
class InChromium:
    program = "chromium"
    command_line = staticmethod(chromium_echo.command_line)


@unittest.skipUnless(PAGE.is_dir(), "no page to open (scripts/test web builds it)")
@unittest.skipUnless(shutil.which("firefox-esr"), "no firefox-esr on this machine (scripts/setup interop installs it)")
class InFirefox:
    program = "firefox-esr"
    command_line = staticmethod(firefox_echo.command_line)


class Chromium(InChromium, WebVolunteer, unittest.TestCase):
    pass


class Firefox(InFirefox, WebVolunteer, unittest.TestCase):
    pass


if __name__ == "__main__":
    report.main()
