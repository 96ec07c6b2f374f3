"""Two network namespaces of our own: the test with everybody else in one, the egress in the other, a cable in between.

    here (test, client, volunteer, broker)                      there (egress)
      CABLE_HERE ─────────────────── veth ─────────────────── CABLE_THERE, default route to here
      PUBLIC addresses: websites and a name server

Packets from there to any address outside are routed over the cable, so nothing is stopped by a missing route; an
nftables counter there counts those to denied prefixes. Nothing is left behind: the namespaces end with their processes.
"""
import ctypes
import os
import re
import shutil
import socket
import struct
import subprocess
import threading

from chain import LIBC, LOOPBACK, die_with_parent, eventually

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
CABLE_HERE, CABLE_THERE = "11.0.0.1", "11.0.0.2"
CABLE6_HERE, CABLE6_THERE = "2a02:1::1", "2a02:1::2"
PUBLIC, PUBLIC6, NAME_SERVER = "11.1.0.1", "2a02:2::1", "11.2.0.1"

# What no packet of an egress may ever go to; all that is not global unicast, and what carries IPv4 inside IPv6.
DENIED4 = ("0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 168.63.129.16/32, 169.254.0.0/16, 172.16.0.0/12, "
           "192.0.0.0/24, 192.0.2.0/24, 192.88.99.0/24, 192.168.0.0/16, 198.18.0.0/15, 198.51.100.0/24, 203.0.113.0/24, "
           "224.0.0.0/3")
DENIED6 = ("::/3, 2001::/23, 2001:db8::/32, 2002::/16, 2606:4700::5efe:0:0/96, 2606:4700::200:5efe:0:0/96, 3fff::/20, 4000::/2, "
           "8000::/1")
RULES = f"""table inet wall {{
  counter denied {{}}
  counter asked {{}}
  set denied4 {{ type ipv4_addr; flags interval; elements = {{ {DENIED4} }} }}
  set denied6 {{ type ipv6_addr; flags interval; elements = {{ {DENIED6} }} }}
  chain out {{
    type filter hook output priority 0;
    tcp flags & (syn | ack) == syn counter name asked
    ip daddr @denied4 tcp flags & (syn | ack) == syn counter name denied
    ip6 daddr @denied6 tcp flags & (syn | ack) == syn counter name denied
    ip daddr @denied4 meta l4proto udp counter name denied
    ip6 daddr @denied6 meta l4proto udp counter name denied
  }}
}}
"""


def why_not(routers=False):
    """Why namespaces cannot be made and set up here, `routers` if one of them is to forward; None: they can."""
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    missing = [tool for tool in ("ip", "nft", "nsenter", "mount") if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin")]
    if missing:
        return f"needs {', '.join(missing)} (scripts/setup test installs it)"
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode != 0:
        return "this machine does not allow network namespaces"
    # A container may make them, and yet not set them up.
    inside = [("ip link set lo up", "this machine does not allow to set up a network namespace (CAP_NET_ADMIN)")]
    if routers:
        inside.append(("echo 1 > /proc/sys/net/ipv4/ip_forward", "nothing may forward here: /proc/sys cannot be written"))
    for command, reason in inside:
        if subprocess.run(["unshare", "--net", "--mount", "sh", "-c", command], capture_output=True).returncode != 0:
            return reason
    return None


def run(*words, text=None):
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done.stdout


def addresses(device):
    """Of a device of this namespace."""
    return re.findall(r" inet6? ([^/ ]+)", run("ip", "-oneline", "address", "show", "dev", device))


def listen_in(pid, port):
    """A socket of ours that listens at LOOPBACK:port of the namespace of that process."""
    made = []

    def make():  # in a thread of its own: it is in the other namespace for good
        with open(f"/proc/{pid}/ns/net", "rb") as there:
            assert LIBC.setns(there.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        made.append(socket.create_server((LOOPBACK, port), backlog=64))

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    thread.join()
    return made[0]


class TwoNamespaces:
    """Moves this very process into a new network and mount namespace, for good; `there` is the other one."""

    def __init__(self, resolv_conf):
        assert LIBC.unshare(CLONE_NEWNS | CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        run("mount", "--make-rprivate", "/")
        resolv_conf.write_text(f"nameserver {NAME_SERVER}\noptions timeout:1 attempts:2\n")
        run("mount", "--bind", str(resolv_conf), "/etc/resolv.conf")
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec cat"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        assert self.holder.stdout.readline() == "ready\n"
        self.there = ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net")
        run("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", str(self.holder.pid))
        for where, v4, v6 in (((), CABLE_HERE, CABLE6_HERE), (self.there, CABLE_THERE, CABLE6_THERE)):
            run(*where, "ip", "link", "set", "lo", "up")
            run(*where, "ip", "address", "add", f"{v4}/24", "dev", "cable")
            run(*where, "ip", "address", "add", f"{v6}/64", "dev", "cable", "nodad")
            run(*where, "ip", "link", "set", "cable", "up")
        for where in ((), self.there):  # until then ICE finds no address there
            eventually(lambda: "state UP" in run(*where, "ip", "link", "show", "cable"), "the cable carries")
        for address in (PUBLIC, NAME_SERVER):
            run("ip", "address", "add", f"{address}/32", "dev", "lo")
        run("ip", "address", "add", f"{PUBLIC6}/128", "dev", "lo", "nodad")
        run(*self.there, "ip", "route", "add", "default", "via", CABLE_HERE)
        run(*self.there, "ip", "-6", "route", "add", "default", "via", CABLE6_HERE)
        run(*self.there, "nft", "-f", "-", text=RULES)

    def packets(self, counter):
        """How many packets of the egress's namespace `denied` or `asked` has seen."""
        return int(re.search(r"packets (\d+)", run(*self.there, "nft", "list", "counter", "inet", "wall", counter))[1])

    def close(self):
        self.holder.kill()
        self.holder.communicate()


class NameServer:
    """A DNS server over UDP (RFC 1035): `zone` maps a name to a function of how often it was asked, which returns
    addresses. Other names do not exist."""

    TYPES = {1: socket.AF_INET, 28: socket.AF_INET6}

    def __init__(self, zone):
        self.zone = zone
        self.asked = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((NAME_SERVER, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                query, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            self.socket.sendto(self._answer(query), sender)

    def _answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode(errors="replace"))
            at += 1 + query[at]
        kind, = struct.unpack_from("!H", query, at + 1)
        question = query[12:at + 5]
        name = ".".join(labels).lower()
        records = []
        if name in self.zone and kind in self.TYPES:
            times = self.asked.get((name, kind), 0)
            self.asked[name, kind] = times + 1
            for address in self.zone[name](times):
                if (":" in address) == (kind == 28):
                    data = socket.inet_pton(self.TYPES[kind], address)
                    records.append(struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(data)) + data)
        flags = 0x8180 if name in self.zone else 0x8183
        return query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question + b"".join(records)

    def close(self):
        self.socket.close()
