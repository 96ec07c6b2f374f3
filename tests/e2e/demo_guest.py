#!/usr/bin/env python3
"""The demo with a person: he opens the page that it names, agrees in the widget there, and his browser alone carries what the demo's
client fetches, until he switches it off. Page, widget and frame are served by the program itself."""
import json
import pathlib
import re
import shutil
import subprocess
import unittest

import curl
import report
import website
from chain import die_with_parent, eventually
from demo import DemoTest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PAGES = REPOSITORY / "build/web"
VISITOR = REPOSITORY / "web/packages/browser/build/visitor.js"
RESOURCES = 50
MANY = 50_000_000
START_LIMIT = 60
TRANSFER_LIMIT = 200  # seconds for MANY bytes, on a busy machine


class Visitor:
    """A person at a browser of his own."""

    def __init__(self, browser, url, *options):
        self.process = subprocess.Popen(["node", VISITOR, browser, url, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=die_with_parent)

    def do(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@unittest.skipUnless(VISITOR.is_file() and (PAGES / "frame.html").is_file(), "no pages (scripts/test web builds them)")
class Guest(DemoTest):
    def volunteers(self, demo):
        return [words for words in demo.processes().values() if "volunteer" in words]

    @unittest.skipUnless(shutil.which("chromium"), "no chromium on this machine (scripts/setup interop installs it)")
    def test_chromium_carries_the_demo_alone_until_it_is_switched_off(self):
        self.check_carries("chromium")

    @unittest.skipUnless(shutil.which("firefox-esr"), "no firefox-esr on this machine (scripts/setup interop installs it)")
    def test_firefox_carries_the_demo_alone_until_it_is_switched_off(self):
        self.check_carries("firefox")

    def check_carries(self, browser):
        demo = self.demo("--size", "50MB", "--json", "--web", str(PAGES))
        demo.await_word("Ctrl-C ends everything")
        said = demo.said(demo.err)
        expected = json.loads(demo.said(demo.out))
        # Another site for the browser than the frame's, as in the world.
        url = re.search(r"http://127\.0\.0\.1:\d+/volunteer", said).group().replace("127.0.0.1", "localhost")
        proxy, site = re.search(r"curl -x http://127\.0\.0\.1:(\d+) (http://\S+)", said).groups()
        tag = re.search(r"<script type=\"module\" crossorigin integrity=\"sha256-[^\n]*\n<footbridge-widget></footbridge-widget>", said)
        self.assertTrue(tag, said)

        visitor = Visitor(browser, url)
        self.addCleanup(visitor.close)
        before = visitor.do("read")
        self.assertLessEqual({each["kind"] for each in before["asked"]}, {"request"})
        self.assertFalse([each["url"] for each in before["asked"] if re.search(r"wasm|config\.json|worker", each["url"])])
        eventually(lambda: "Your browser carries nothing" in visitor.do("read")["told"], "the page says so")
        self.assertNotIn("A browser has joined", demo.said(demo.err))

        visitor.do("agree")
        eventually(lambda: "A browser has joined" in demo.said(demo.err), "the demo has seen it", START_LIMIT)
        eventually(lambda: not self.volunteers(demo), "the demo's own volunteers rest", START_LIMIT)
        eventually(lambda: "You carry the demo’s traffic now" in visitor.do("read")["told"], "the page says so", START_LIMIT)

        for number in range(RESOURCES):
            got = curl.fetch(int(proxy), "socks5h", site)
            self.assertEqual(got.exit, 0, f"{number}: {got.error}")
            self.assertIn(b"You crossed the footbridge.", got.body)
        got = curl.fetch(int(proxy), "socks5h", site + "file", limit=TRANSFER_LIMIT)
        self.assertEqual((got.exit, got.size, got.sha256), (0, MANY, expected["sha256"]), got.error)
        print(f"  {browser}: down {MANY / got.seconds / 1e6:.1f} MB/s through the widget")

        now = visitor.do("read")
        self.assertGreater(now["status"]["bytesDown"], MANY)
        self.assertEqual((now["status"]["helpingNow"], now["complaints"]), (1, []))
        so_far = lambda: float(re.search(r"([\d.]+) MB so far", visitor.do("read")["told"]).group(1))  # noqa: E731
        eventually(lambda: so_far() > MANY / 1e6, "the page counts it")

        visitor.do("off")
        eventually(lambda: re.search(r"The browser has left; it carried \d+\.\d MB", demo.said(demo.err)), "the demo says so", START_LIMIT)
        eventually(lambda: len(self.volunteers(demo)) == 2, "its own volunteers are back", START_LIMIT)
        self.assertIn(b"You crossed", curl.fetch(int(proxy), "socks5h", site, limit=START_LIMIT).body)
        demo.interrupt()
        self.assertEqual(demo.process.wait(30), 0)
        self.check_nothing_is_left(demo)

    def test_without_its_pages_says_how_to_build_them(self):
        demo = self.demo("--size", "1MB", "--web", "/nonexistent")
        self.assertEqual(demo.process.wait(30), 2, demo.said(demo.err))
        self.assertIn("--web: /nonexistent: there is no such folder; scripts/setup build web && scripts/web builds the pages", demo.said(demo.err))


if __name__ == "__main__":
    report.main()
