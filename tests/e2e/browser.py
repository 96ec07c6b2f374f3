#!/usr/bin/env python3
"""A real browser: it loads pages through the local proxy, and a hostile page in it gets nothing out of the proxy's port
(threat T22)."""
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

import report
import website
from chain import LOOPBACK, Chain, die_with_parent

RESOURCES = 50
REPORT_LIMIT = 60  # seconds to the page's word
CONNECTED = 'footbridge_egress_stream_opens_total{status="connected"}'
CHROMIUM = shutil.which("chromium")
QUIET = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run")

PAGE_OF_MANY = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script>let loaded = 0; const note = () => ++loaded;
const word = () => fetch("/report", {method: "POST", body: JSON.stringify({loaded, title: document.title})});
onload = () => { document.title = "whole"; word(); };</script>
%s""" % "".join(f'<img src="/bytes/{n}.svg" onload="note()">' if n % 2 else f'<script src="/script/{n}.js" onload="note()"></script>'
                for n in range(RESOURCES))

# Each attack tells how it ended; the page tries it on the proxy's port and on one where somebody hangs up in silence.
HOSTILE_PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script>
const made = (kind, set) => new Promise(end => {
  const it = document.createElement(kind);
  it.onload = () => end("loaded"); it.onerror = () => end("error");
  set(it); document.body.append(it);
});
const asked = (url, how) => fetch(url, how).then(a => "answered " + a.type + a.status, e => e.name + ": " + e.message);
const opened = it => new Promise(end => {
  it.onopen = () => end("open"); it.onmessage = () => end("message");
  it.onerror = () => { it.close(); end("error"); };
});
const form = url => new Promise(end => {
  const frame = document.createElement("iframe"), it = document.createElement("form");
  frame.name = it.target = url;
  it.method = "POST"; it.enctype = "text/plain"; it.action = url;
  it.innerHTML = '<textarea name="CONNECT example.com:80 HTTP/1.1">x</textarea>';
  document.body.append(frame, it);
  frame.onload = () => end("loaded");
  it.submit();
});
const attacks = {
  "fetch": base => asked(base + "/fetch"),
  "fetch no-cors": base => asked(base + "/no-cors", {mode: "no-cors"}),
  "post no-cors": base => asked(base + "/post", {mode: "no-cors", method: "POST", body: "http://example.com/"}),
  "preflight": base => asked(base + "/preflight", {headers: {"X-Footbridge": "1"}}),
  "img": base => made("img", it => it.src = base + "/img.png"),
  "script": base => made("script", it => it.src = base + "/script.js"),
  "WebSocket": base => opened(new WebSocket(base.replace("http", "ws") + "/socket")),
  "EventSource": base => opened(new EventSource(base + "/events")),
  "iframe": base => made("iframe", it => it.src = base + "/frame"),
  "form": base => form(base + "/form"),
  "guessed PAC": base => asked(base + "/proxy.pac", {mode: "no-cors"}),
  "wpad": base => made("script", it => it.src = base + "/wpad.dat"),
};
(async () => {
  const outcomes = {};
  for (const [name, attack] of Object.entries(attacks)) {
    outcomes[name] = [];
    for (const base of %s) outcomes[name].push((await attack(base)).replaceAll(base, ""));
  }
  await fetch("/report", {method: "POST", body: JSON.stringify(outcomes)});
})();
</script>"""


class Reporting(website.Website):
    """A site whose pages say by POST /report how they fared."""

    def __init__(self):
        super().__init__()
        self.reports = queue.Queue()
        site = self

        class Handler(self.server.RequestHandlerClass):
            def do_POST(self):
                if self.path != "/report":
                    return super().do_POST()
                site.reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                return self.reply(204, b"")

            def do_GET(self):
                kind = {".svg": "image/svg+xml", ".js": "text/javascript"}.get(os.path.splitext(self.path)[1])
                if kind is None:
                    return super().do_GET()
                with site.lock:
                    site.hits[self.path] += 1
                body = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>' if "svg" in kind else b"note;"
                return self.reply(200, body, kind)

            do_HEAD = do_GET

        self.server.RequestHandlerClass = Handler


class SilentPort:
    """Reads a request, remembers it, and hangs up without a byte."""

    def __init__(self):
        self.requests = []
        self.listener = socket.create_server((LOOPBACK, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                try:
                    request = connection.recv(65536)
                except OSError:
                    continue
                if request:
                    self.requests.append(request)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@unittest.skipUnless(CHROMIUM, "no chromium on this machine (scripts/setup interop installs it)")
class Browser(unittest.TestCase):
    def setUp(self):
        self.site = Reporting()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))
        self.chain.volunteer()
        self.client = self.chain.client()

    def browse(self, page, *options):
        """What the page reports."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = subprocess.Popen([CHROMIUM, *QUIET, f"--user-data-dir={profile}", *options, self.site.url(page)],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       start_new_session=True, preexec_fn=die_with_parent)
            try:
                return self.site.reports.get(timeout=REPORT_LIMIT)
            except queue.Empty:
                raise AssertionError(f"the page said nothing in {REPORT_LIMIT} s; {sum(self.site.hits.values())} hits") from None
            finally:
                os.killpg(browser.pid, signal.SIGKILL)
                browser.wait()

    def test_loads_a_page_with_all_its_parts_through_the_proxy(self):
        self.site.pages["/page"] = PAGE_OF_MANY.encode()
        for scheme in ("http", "socks5"):
            with self.subTest(scheme):
                self.site.hits.clear()
                got = self.browse("/page", f"--proxy-server={scheme}://{LOOPBACK}:{self.client.port}",
                                  "--proxy-bypass-list=<-loopback>")
                self.assertEqual(got, {"loaded": RESOURCES, "title": "whole"})
                self.assertEqual(sum(self.site.hits.values()), RESOURCES + 1, self.site.hits)
                self.assertLessEqual(max(self.site.hits.values()), 1)
                streams = self.chain.egress_program.metric(CONNECTED)
                self.assertGreater(streams, 0, "the browser did not use the proxy")

    def test_a_hostile_page_gets_nothing_out_of_the_proxys_port(self):
        silent = SilentPort()
        self.addCleanup(silent.close)
        targets = [f"http://{LOOPBACK}:{self.client.port}", f"http://{LOOPBACK}:{silent.port}"]
        self.site.pages["/hostile"] = (HOSTILE_PAGE % json.dumps(targets)).encode()
        outcomes = self.browse("/hostile")
        for attack, (ours, silence) in outcomes.items():
            self.assertEqual(ours, silence, f"{attack} tells the proxy's port from one where somebody hangs up")
            self.assertNotRegex(ours, "answered|open|message", attack)
        # What the browser sent, once more and byte by byte, for what a page cannot see but a bug may show.
        asked = {request.split()[1].decode().strip("/") for request in silent.requests}
        self.assertEqual(asked, {"fetch", "no-cors", "post", "preflight", "img.png", "script.js", "socket", "events", "frame",
                                 "form", "proxy.pac", "wpad.dat"}, "an attack did not take place")
        for request in silent.requests:
            request = request.replace(str(silent.port).encode(), str(self.client.port).encode())
            self.assertEqual(self.answer_to(request), b"", request)
        self.assertEqual(self.chain.egress_program.metric(CONNECTED), 0)

    def answer_to(self, request):
        with socket.create_connection((LOOPBACK, self.client.port), timeout=5) as connection:
            connection.sendall(request)
            try:
                return connection.recv(4096)
            except ConnectionResetError:
                return b""

    def test_a_hostile_page_seen_through_the_proxy_gets_nothing_either(self):
        silent = SilentPort()
        self.addCleanup(silent.close)
        targets = [f"http://{LOOPBACK}:{self.client.port}", f"http://localhost:{self.client.port}"]
        self.site.pages["/hostile"] = (HOSTILE_PAGE % json.dumps(targets)).encode()
        outcomes = self.browse("/hostile", f"--proxy-server=http://{LOOPBACK}:{self.client.port}",
                               "--proxy-bypass-list=<-loopback>")
        for attack, ends in outcomes.items():
            for end in ends:
                self.assertNotRegex(end, "answered|open|message", attack)


if __name__ == "__main__":
    report.main()
