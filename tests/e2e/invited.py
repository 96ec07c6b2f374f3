#!/usr/bin/env python3
"""Brokers that ask for invites: who shows none that they know is refused, and told so; a use is given once, whatever is
restarted; who was revoked gets nobody and nobody gets him; and a group meets at its brokers, and nobody else there."""
import base64
import contextlib
import hashlib
import pathlib
import unittest

import chain
import curl
import report
import website
from joined_network import SETTLED, JoinedChain
from network_commands import fields

COMPARTMENT = 6  # in an invite
TOLD = 60.0      # seconds in which who was revoked has to hear of it
GUESTS = "footbridge_proxy_clients_helped_total"


class InvitedChain(JoinedChain):
    """Its network has these many brokers, and invites nobody by itself."""

    def __init__(self, brokers=1, **options):
        super().__init__(**options)
        ports = set()
        while len(ports) < brokers:
            ports.add(chain.free_port())
        self.ports = {f"broker-{number}": port for number, port in enumerate(ports, 1)}
        self.brokers = {}

    def start_broker(self, port=0):
        urls = [word for port in self.ports.values() for word in ("--broker-url", f"https://{chain.LOOPBACK}:{port}/")]
        self.network("new", "--name", "Friends", *urls, "--broker-cert", self.path("tls.pem"))
        descriptor = pathlib.Path(self.path("egress.toml")).read_text()
        with open(self.path("net/network.toml"), "a") as config:
            config.write(descriptor)
        pathlib.Path(self.path("keys.toml")).write_text(descriptor + f'key_file = "{self.path("leg.key")}"\n')
        self.network("directory")
        for name in self.ports:
            self.serve(name)
        return next(iter(self.brokers.values()))

    def serve(self, name):
        self.brokers[name] = self.run(
            name, ["broker", "--network", self.path("net"), "--name", name, "--listen", f"{chain.LOOPBACK}:{self.ports[name]}",
                   *self.tls, "--egress-file", self.path("keys.toml"), *chain.with_common(self.broker_options)],
            self.earlier()).ready()
        if self.clock:
            self.clock.set(0)

    def invited(self, name, *words):
        return self.network("invite", "--name", name, *words).split()[-1]

    def joined(self, device, invite):
        state = self.path(f"state-of-{device}")
        self.footbridge("join", "--yes", "--state-dir", state, text=invite)
        return state

    def lend(self, device, invite):
        return self.run(device, ["volunteer", "--allow-private-egress", "--allow-private-candidates", "--state-dir",
                                 self.joined(device, invite), *chain.with_common([])]).ready(SETTLED)

    def connect(self, device, invite):
        return self.run(device, ["connect", "--listen", f"{chain.LOOPBACK}:0", "--allow-private-candidates", "--state-dir",
                                 self.joined(device, invite), *chain.with_common([])]).ready(SETTLED)

    def order(self, invite):
        """The brokers' names as everybody in the group of this invite asks them."""
        letters = invite.removeprefix("footbridge1").upper()
        group = fields(base64.b32decode(letters + "=" * (-len(letters) % 8))[2:-4])[COMPARTMENT]
        return sorted(self.ports, reverse=True, key=lambda name: hashlib.blake2b(
            b"footbridge broker order 1\0" + group + name.encode(), digest_size=32).digest())


class Invited(unittest.TestCase):
    def setUp(self):
        self.site = self.enterContext(contextlib.closing(website.Website()))

    def start(self, **options):
        self.chain = self.enterContext(InvitedChain(allow=[self.site.address], **options))
        return self.chain

    def gets_out(self, client):
        chain.eventually(lambda: curl.fetch(client.port, "socks5h", self.site.url("/bytes/1000")).size == 1000,
                         "a page comes through", TOLD)

    def hears(self, program, *words):
        chain.eventually(lambda: all(word in program.log() for word in words), f"{program.name} says {words}", TOLD)

    def test_a_device_too_many_is_told_so_and_a_restart_gives_no_use_anew(self):
        network = self.start()
        network.lend("helper", network.invited("reza"))
        sara = network.invited("sara")
        phone = network.connect("phone", sara)
        self.gets_out(phone)
        laptop = network.connect("laptop", sara)
        self.hears(laptop, "event=no-way-out why=invite-used-up", "ask for one for this device")
        self.assertEqual(phone.terminate(), 0)
        self.assertEqual(laptop.terminate(), 0)
        network.brokers["broker-1"].kill()
        network.serve("broker-1")
        tablet = network.connect("tablet", sara)
        self.hears(tablet, "event=no-way-out why=invite-used-up")
        self.gets_out(network.connect("phone", sara))

    def test_who_was_revoked_gets_nobody_and_nobody_gets_him(self):
        network = self.start()
        helper = network.lend("helper", network.invited("reza"))
        sara = network.invited("sara")
        self.gets_out(network.connect("phone", sara))
        rules = pathlib.Path(network.path("net/broker-invites.toml"))
        before = rules.read_text()
        mina = network.invited("mina")
        rules.write_text(before)  # nobody copied it to the brokers yet
        stranger = network.connect("stranger", mina)
        self.hears(stranger, "event=no-way-out why=invite-needed", "ask who invited you for a new one")
        for name in ("reza", "sara"):
            network.network("revoke", "--name", name)
        self.hears(helper, "event=invite-refused why=invite-revoked", "your invite was taken back")
        self.hears(network.connect("laptop", sara), "event=no-way-out why=invite-revoked")
        self.assertEqual(network.brokers["broker-1"].metric("footbridge_broker_waiting_proxies"), 0)

    def test_a_group_and_everybody_else_never_meet(self):
        network = self.start()
        helpers = [network.lend("reza", network.invited("reza", "--compartment", "family", "--volunteer")),
                   network.lend("omar", network.invited("omar"))]
        for client in (network.connect("mina", network.invited("mina", "--compartment", "family")),
                       network.connect("sara", network.invited("sara"))):
            self.gets_out(client)
        broker = network.brokers["broker-1"]
        # Each wants a further path, and there is somebody who has room, but not for him.
        chain.eventually(lambda: broker.metric("footbridge_broker_waiting_offers") == 2 and
                         broker.metric("footbridge_broker_waiting_proxies") == 2, "both look for more", SETTLED)
        self.assertEqual([helper.metric(GUESTS) for helper in helpers], [1, 1])

    def test_a_group_meets_at_its_next_broker_when_the_first_is_down(self):
        network = self.start(brokers=3)
        reza = network.invited("reza", "--compartment", "family", "--volunteer")
        first, second, third = network.order(reza)
        network.brokers[first].kill()
        network.lend("reza", reza)
        self.gets_out(network.connect("mina", network.invited("mina", "--compartment", "family")))
        self.assertGreaterEqual(network.brokers[second].metric('footbridge_broker_matches_total{outcome="matched"}'), 1)
        self.assertEqual(network.brokers[third].metric("footbridge_broker_polls_total"), 0)


if __name__ == "__main__":
    report.main()
