"""A home behind a router: three network namespaces of our own.

    outside (this process)                 router                                  home (the volunteer)
      OUTSIDE ───────── street ───────── WAN   LAN ─────────── home ─────────── HOME, default route to LAN

The router translates: each connection of the home's gets a random port, nothing unasked comes in. Outside, nothing
unasked comes in over UDP either, as behind a router of its own. Nothing is left behind: the namespaces end with their
processes.
"""
import contextlib
import ctypes
import os
import pathlib
import subprocess
import sys

from chain import LIBC, LOOPBACK, die_with_parent, eventually
from namespaces import CLONE_NEWNET, CLONE_NEWNS, run

OUTSIDE, WAN, LAN, HOME = "11.0.0.2", "11.0.0.1", "192.168.77.1", "192.168.77.2"
HOME_PREFIX = "192.168.77.0/24"
# The chains that Debian's miniupnpd fills, empty.
ROUTER_RULES = """table inet filter {
  chain in {
    type filter hook input priority 0;
    iifname "street" ct state new drop
  }
  chain forward {
    type filter hook forward priority 0;
    policy drop;
    ct state established,related accept
    iifname "home" accept
    jump miniupnpd
  }
  chain miniupnpd {}
  chain prerouting {
    type nat hook prerouting priority -100;
    jump prerouting_miniupnpd
  }
  chain postrouting {
    type nat hook postrouting priority 100;
    jump postrouting_miniupnpd
    oifname "street" masquerade fully-random
  }
  chain prerouting_miniupnpd {}
  chain postrouting_miniupnpd {}
}
"""
OUTSIDE_RULES = """table inet filter {
  chain in {
    type filter hook input priority 0;
    iifname "street" meta l4proto udp ct state new drop
  }
}
"""


class Namespace:
    """A network namespace that lives as long as this object; `enter` are the words before a command in it."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec cat"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        assert self.holder.stdout.readline() == "ready\n"
        self.enter = ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net")

    def run(self, *words, text=None):
        return run(*self.enter, *words, text=text)

    def start(self, *words, **options):
        return subprocess.Popen([*self.enter, *words], preexec_fn=die_with_parent, **options)

    def close(self):
        self.holder.kill()
        self.holder.communicate()


class HomeNetwork:
    """Moves this very process outside, into a new namespace, for good."""

    def __init__(self):
        assert LIBC.unshare(CLONE_NEWNS | CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        run("mount", "--make-rprivate", "/")
        self.router, self.home = Namespace(), Namespace()
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "street", "type", "veth", "peer", "name", "street", "netns", str(self.router.holder.pid))
        self.router.run("ip", "link", "add", "home", "type", "veth", "peer", "name", "home", "netns", str(self.home.holder.pid))
        for enter, device, address in (((), "street", OUTSIDE), (self.router.enter, "street", WAN),
                                       (self.router.enter, "home", LAN), (self.home.enter, "home", HOME)):
            run(*enter, "ip", "address", "add", f"{address}/24", "dev", device)
            run(*enter, "ip", "link", "set", device, "up")
        for namespace in (self.router, self.home):
            namespace.run("ip", "link", "set", "lo", "up")
        self.router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        self.router.run("nft", "-f", "-", text=ROUTER_RULES)
        run("nft", "-f", "-", text=OUTSIDE_RULES)
        self.home.run("ip", "route", "add", "default", "via", LAN)

    def forwarded(self):
        """How many ports the router forwards into the home, as its kernel counts them."""
        return self.router.run("nft", "list", "chain", "inet", "filter", "prerouting_miniupnpd").count("dnat")

    @contextlib.contextmanager
    def service(self, port, at):
        """Makes LOOPBACK:port of outside reachable under the same name at home: a broker has to be on one's machine."""
        script = pathlib.Path(__file__).with_name("tcp_forward.py")
        there = f"{OUTSIDE}:{at}"
        outer = subprocess.Popen([sys.executable, script, there, f"{LOOPBACK}:{port}"], preexec_fn=die_with_parent)
        inner = self.home.start(sys.executable, str(script), f"{LOOPBACK}:{port}", there)
        listening = ("sh", "-c", f"grep -q ':{port:04X} 00000000:0000 0A' /proc/net/tcp")
        try:
            eventually(lambda: subprocess.run([*self.home.enter, *listening]).returncode == 0, "the way to the broker")
            yield
        finally:
            for process in (inner, outer):
                process.kill()
                process.wait()

    def close(self):
        for namespace in (self.home, self.router):
            namespace.close()
