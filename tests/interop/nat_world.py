"""Homes behind routers, as the kernel makes them: an internet in this process's network namespace, and for each home one
for the machine and, where there is a router, one for that.

    here: STUN, egress, broker, website ── 11.2.N.0/30 ── router N (nftables) ── 192.168.N.0/24 ── machine N

Rendezvous speaks plainly to 127.0.0.1 only, so each machine has a door there that leads to the broker's port here.
Nothing is left behind: the namespaces end with their processes."""
import ctypes
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import namespaces  # noqa: E402
from chain import LIBC, LOOPBACK, die_with_parent  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
STUN, STUN_TOO, EGRESS, SITE = "11.1.0.1", "11.1.0.2", "11.1.0.3", "11.1.0.4"
STUN_PORT, EGRESS_PORT = 3478, 8901

# Real routers take nothing from outside that nobody inside asked for. One without this rule keeps a connection for it.
CLOSED = "chain in { type filter hook input priority 0; iifname wan ct state new drop; }"
MASQUERADE = "chain out { type nat hook postrouting priority 100; oifname wan masquerade; }"
RANDOM = "chain out { type nat hook postrouting priority 100; oifname wan masquerade fully-random; }"
EXPOSED = "chain pre { type nat hook prerouting priority -100; iifname wan udp dport 1024-65535 dnat to %s; }"
# A machine's own firewall: what it asked for, and nothing else.
FIREWALL = "chain in { type filter hook input priority 0; iifname wan ct state != established drop; }"
NO_UDP = "chain out { type filter hook output priority 0; oifname != lo meta l4proto udp drop; }"

# kind: the router's rules (None: no router), the machine's.
KINDS = {
    "open": (None, []),
    "firewall": (None, [FIREWALL]),
    "no-udp": (None, [NO_UDP]),
    "exposed": ([CLOSED, MASQUERADE, EXPOSED], []),
    "masquerade": ([CLOSED, MASQUERADE], []),
    "random": ([CLOSED, RANDOM], []),
    "unruly": ([MASQUERADE], []),
}


class Namespace:
    """A network namespace that lives as long as this."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec cat"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        assert self.holder.stdout.readline() == "ready\n"
        self.wrapper = ("nsenter", f"--net=/proc/{self.pid}/ns/net")
        self.run("ip", "link", "set", "lo", "up")

    @property
    def pid(self):
        return self.holder.pid

    def run(self, *words, text=None):
        return namespaces.run(*self.wrapper, *words, text=text)

    def rules(self, chains):
        if chains:
            self.run("nft", "-f", "-", text="table ip home {\n" + "\n".join(chains) + "\n}\n")

    def close(self):
        self.holder.kill()
        self.holder.communicate()


def own_namespace():
    """This process has a network of its own from now on, which is the internet."""
    assert LIBC.unshare(namespaces.CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
    namespaces.run("ip", "link", "set", "lo", "up")
    pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def find_coturn():
    done = subprocess.run([ROOT / "scripts/unpacked", "coturn"], capture_output=True, text=True)
    if done.returncode != 0:
        return None
    program = pathlib.Path(done.stdout.strip(), "usr/bin/turnserver")
    return program if subprocess.run([program, "--version"], capture_output=True).returncode == 0 else None


def own_internet():
    """In setUpModule(): our own namespace with all of the addresses above, and a STUN server at two of them."""
    coturn = find_coturn()
    reason = namespaces.why_not(routers=True) or (None if coturn else "coturn is not on this machine (scripts/setup interop unpacks it)")
    if reason:
        raise unittest.SkipTest(reason)
    own_namespace()
    for address in (STUN, STUN_TOO, EGRESS, SITE):
        namespaces.run("ip", "address", "add", f"{address}/32", "dev", "lo")
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    server = subprocess.Popen(
        [coturn, "-n", "--stun-only", "--no-auth", f"--listening-ip={STUN}", f"--listening-ip={STUN_TOO}", "--no-cli", "--no-tls",
         "--no-dtls", f"--listening-port={STUN_PORT}", "--log-file=stdout", "--simple-log", f"--pidfile={folder.name}/pid",
         f"--userdb={folder.name}/db"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder.name,
        preexec_fn=die_with_parent)
    unittest.addModuleCleanup(server.wait)
    unittest.addModuleCleanup(server.kill)


class Home:
    def __init__(self, number, kind):
        router_rules, machine_rules = KINDS[kind]
        self.kind = kind
        self.outside = f"11.2.{number}.2"
        inside = f"192.168.{number}.2"
        self.machine = Namespace()
        self.router = Namespace() if router_rules is not None else None
        first = self.router or self.machine
        namespaces.run("ip", "link", "add", f"home{number}", "type", "veth", "peer", "name", "wan", "netns", str(first.pid))
        namespaces.run("ip", "address", "add", f"11.2.{number}.1/30", "dev", f"home{number}")
        namespaces.run("ip", "link", "set", f"home{number}", "up")
        first.run("ip", "address", "add", f"{self.outside}/30", "dev", "wan")
        first.run("ip", "link", "set", "wan", "up")
        first.run("ip", "route", "add", "default", "via", f"11.2.{number}.1")
        if self.router:
            self.router.run("ip", "link", "add", "lan", "type", "veth", "peer", "name", "lan", "netns", str(self.machine.pid))
            self.router.run("ip", "address", "add", f"192.168.{number}.1/24", "dev", "lan")
            self.router.run("ip", "link", "set", "lan", "up")
            self.router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
            self.router.rules([rule.replace("%s", inside) for rule in router_rules])
            self.machine.run("ip", "address", "add", f"{inside}/24", "dev", "lan")
            self.machine.run("ip", "link", "set", "lan", "up")
            self.machine.run("ip", "route", "add", "default", "via", f"192.168.{number}.1")
        self.machine.rules(machine_rules)
        self.doors = []

    @property
    def wrapper(self):
        return self.machine.wrapper

    def open_door(self, port):
        """127.0.0.1:port there leads to 127.0.0.1:port here."""
        self.doors.append(namespaces.listen_in(self.machine.pid, port))
        threading.Thread(target=_serve_door, args=(self.doors[-1], port), daemon=True).start()

    def close(self):
        for door in self.doors:
            door.close()
        self.machine.close()
        if self.router:
            self.router.close()


def _serve_door(door, port):
    while True:
        try:
            near, _ = door.accept()
        except OSError:
            return
        try:
            far = socket.create_connection((LOOPBACK, port))
        except OSError:
            near.close()
            continue
        for a, b in ((near, far), (far, near)):
            threading.Thread(target=_carry, args=(a, b), daemon=True).start()


def _carry(source, sink):
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            end.close()
