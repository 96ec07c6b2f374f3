#!/usr/bin/env python3
"""Both ends of a relay leg against a peer that breaks WebSocket's rules or floods it (threats T14, T15, T17): the running
egress under a hostile volunteer, and a running volunteer at a hostile egress."""
import re
import socket
import time
import unittest

import raw_websocket
import rendezvous_request
import report
from chain import LOOPBACK, Chain, eventually
from processes import cpu_seconds, resident_kib
from raw_websocket import BINARY, CONTINUATION, FINAL, PING, PONG, RSV1, TEXT

PROTOCOL_ERROR, UNSUPPORTED, POLICY, TOO_BIG = 1002, 1003, 1008, 1009
MOST_MESSAGE = 64 * 1024
MOST_FRAGMENTS = 64
MOST_PINGS = 10            # a second
BOMB_FRAGMENTS = 1_000_000
BOMB_CPU = 0.1             # seconds
MOST_GROWTH_KIB = 4096     # of a server that is flooded, all buffers of all tested legs together
PACKET = bytes([0x40]) + bytes(1131)  # looks like a packet of a path and is none


def misuses(masked):
    """What is wrong: (bytes, close code)."""
    def frame(*arguments, **more):
        return raw_websocket.frame(*arguments, masked=masked, **more)
    bomb = frame(BINARY, flags=0) + frame(CONTINUATION, flags=0) * (BOMB_FRAGMENTS - 1)
    fragments = frame(BINARY, b"x", flags=0) + frame(CONTINUATION, b"x", flags=0) * MOST_FRAGMENTS
    return {
        "a message too long": (frame(BINARY, bytes(MOST_MESSAGE + 1)), TOO_BIG),
        "a length of 2^62": (bytes([FINAL | BINARY, (0x80 if masked else 0) | 127]) + (1 << 62).to_bytes(8, "big") + bytes(4), TOO_BIG),
        "fragments too long together": (frame(BINARY, bytes(40_000), flags=0) + frame(CONTINUATION, bytes(40_000)), TOO_BIG),
        "a fragment too many": (fragments, POLICY),
        "a compressed message": (frame(BINARY, b"x", flags=FINAL | RSV1), PROTOCOL_ERROR),
        "the other end's masking": (raw_websocket.frame(BINARY, b"x", masked=not masked), PROTOCOL_ERROR),
        "a reserved opcode": (frame(3, b"x"), PROTOCOL_ERROR),
        "a ping in fragments": (frame(PING, b"x", flags=0), PROTOCOL_ERROR),
        "a ping too long": (frame(PING, bytes(126)), PROTOCOL_ERROR),
        "text": (frame(TEXT, b"hello"), UNSUPPORTED),
        "a million empty fragments": (bomb, POLICY),
    }


class Legs(unittest.TestCase):
    def check_misuse(self, program, leg, data, code):
        before = cpu_seconds(program.pid)
        leg.send_raw(data)
        self.assertEqual(leg.close_code(), code)
        self.assertEqual(leg.before, [], "nothing else is answered")
        self.assertEqual(list(leg.frames()), [], "it hangs up")
        self.assertLess(cpu_seconds(program.pid) - before, BOMB_CPU)

    def check_ping_flood(self, leg):
        """In one burst: as many are answered as may come in a second, then it is over."""
        leg.send_raw(raw_websocket.frame(PING, b"hi", masked=leg.masked) * 10_000)
        self.assertEqual(leg.close_code(), POLICY)
        self.assertLessEqual(leg.before.count((PONG, b"hi")), MOST_PINGS)


class HostileVolunteer(Legs):
    """What comes to the egress."""

    def setUp(self):
        self.chain = self.enterContext(Chain())
        self.egress = self.chain.egress_program

    def dial(self, *headers):
        target = rendezvous_request.leg_target(LOOPBACK, self.chain.broker_program.port)
        leg, head = raw_websocket.dial(LOOPBACK, self.egress.port, target, *headers)
        self.addCleanup(leg.sock.close)
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head)
        self.assertNotIn("sec-websocket-extensions", head.lower())
        return leg

    def test_each_misuse_ends_with_its_code_and_costs_little(self):
        before = resident_kib(self.egress)
        for what, (data, code) in misuses(masked=True).items():
            with self.subTest(what):
                self.check_misuse(self.egress, self.dial(), data, code)
        eventually(lambda: self.chain.leg_connections() == 0 and self.chain.legs() == 0, "no leg is left")
        self.assertLess(resident_kib(self.egress) - before, MOST_GROWTH_KIB)

    def test_compression_is_offered_in_vain(self):
        leg = self.dial("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame")
        leg.send(PING, b"plain")
        self.assertEqual(next(leg.frames()), (PONG, b"plain"))

    def test_as_many_fragments_as_allowed_are_one_message(self):
        leg = self.dial()
        leg.send(BINARY, PACKET, flags=0)
        for _ in range(MOST_FRAGMENTS - 2):
            leg.send(CONTINUATION, b"", flags=0)
        leg.send(CONTINUATION)
        leg.send(PING, b"still there")
        self.assertEqual(next(leg.frames()), (PONG, b"still there"))

    def test_a_ping_flood_is_cut_off(self):
        self.check_ping_flood(self.dial())

    def test_a_token_opens_one_leg_and_everybody_else_gets_the_decoy(self):
        target = rendezvous_request.leg_target(LOOPBACK, self.chain.broker_program.port)
        heads = []
        for path in (target, target, target[:-1], "/leg/x"):
            leg, head = raw_websocket.dial(LOOPBACK, self.egress.port, path)
            self.addCleanup(leg.sock.close)
            heads.append(re.sub("Date: .*", "Date", head))
        self.assertTrue(heads[0].startswith("HTTP/1.1 101 "))
        self.assertTrue(heads[1].startswith("HTTP/1.1 404 "))
        self.assertEqual(set(heads[1:]), {heads[1]})

    def test_a_flood_of_packets_that_are_none_leaves_nothing_behind(self):
        before = resident_kib(self.egress)
        flood = raw_websocket.frame(BINARY, PACKET) * 1000
        for _ in range(5):
            with self.dial() as leg:
                for _ in range(10):
                    leg.send_raw(flood)
        eventually(lambda: self.chain.leg_connections() == 0 and self.chain.legs() == 0, "no leg is left")
        self.assertLess(resident_kib(self.egress) - before, MOST_GROWTH_KIB)

    def test_legs_that_never_say_a_word_cost_little_and_are_cut_off(self):
        before = resident_kib(self.egress)
        legs = [self.dial() for _ in range(100)]
        self.assertEqual(self.chain.legs(), len(legs))
        print(f"{(resident_kib(self.egress) - before) / len(legs):.1f} KiB for each silent leg")
        self.assertLess(resident_kib(self.egress) - before, MOST_GROWTH_KIB)
        eventually(lambda: self.chain.legs() == 0, "they are cut off", 25)


class HostileEgress(Legs):
    """What a volunteer dials; the broker is told that this is the egress."""

    def setUp(self):
        self.listener = socket.create_server((LOOPBACK, 0))
        self.addCleanup(self.listener.close)
        self.listener.settimeout(20)
        self.chain = self.enterContext(FakeEgress(self.listener.getsockname()[1]))
        self.volunteer = self.chain.volunteer("--slots", "10")

    def accept(self, *headers):
        """The volunteer's next leg; a new client makes it come."""
        client = self.chain.client()
        sock, _ = self.listener.accept()
        self.addCleanup(sock.close)
        leg = raw_websocket.accept(sock, *headers)
        self.assertNotIn("sec-websocket-extensions", leg.request.lower())
        client.kill()
        return leg

    def test_each_misuse_ends_with_its_code_and_costs_little(self):
        before = None
        for what, (data, code) in misuses(masked=False).items():
            with self.subTest(what):
                leg = self.accept()
                before = before or resident_kib(self.volunteer)  # with a link's worth of libraries
                self.check_misuse_of_a_carrier(leg, data, code)
        self.assertLess(resident_kib(self.volunteer) - before, 2 * MOST_GROWTH_KIB)

    def check_misuse_of_a_carrier(self, leg, data, code):
        before = cpu_seconds(self.volunteer.pid)
        leg.send_raw(data)
        self.assertEqual(leg.close_code(), code)
        self.assertLess(cpu_seconds(self.volunteer.pid) - before, 2 * BOMB_CPU)  # its link is at work, too

    def test_a_ping_flood_is_cut_off(self):
        self.check_ping_flood(self.accept())

    def test_compression_that_nobody_asked_for_is_refused(self):
        leg = self.accept("Sec-WebSocket-Extensions: permessage-deflate")
        self.assertEqual(list(leg.frames()), [], "it hangs up")
        eventually(lambda: "event=dial-failed why=not-accepted" in self.volunteer.log(), "the volunteer says so")

    def test_a_flood_does_not_make_the_volunteer_grow(self):
        leg = self.accept()
        before = resident_kib(self.volunteer)
        flood = raw_websocket.frame(BINARY, PACKET, masked=False) * 1000
        began = time.monotonic()
        leg.sock.settimeout(1)
        while time.monotonic() - began < 3:
            leg.send_raw(flood)
        self.assertLess(resident_kib(self.volunteer) - before, 2 * MOST_GROWTH_KIB)


class FakeEgress(Chain):
    """A chain whose volunteers are sent to a port of the test's; the real egress only lends its keys."""

    def __init__(self, port):
        super().__init__()
        self.fake_port = port

    @property
    def relay_url(self):
        return f"ws://{LOOPBACK}:{self.fake_port}/leg"


if __name__ == "__main__":
    report.main()
