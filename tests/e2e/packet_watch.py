"""To whom the programs of a network namespace send, as its kernel counts it: every destination of a TCP segment or a UDP
datagram, whether or not anybody is there. A test that knows who may hear something need not know who else might."""
import ipaddress
import json

import namespaces

# Packets to and from the door (a broker on loopback) are what a program is run with, and are not counted.
RULES = """table inet watch {
  set sent4 { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 65535; counter; }
  set sent6 { type ipv6_addr . inet_proto . inet_service; flags dynamic; size 65535; counter; }
  chain out {
    type filter hook output priority 0
    ip daddr 127.0.0.1 tcp dport %(door)d accept
    ip daddr 127.0.0.1 tcp sport %(door)d accept
    meta nfproto ipv4 meta l4proto { tcp, udp } update @sent4 { ip daddr . meta l4proto . th dport }
    meta nfproto ipv6 meta l4proto { tcp, udp } update @sent6 { ip6 daddr . meta l4proto . th dport }
  }
}
"""


class PacketWatch:
    """`there`: the words before a command in that namespace."""

    def __init__(self, there, door):
        self.there = there
        namespaces.run(*there, "nft", "-f", "-", text=RULES % {"door": door})

    def sent(self):
        """Packets by (address, protocol, port); since the beginning."""
        packets = {}
        for name in ("sent4", "sent6"):
            listing = json.loads(namespaces.run(*self.there, "nft", "-j", "list", "set", "inet", "watch", name))
            for element in (each["elem"] for part in listing["nftables"] for each in part.get("set", {}).get("elem", [])):
                address, protocol, port = element["val"]["concat"]
                packets[ipaddress.ip_address(address), protocol, port] = element["counter"]["packets"]
        return packets

    def packets(self, address, protocol, port):
        return self.sent().get((ipaddress.ip_address(address), protocol, port), 0)
