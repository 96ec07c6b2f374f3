#!/usr/bin/env python3
"""A volunteer where helping may be dangerous, as the network's directory says and its broker's geographic data: nobody is sent to it,
and it says why, until its person has decided to help all the same. A daemon, and the widget in Chromium."""
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import threading
import unittest

import curl
import report
import website
from chain import LOOPBACK, SOON, eventually
from demo_guest import PAGES, VISITOR, Visitor
from joined_network import JoinedChain

BROWSER_LIMIT = 60  # seconds until a volunteer in a browser has been heard, on a busy machine
SIZE = 2_000_000
COUNTRY = "IR"
WIDGET = '''<!doctype html><title>A page</title><link rel="icon" href="data:,">
<script type="module" src="http://{}/widget.js"></script><footbridge-widget></footbridge-widget>'''
X25519_KEY = bytes.fromhex("302e020100300506032b656e04220420")  # RFC 8410: what stands before the 32 bytes


class RiskyChain(JoinedChain):
    """Its directory says that helping may be dangerous in the country that all of this machine is in. Nobody needs an invite."""

    def __init__(self, **options):
        super().__init__(country=COUNTRY, **options)

    def configured(self, config):
        for was, becomes in (("risky_to_help = []", f'risky_to_help = ["{COUNTRY}"]'), ('invites = "needed"', 'invites = "open"')):
            assert was in config, config
            config = config.replace(was, becomes)
        return config

    def page_config(self):
        """config.json of a page that helps this network."""
        text = pathlib.Path(self.path("net/broker-broker-1.keys")).read_text()
        keys = [dict(re.findall(r'^(\w+) = "?(\w+)"?$', key, re.MULTILINE)) for key in text.split("[[key]]")[1:]]
        public = ({"x25519": self.public(key["secret"]), "from": int(key["from"]), "until": int(key["until"])} for key in keys)
        secret = pathlib.Path(self.path("net/obfuscation.key")).read_text().strip()
        return {"brokers": [{"url": f"https://{LOOPBACK}:{self.broker_program.port}/", "secret": secret, "keys": list(public)}],
                "relays": [self.relay_url.replace("ws://", "wss://")], "allowPrivate": True}

    def public(self, secret):
        made = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], capture_output=True, check=True,
                              input=X25519_KEY + bytes.fromhex(secret))
        return made.stdout[-32:].hex()


class Pages(http.server.ThreadingHTTPServer):
    """build/web as somebody serves it with a config.json, and a page of another site around the widget."""

    daemon_threads = True

    def __init__(self, config):
        class Handler(http.server.SimpleHTTPRequestHandler):
            extensions_map = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm"}

            def do_GET(self):
                own = {"/page": WIDGET.format(f"{LOOPBACK}:{self.server.server_port}"), "/config.json": json.dumps(config)}
                if self.path not in own:
                    return super().do_GET()
                self.send_response(200)
                self.send_header("Content-Type", "text/html" if self.path == "/page" else "application/json")
                self.end_headers()
                return self.wfile.write(own[self.path].encode())

            def end_headers(self):
                self.send_header("Access-Control-Allow-Origin", "*")
                super().end_headers()

            def log_message(self, *arguments):
                pass

        super().__init__((LOOPBACK, 0), lambda *request: Handler(*request, directory=PAGES))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://localhost:{self.server_port}/page"

    def close(self):
        self.shutdown()
        self.server_close()


class RiskyPlace(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(RiskyChain(allow=[self.site.address]))
        self.client = self.chain.client("--timeout", "2s")

    def check_nobody_is_sent(self):
        refused = curl.fetch(self.client.port, "http", self.site.url("/none"))
        self.assertEqual(refused.status, 504)
        self.assertRegex(refused.body.decode(), "Reason: .*volunteer")
        self.assertEqual(self.chain.broker_program.metric("footbridge_broker_waiting_proxies"), 0)

    def check_carries(self, limit=SOON):
        eventually(lambda: curl.fetch(self.client.port, "http", self.site.url("/none")).status == 204, "the client is carried", limit)
        got = curl.fetch(self.client.port, "socks5h", self.site.url(f"/bytes/{SIZE}"))
        self.assertEqual((got.exit, got.sha256), (0, website.sha256(website.noise(SIZE))), got.error)
        self.assertNotRegex(self.chain.logs(), rf"\b{COUNTRY}\b", "a log says where somebody is")

    def test_a_daemon_says_what_it_wants_and_carries_when_it_has_it(self):
        careful = self.chain.volunteer()
        eventually(lambda: "event=risky-place" in careful.log(), "it is warned")
        self.assertIn("--even-if-risky", careful.log())
        self.check_nobody_is_sent()
        careful.terminate()
        decided = self.chain.volunteer("--even-if-risky")
        self.check_carries()
        self.assertNotIn("event=risky-place", decided.log())
        eventually(lambda: decided.metric("footbridge_proxy_helped_today") == 1, "it has counted who was carried")

    @unittest.skipUnless(VISITOR.is_file() and (PAGES / "frame.html").is_file(), "no pages (scripts/test web builds them)")
    @unittest.skipUnless(shutil.which("chromium"), "no chromium on this machine (scripts/setup interop installs it)")
    def test_a_page_warns_its_visitor_and_carries_when_he_helps_anyway(self):
        pages = Pages(self.chain.page_config())
        self.addCleanup(pages.close)
        visitor = Visitor("chromium", pages.url, "--ignore-certificate-errors")  # broker and egress made their own
        self.addCleanup(visitor.close)
        visitor.do("agree")
        eventually(lambda: visitor.do("read")["warned"], "he is warned", BROWSER_LIMIT)
        self.check_nobody_is_sent()
        now = visitor.do("read")
        self.assertEqual((now["state"], now["warned"], now["status"]["state"]), ("consent-required", True, "off"))

        visitor.do("anyway")
        self.check_carries(BROWSER_LIMIT)
        eventually(lambda: visitor.do("read")["status"]["bytesDown"] > SIZE, f"it counts what it carried: {visitor.do('read')}")
        now = visitor.do("read")
        self.assertEqual((now["state"], now["warned"], now["status"]["helpingNow"], now["complaints"]), ("helping", False, 1, []))


if __name__ == "__main__":
    report.main()
