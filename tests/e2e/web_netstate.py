#!/usr/bin/env python3
"""A visitor lets the network's map know how his browser helps: netstate hears nothing before he ticks that; then it shows a page, how it
is and to which egress it carries, and nothing of it once he is off. Broker, pages with their policy, and netstate are the program's own."""
import json
import pathlib
import shutil
import subprocess
import unittest
import urllib.request

import privacy
import report
from chain import LOOPBACK, Chain, binary, eventually, free_port, with_common
from demo_guest import PAGES, VISITOR, Visitor
from loopback_server import LoopbackServer, QuietHandler
from transfers import Far

BROWSER_LIMIT = 60  # seconds until a browser has started, and a volunteer in it has been heard, on a busy machine
SETTLED = 30        # seconds: a transfer that ends on a loaded machine
WIDGET = """<!doctype html><title>A page</title><link rel="icon" href="data:,">
<script type="module" src="{}widget.js"></script><footbridge-widget data-layout="panel"></footbridge-widget>"""


class SeenPages(Chain):
    """A chain whose egress reports to a netstate, and whose broker lets its pages do so. The network is netstate's alone: a broker with
    the keys of one shows pages to browsers that can check its certificate."""

    def network(self, action, *words):
        return subprocess.run([binary(), "network", action, "--dir", self.path("net"), *words], check=True, capture_output=True,
                              text=True, timeout=SETTLED).stdout

    def start_broker(self, port=0):
        self.network("new", "--name", "Friends", "--broker-url", "https://broker.example/")
        with open(self.path("net/network.toml"), "a") as config:
            config.write(pathlib.Path(self.path("egress.toml")).read_text())
        self.netstate_url = f"http://{LOOPBACK}:{free_port()}/"
        self.netstate = self.run("netstate", ["netstate", "--network", self.path("net"), "--private-network", "--listen",
                                              self.netstate_url[len("http://"):-1], *with_common([])]).ready()
        self.network("reporter", "--role", "egress", "--url", self.netstate_url, "--out", self.path("egress-reporter.toml"))
        page = self.network("reporter", "--role", "page", "--url", self.netstate_url)
        pathlib.Path(self.path("page-reporter.json")).write_text(page)
        self.egress_program.terminate()
        self.egress_options += ["--reporter", self.path("egress-reporter.toml")]
        self.start_egress(self.egress_program.port)
        self.broker_options += ["--web", str(PAGES), "--web-reporter", self.path("page-reporter.json")]
        return super().start_broker(port)

    def shown(self):
        """By role, who is there; and who carries to whom."""
        with urllib.request.urlopen(self.netstate_url + "snapshot.json", timeout=SETTLED) as answer:
            text = answer.read().decode()
        assert privacy.leaks(text) == [], text
        shown = json.loads(text)
        role = {node["id"]: node["role"] for node in shown["nodes"]}
        return ({node["role"]: node["state"] for node in shown["nodes"]},
                [(role[edge["from"]], role[edge["to"]], edge["people"]) for edge in shown["edges"]])


class Embedder(LoopbackServer):
    """A page with the widget of the broker."""

    def __init__(self, broker_url):
        class Handler(QuietHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(WIDGET.format(broker_url).encode())

        super().__init__(Handler)


@unittest.skipUnless(VISITOR.is_file() and (PAGES / "frame.html").is_file(), "no pages (scripts/test web builds them)")
@unittest.skipUnless(shutil.which("chromium"), "no chromium on this machine (scripts/setup interop installs it)")
class WebNetstate(unittest.TestCase):
    def test_a_page_is_on_the_map_while_its_visitor_wants_that_and_helps(self):
        far = self.enterContext(Far())
        self.chain = chain = self.enterContext(SeenPages(allow=[far.address]))
        embedder = Embedder(chain.broker_url)
        self.addCleanup(embedder.close)
        visitor = Visitor("chromium", embedder.url.replace(LOOPBACK, "localhost"))  # another site than the frame's
        self.addCleanup(visitor.close)
        visitor.do("agree")
        eventually(lambda: visitor.do("read")["status"]["state"] == "waiting", f"it waits for people: {visitor.do('read')}", BROWSER_LIMIT)
        self.assertIs(visitor.do("read")["status"]["reports"], False)
        self.assertEqual(chain.shown(), ({"egress": "ready"}, []))

        visitor.do("map")
        eventually(lambda: chain.shown()[0].get("page") == "ready", "it is shown as ready")
        client = chain.client("--paths", "1")
        transfer = far.start(client.port, "down")
        eventually(lambda: chain.shown()[1] == [("page", "egress", 1)], "whom it carries to is shown")
        self.assertEqual(chain.shown()[0]["page"], "helping")
        eventually(lambda then=transfer.receiver.count: transfer.receiver.count > then, "it goes on")
        far.finish(SETTLED)

        now = visitor.do("read")
        self.assertEqual((now["status"]["reports"], now["complaints"]), (True, []))
        visitor.do("off")
        eventually(lambda: "page" not in chain.shown()[0], "it is gone")
        self.assertEqual(chain.netstate.metric('footbridge_netstate_reports_refused_total{why="malformed"}'), 0)


if __name__ == "__main__":
    report.main()
