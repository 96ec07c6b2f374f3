#!/usr/bin/env python3
"""Links between two native programs do without SCTP, unless one of the two does not want that."""
import pathlib
import re
import unittest

import curl
import report
import website
from chain import Chain

SIZE = 3_000_000


def kinds(program):
    """Of the links that a program has seen open."""
    return set(re.findall(r"link-open.*\bkind=(\S+)", program.log()))


class NativeLinks(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address]))

    def carry(self, volunteer_options=(), client_options=()):
        """Which kinds of links carried a download, an upload and the end of both programs."""
        volunteer = self.chain.volunteer(*volunteer_options)
        client = self.chain.client(*client_options)
        got = curl.fetch(client.port, "socks5h", self.site.url(f"/bytes/{SIZE}"))
        self.assertEqual((got.status, got.sha256), (200, website.sha256(website.noise(SIZE))))
        sent = pathlib.Path(self.chain.path("upload"))
        sent.write_bytes(website.noise(SIZE))
        back = curl.fetch(client.port, "socks5h", self.site.url("/echo"), "--data-binary", f"@{sent}")
        self.assertEqual(back.sha256, got.sha256)
        self.assertEqual(client.terminate(), 0)
        self.assertEqual(volunteer.terminate(), 0)
        self.assertEqual(kinds(client), kinds(volunteer))
        return kinds(client)

    def test_two_native_programs_do_without_sctp(self):
        self.assertEqual(self.carry(), {"native"})

    def test_a_client_that_wants_a_browsers_form_gets_it(self):
        self.assertEqual(self.carry(client_options=("--native-link", "off")), {"data-channel"})

    def test_so_does_a_volunteer(self):
        self.assertEqual(self.carry(volunteer_options=("--native-link", "off")), {"data-channel"})


if __name__ == "__main__":
    report.main()
