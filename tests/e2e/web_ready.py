#!/usr/bin/env python3
"""A person who switches a page's volunteer off and on again reads within a second that it is ready, whatever it was doing (U14):
waiting, helping, answering a client's offer while a STUN server is silent, or asking a broker that accepts and never answers."""
import os
import signal
import socket
import subprocess
import unittest

import curl
import report
from chain import LOOPBACK, die_with_parent, eventually
from web_volunteer import PAGE_LIMIT, InBrowser, InChromium

READY = 1.0  # seconds
SLACK = 2.0  # that a busy machine adds to that

# A person who presses as often as he is asked to, as fast as anybody can, or once a client's offer is being answered. He says when, and
# what the line said when, in seconds of the page's own clock.
PERSON = """
let answers = () => {};
const Real = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Real {
  setRemoteDescription(...words) {
    answers();
    return super.setRemoteDescription(...words);
  }
};
const now = () => performance.now() / 1000;
let said = Promise.resolve();
const say = what => { said = said.then(() => fetch("/said", {method: "POST", body: JSON.stringify(what)})).catch(() => {}); };
const [line, button] = ["output", "button"].map(each => document.querySelector(each));
const read = () => say({at: now(), ...JSON.parse(line.textContent)});
new MutationObserver(read).observe(line, {childList: true});
read();
for (let number = 0;; ++number) {
  const {presses = 0, answering = false} = await (await fetch("/deed/" + number)).json();
  if (answering) await new Promise(done => { answers = done; });
  say({pressedAt: now()});
  for (let i = 0; i < presses; ++i) button.click();
}
"""


def press(page, meanwhile=lambda: None, **deed):
    """Seconds from the press until the page was ready, once it is. `meanwhile` is called when the person has been asked."""
    before = len(page.said)
    page.ask(deed)
    meanwhile()

    def ready():
        words = page.said[before:]
        pressed = next((number for number, word in enumerate(words) if "pressedAt" in word), None)
        after = [] if pressed is None else [word for word in words[pressed:] if word.get("state") in ("waiting", "helping")]
        return after[0]["at"] - words[pressed]["pressedAt"] if after else None

    return eventually(ready, "it is ready", PAGE_LIMIT)


class SilentStun:
    """Takes what it is asked, and never answers."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((LOOPBACK, 0))
        self.url = f"stun:{LOOPBACK}:{self.socket.getsockname()[1]}"


class Chromium(InChromium, InBrowser, unittest.TestCase):
    person = PERSON

    def stun(self):
        silent = SilentStun()
        self.addCleanup(silent.socket.close)
        return [silent.url]

    def off_and_on(self, what, presses=2, **deed):
        seconds = press(self.page, presses=presses, **deed)
        print(f"  {what}: ready after {seconds:.2f} s, load {os.getloadavg()[0]:.0f}")
        self.assertLess(seconds, READY + SLACK, what)

    def test_is_ready_within_a_second_of_switching_off_and_on_whatever_it_was_doing(self):
        press(self.page, presses=1)
        self.off_and_on("waiting")
        self.off_and_on("starting, as it was pressed before", presses=4)

        client = self.chain.client()
        self.assertEqual(curl.fetch(client.port, "socks5h", self.site.url("/bytes/100000"), limit=PAGE_LIMIT).exit, 0)
        self.until("helping")
        self.off_and_on("helping")
        client.kill()

        broker = self.chain.broker_program
        self.page.ask({"presses": 1})
        self.until("off")
        broker.signal(signal.SIGSTOP)
        self.page.ask({"presses": 1})
        self.until("starting")
        self.page.ask({"presses": 1})
        self.until("off")
        broker.signal(signal.SIGCONT)
        eventually(lambda: broker.metric("footbridge_broker_polls_total") > 0, "the broker answers again")
        self.off_and_on("starting, the broker was silent", presses=1)

    def test_is_ready_within_a_second_when_it_was_answering_an_offer_and_its_stun_server_is_silent(self):
        press(self.page, presses=1)

        def ask():
            client = self.chain.client()
            asking = subprocess.Popen(["curl", "--silent", "--proxy", f"socks5h://{LOOPBACK}:{client.port}", self.site.url("/none")],
                                      stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
            self.addCleanup(asking.wait)
            self.addCleanup(asking.kill)

        self.off_and_on("answering", meanwhile=ask, answering=True)


if __name__ == "__main__":
    report.main()
