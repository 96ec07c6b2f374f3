"""A network of the test's own with nothing but loopback, and wires in it that can be pulled: packets to and from ports
are swallowed without a word, as by a cable that was pulled or a box in between that forgot.

Only the calling thread and what it starts afterwards are in there, and only while the block lasts.
"""
import contextlib
import ctypes
import os

from chain import LIBC
from namespaces import CLONE_NEWNET, run, why_not  # noqa: F401: users of this ask why_not() first

RULES = """table inet wires {
  set pulled_tcp { type inet_service; }
  set pulled_udp { type inet_service; }
  chain in {
    type filter hook input priority 0;
    tcp sport @pulled_tcp drop
    tcp dport @pulled_tcp drop
    udp sport @pulled_udp drop
    udp dport @pulled_udp drop
  }
}
"""


@contextlib.contextmanager
def own_network():
    with open("/proc/thread-self/ns/net") as before:
        assert LIBC.unshare(CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        try:
            run("ip", "link", "set", "lo", "up")
            run("nft", "-f", "-", text=RULES)
            yield
        finally:
            assert LIBC.setns(before.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())


def own_ports(program, protocol):
    """Local ports of a program's sockets, other than those it listens on."""
    sockets = set()
    for name in os.listdir(f"/proc/{program.pid}/fd"):
        with contextlib.suppress(OSError):
            sockets.add(os.readlink(f"/proc/{program.pid}/fd/{name}"))
    ports = set()
    with open(f"/proc/{program.pid}/net/{protocol}") as table:
        for line in list(table)[1:]:
            words = line.split()
            if f"socket:[{words[9]}]" in sockets and words[3] != "0A":  # 0A: listens
                ports.add((int(words[1].partition(":")[2], 16), int(words[2].partition(":")[2], 16)))
    return ports


def pull(protocol, ports):
    run("nft", "add", "element", "inet", "wires", f"pulled_{protocol}", "{ " + ", ".join(map(str, ports)) + " }")


def pull_link(program):
    """What a volunteer says to its clients over UDP, and they to it."""
    pull("udp", {here for here, _ in own_ports(program, "udp")})


def pull_legs(program, egress_port):
    pull("tcp", {here for here, there in own_ports(program, "tcp") if there == egress_port})
