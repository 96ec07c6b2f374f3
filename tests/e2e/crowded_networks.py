#!/usr/bin/env python3
"""One network may hold only its share of an egress's connections (threat T13), and a process that runs out of descriptors
goes on when there are some again. Addresses of our own in a network namespace of our own."""
import contextlib
import ctypes
import os
import resource
import socket
import unittest

import namespaces
import report
from chain import LIBC, Chain, eventually

SHARE = 32                     # connections of one /24
GREEDY = "11.0.1.{}"           # 40 addresses of one network
MODEST = "11.0.2.1"            # of another
EGRESS = "11.0.3.1"
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def setUpModule():
    if reason := namespaces.why_not():
        raise unittest.SkipTest(reason)
    assert LIBC.unshare(namespaces.CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
    namespaces.run("ip", "link", "set", "lo", "up")
    for address in (*(GREEDY.format(i) for i in range(1, 41)), MODEST, EGRESS):
        namespaces.run("ip", "address", "add", f"{address}/32", "dev", "lo")


def dial(source, port):
    return socket.create_connection((EGRESS, port), timeout=5, source_address=(source, 0))


def answer(s):
    with contextlib.suppress(ConnectionResetError):
        s.sendall(REQUEST)
        return s.recv(4096)
    return b""


class CrowdedNetworks(unittest.TestCase):
    def setUp(self):
        self.chain = self.enterContext(Chain(egress_host=EGRESS, egress_port=8901))
        self.egress = self.chain.egress_program
        self.stack = self.enterContext(contextlib.ExitStack())

    def held(self):
        return self.egress.metric("footbridge_egress_connections")

    def test_a_network_gets_its_share_and_the_others_theirs(self):
        port = self.egress.port
        for i in range(300):
            self.stack.enter_context(dial(GREEDY.format(i % 40 + 1), port))
        eventually(lambda: "event=connection-refused why=prefix" in self.egress.log(), "the rest is turned away")
        eventually(lambda: self.held() == SHARE, "its share is held")
        with dial(GREEDY.format(1), port) as one_more:
            self.assertEqual(answer(one_more), b"", "without a byte")
        with dial(MODEST, port) as other:
            self.assertTrue(answer(other).startswith(b"HTTP/1.1 404 "))
        self.stack.pop_all().close()
        eventually(lambda: self.held() == 0, "the places are free again")
        with dial(GREEDY.format(1), port) as again:
            self.assertTrue(answer(again).startswith(b"HTTP/1.1 404 "))

    def test_without_descriptors_people_wait_and_are_served_when_there_are_some(self):
        port, pid = self.egress.port, self.egress.pid
        in_use = len(os.listdir(f"/proc/{pid}/fd"))
        usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use + 4, usual[1]))
        for _ in range(4):
            self.stack.enter_context(dial(MODEST, port))
        waiting = dial(MODEST, port)  # the kernel has it, the program cannot
        self.addCleanup(waiting.close)
        waiting.sendall(REQUEST)
        eventually(lambda: "event=connections-wait" in self.egress.log(), "it says what it lacks")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
        self.assertTrue(waiting.recv(4096).startswith(b"HTTP/1.1 404 "), "nobody was sent away for it")


if __name__ == "__main__":
    report.main()
