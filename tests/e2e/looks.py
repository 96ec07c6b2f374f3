#!/usr/bin/env python3
"""What somebody on the client's line sees of links (threat T12): no length of a record stands at a fixed place among the
first of a path. Real programs, one client after the other, in a network namespace of our own.

    looks.py --program PATH                      sixty links, and a bound that chance does not reach
    FB_LOOKS_LINKS=200 looks.py --program PATH   the figures of docs/spec/15-looks.md, of both forms of links
"""
import collections
import contextlib
import math
import os
import unittest

import curl
import namespaces
import report
import website
from chain import Chain, eventually
from link_tap import FROM_CLIENT, FROM_VOLUNTEER, LinkTap

ASKED = os.environ.get("FB_LOOKS_LINKS")
LINKS = int(ASKED or 60)
PLACES = 20           # the first records of each direction, after the handshake
COMMON = 0.025        # what the most frequent length is meant to have: a full packet is padded to one of 39 lengths
LENGTHS = 2_000       # that may be frequent: twenty places, two directions, fifty lengths
FALSE_ALARM = 1e-6
PAGE_BYTES = 30_000
VOLUNTEERS = 3
LIMIT = 30.0          # seconds


def frequent(links, only_data, skip=0):
    """[(links, direction, place, length)], the most frequent first."""
    seen = collections.Counter()
    for link in links:
        for direction in (FROM_CLIENT, FROM_VOLUNTEER):
            for place, length in enumerate(link.lengths(direction, only_data)[skip:skip + PLACES]):
                seen[direction, place, length] += 1
    return sorted(((times, *what) for what, times in seen.items()), reverse=True)


def bound(links):
    """So many links alike would be no chance, if no length is meant to be more frequent than COMMON."""
    chance = [math.comb(links, k) * COMMON ** k * (1 - COMMON) ** (links - k) for k in range(links + 1)]
    return next(k for k in range(links + 1) if LENGTHS * sum(chance[k:]) < FALSE_ALARM)


class Looks(unittest.TestCase):
    def capture(self, *options):
        """Links that have carried a page, or wait beside one that has."""
        with contextlib.closing(website.Website()) as site, Chain([site.address]) as self.chain, LinkTap() as tap:
            for _ in range(VOLUNTEERS):
                self.chain.volunteer("--slots", "10")
            while len(tap.links()) < LINKS:
                client = self.chain.client(*options)
                for _ in range(2):  # the second one when there are several paths
                    got = curl.fetch(client.port, "socks5h", site.url(f"/bytes/{PAGE_BYTES}"))
                    self.assertEqual((got.status, got.size), (200, PAGE_BYTES), got.error)
                    eventually(lambda: client.log().count("event=path-up") >= VOLUNTEERS, "three paths", LIMIT)
                self.assertEqual(client.terminate(), 0)
            return tap.links()

    def test_no_length_stands_at_a_fixed_place_of_a_native_link(self):
        links = self.capture()
        for direction in (FROM_CLIENT, FROM_VOLUNTEER):
            carried = sum(len(link.lengths(direction, True)) >= PLACES for link in links)
            self.assertGreater(carried, len(links) // 2, "there was hardly anything to look at")
        times, *what = frequent(links, True)[0]
        self.assertLess(times, bound(len(links)), f"of {len(links)} links, as long: {what}")


def figures():
    """Of both forms of links; (share, who, place, bytes), the most frequent first."""
    for form, options, set_up in (("native", (), 0), ("data channel", ("--native-link", "off"), 7)):
        links = Looks().capture(*options)
        for what, only_data, skip in (("all", False, 0), ("data", True, 0), ("messages", True, set_up)):
            found = [(f"{times / len(links):.1%}", *where) for times, *where in frequent(links, only_data, skip)]
            print(f"{form}, {what}, {len(links)} links:", *found[:24])


def setUpModule():
    reason = namespaces.why_not()
    if reason:
        raise unittest.SkipTest(reason)
    LinkTap.enter_namespace()
    if ASKED:
        figures()


if __name__ == "__main__":
    report.main()
