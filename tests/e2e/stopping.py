#!/usr/bin/env python3
"""SIGTERM ends every program in every state: at once when nothing needs a drain, with exit code 0. A second signal does
not wait for anything."""
import signal
import time
import unittest

import curl
import report
import website
from chain import LOOPBACK, Chain, eventually

AT_ONCE = 3.0         # seconds; hundredths, and 0.8 with a goodbye; what could be waited for instead takes a client 5, others 60
SECOND_SIGNAL = 3.0   # seconds; the same, instead of the 60 it was given
HANDED_ON = 15.0      # seconds to the end of a volunteer whose one client moves: it takes two, the drain might take 60
MOMENTS = 12          # at which the start of a client is cut off, a step apart
STEP = 0.02           # seconds; a path stands after 0.1 to 0.3


def unread_bytes(port, peer):
    """What has arrived from `peer` at a connection to `port` and was not taken yet, as the kernel counts it; None: no such."""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    queues = [row[4] for row in rows if row[1:3] == [f"0100007F:{port:04X}", f"0100007F:{peer:04X}"]]
    return int(queues[0].partition(":")[2], 16) if queues else None


class Stopping(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def check_stop(self, program, limit=AT_ONCE):
        began = time.monotonic()
        self.assertEqual(program.terminate(limit), 0, program.log())
        self.assertIn("event=stopped", program.log())
        return time.monotonic() - began

    def start_download(self, client, scheme="connect"):
        download = curl.start(client.port, scheme, self.site.url("/endless"), "--no-buffer")
        self.addCleanup(download.close)
        eventually(lambda: download.size > 100_000, "the download runs")
        return download

    def test_without_a_broker(self):
        self.chain.broker_program.kill()
        client, volunteer = self.chain.client(), self.chain.volunteer()
        eventually(lambda: "event=no-way-out" in client.log(), "the client has noticed")
        eventually(lambda: "event=broker-silent" in volunteer.log(), "the volunteer has noticed")
        self.check_stop(client)
        self.check_stop(volunteer)

    def test_while_the_search_waits_at_the_broker(self):
        client = self.chain.client()
        broker = self.chain.broker_program
        eventually(lambda: broker.metric("footbridge_broker_waiting_offers") == 1, "the client waits at the broker")
        self.check_stop(client)
        eventually(lambda: broker.metric("footbridge_broker_waiting_offers") == 0, "the broker has noticed")

    def test_while_a_volunteer_waits_at_the_broker(self):
        volunteer, broker = self.chain.volunteer(), self.chain.broker_program
        eventually(lambda: broker.metric("footbridge_broker_waiting_proxies") == 1, "the volunteer waits at the broker")
        self.check_stop(volunteer)
        eventually(lambda: broker.metric("footbridge_broker_waiting_proxies") == 0, "the broker has noticed")

    def test_while_a_request_waits_for_a_way_out(self):
        client = self.chain.client("--drain-timeout", "30s")
        with curl.raw_connection(client.port) as asking:
            asking.sendall(f"GET {self.site.url('/none')} HTTP/1.1\r\nHost: {self.site.address}\r\n\r\n".encode())
            eventually(lambda: unread_bytes(client.port, asking.getsockname()[1]) == 0, "the client has read the request")
            self.check_stop(client)
            self.assertIn(b" 503 ", asking.recv(4096).splitlines()[0], "it has been told")

    def test_at_any_moment_while_the_link_opens(self):
        self.chain.volunteer("--slots", "10")
        slowest = 0.0
        for moment in range(MOMENTS):
            client = self.chain.client()
            time.sleep(moment * STEP)  # the moment is what is tested
            slowest = max(slowest, self.check_stop(client))
        print(f"slowest of {MOMENTS}: {slowest:.2f} s")

    def test_with_a_volunteer_that_hangs(self):
        volunteer = self.chain.volunteer()
        eventually(lambda: self.chain.broker_program.metric("footbridge_broker_waiting_proxies") == 1, "it waits")
        volunteer.signal(signal.SIGSTOP)
        self.addCleanup(volunteer.signal, signal.SIGCONT)
        client = self.chain.client()
        broker = self.chain.broker_program
        eventually(lambda: broker.metric("footbridge_broker_waiting_proxies") == 0, "the client has been matched")
        self.check_stop(client)
        volunteer.signal(signal.SIGCONT)

    def test_with_an_idle_path(self):
        volunteer, client = self.chain.volunteer(), self.chain.client()
        eventually(lambda: self.chain.legs() == 1, "the path stands")
        self.check_stop(client)
        self.check_stop(volunteer)

    def test_during_a_download_when_no_drain_is_wanted(self):
        volunteer, client = self.chain.volunteer("--drain-timeout", "0s"), self.chain.client("--drain-timeout", "0s")
        for scheme in ("http", "connect", "socks5h"):
            download = self.start_download(client, scheme)
        self.check_stop(client)
        self.assertNotEqual(download.finish(20)[0], curl.EXIT_OK, "a cut download looked whole")
        second = self.chain.client()
        self.start_download(second)
        self.check_stop(volunteer)

    def test_the_egress_during_a_download_when_no_drain_is_wanted(self):
        egress = self.chain.egress_program
        self.assertEqual(egress.terminate(), 0)
        self.chain.egress_options = ["--drain-timeout", "0s"]
        egress = self.chain.start_egress(egress.port)
        self.chain.volunteer()
        self.start_download(self.chain.client())
        self.check_stop(egress, 2 * AT_ONCE)  # its clients are said goodbye for 0.8 s

    def test_the_broker_with_people_waiting(self):
        self.chain.volunteer()
        self.chain.client()
        eventually(lambda: self.chain.legs() == 1, "the path stands")
        self.chain.client()
        self.check_stop(self.chain.broker_program)

    def test_a_drain_lets_a_download_finish(self):
        self.chain.volunteer()
        client = self.chain.client("--drain-timeout", "30s")
        download = curl.start(client.port, "connect", self.site.url("/bytes/10000000"), "--limit-rate", "10M")
        self.addCleanup(download.close)
        eventually(lambda: download.size > 0, "the download runs")
        client.signal(signal.SIGTERM)
        self.assertEqual(download.finish(20), (0, website.sha256(website.noise(10_000_000))))
        self.assertEqual(client.wait(AT_ONCE), 0)

    def test_a_volunteer_hands_everybody_on_and_no_byte_is_lost(self):
        volunteers = [self.chain.volunteer("--drain-timeout", "60s") for _ in range(2)]
        client = self.chain.client("--paths", "1")
        size = 30_000_000
        download = curl.start(client.port, "connect", self.site.url(f"/bytes/{size}"), "--limit-rate", "4M")
        self.addCleanup(download.close)
        eventually(lambda: download.size > size // 10, "the download runs")
        def carried(volunteer):
            return volunteer.metric("footbridge_proxy_relayed_down_bytes_total")
        other, busy = sorted(volunteers, key=carried)
        began = time.monotonic()
        self.assertEqual(busy.terminate(), 0)
        took = time.monotonic() - began
        self.assertLess(took, HANDED_ON)
        self.assertEqual(download.finish(60), (0, website.sha256(website.noise(size))))
        self.assertGreater(carried(other), size // 10, "nobody took it over")
        self.assertEqual(self.chain.egress_program.metric("footbridge_egress_sessions_begun_total"), 1)
        print(f"handed on in {took:.2f} s")

    def test_a_second_signal_ends_a_drain_at_once(self):
        for first, second in ((signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT)):
            volunteer = self.chain.volunteer("--drain-timeout", "60s")
            client = self.chain.client("--drain-timeout", "60s")
            self.start_download(client)
            for program in (client, volunteer):
                program.signal(first)
                eventually(lambda: "event=draining" in program.log(), "the drain begins")
                self.assertTrue(program.running)
                program.signal(second)
                self.assertEqual(program.wait(SECOND_SIGNAL), 1)


if __name__ == "__main__":
    report.main()
