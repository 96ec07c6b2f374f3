#!/usr/bin/env python3
"""Plain HTTP through one connection to the local proxy: many requests, and a hang-up that reaches the server."""
import http.client
import unittest

import curl
import report
import website
from chain import Chain, eventually

HANG_UP_LIMIT = 20.0  # seconds from an application's hang-up to the server's
SEQUENTIAL, KEPT_ALIVE = 100, 20


def setUpModule():
    global client, site
    site = website.Website()
    unittest.addModuleCleanup(site.close)
    chain = unittest.enterModuleContext(Chain([site.address]))
    chain.volunteer()
    client = chain.client()


class ManyRequests(unittest.TestCase):
    def test_a_hundred_in_a_row_on_one_connection_are_all_answered(self):
        connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=20)
        self.addCleanup(connection.close)
        connection.connect()
        ours = connection.sock.getsockname()
        for number in range(SEQUENTIAL):
            connection.request("GET", site.url(f"/bytes/{number * 100}"))
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.read()), (200, website.noise(number * 100)))
            self.assertEqual(connection.sock.getsockname(), ours, "the proxy closed a kept-alive connection")

    def test_curl_keeps_one_connection_for_twenty_pages(self):
        urls = [site.url(f"/bytes/{100 + number}") for number in range(KEPT_ALIVE)]
        words = [word for url in urls for word in ("--output", "/dev/null", url)]
        lines = curl.write_out(client.port, "http", "%{http_code} %{num_connects}\n", *words)
        self.assertEqual(lines, ["200 1"] + ["200 0"] * (KEPT_ALIVE - 1))

    def test_answers_to_requests_sent_ahead_come_in_order(self):
        with curl.raw_connection(client.port) as connection:
            for number in range(5):
                connection.sendall(f"GET {site.url(f'/bytes/{number}')} HTTP/1.1\r\nHost: {site.address}\r\n\r\n".encode())
            answers = connection.makefile("rb")
            for number in range(5):
                self.assertEqual(answers.readline(), b"HTTP/1.1 200 OK\r\n")
                length = int(http.client.parse_headers(answers)["Content-Length"])
                self.assertEqual(answers.read(length), website.noise(number))


class HangUp(unittest.TestCase):
    def check_hang_up(self, scheme, path):
        before = site.hang_ups
        download = curl.start(client.port, scheme, site.url(path), "--no-buffer")
        self.addCleanup(download.close)
        eventually(lambda: site.hits[path] and (path == "/silent" or download.size > 1_000_000), "the fetch runs")
        self.assertEqual(site.hang_ups, before, "the server lost its client before anybody hung up")
        download.abort()
        eventually(lambda: site.hang_ups == before + 1, "the server sees the connection end", HANG_UP_LIMIT)

    def test_ends_a_download_at_the_server(self):
        for scheme in ("http", "connect", "socks5h"):
            with self.subTest(scheme):
                self.check_hang_up(scheme, "/endless")

    def test_ends_a_wait_for_an_answer_at_the_server(self):
        for scheme in ("http", "connect", "socks5h"):
            with self.subTest(scheme):
                site.hits.clear()
                self.check_hang_up(scheme, "/silent")


if __name__ == "__main__":
    report.main()
