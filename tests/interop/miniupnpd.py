#!/usr/bin/env python3
"""A volunteer behind a router that we did not write (miniupnpd): by PCP and by UPnP its ports are forwarded while it
runs and not after; a killed one leaves leases that end. And somebody gets through whom nothing else would let in."""
import contextlib
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import curl  # noqa: E402
import home_network  # noqa: E402
import namespaces  # noqa: E402
import report  # noqa: E402
import website  # noqa: E402
from chain import LOOPBACK, Chain, eventually, with_common  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SLOTS = 2
PORTS = SLOTS + 1       # one rests
LEASE = 1200            # seconds; PortLeases::kLease
EGRESS_PORT, BROKER_DOOR = 8901, 8902
LIMIT = 25.0            # seconds in which a mapping is there or gone; two of them are SSDP's
CONFIG = """ext_ifname=street
listening_ip=home
enable_natpmp={pcp}
enable_upnp=yes
secure_mode=yes
lease_file={leases}
uuid=6f1c7a3e-0000-4000-8000-000000000001
allow 1024-65535 {prefix} 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
"""


def miniupnpd():
    done = subprocess.run([str(ROOT / "scripts/unpacked"), "miniupnpd-nftables"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest("miniupnpd is neither installed nor unpacked: scripts/setup interop fetches it")
    return pathlib.Path(done.stdout.strip()) / "usr/sbin/miniupnpd"


def setUpModule():
    if reason := namespaces.why_not(routers=True):
        raise unittest.SkipTest(reason)
    global NETWORK, DAEMON
    DAEMON = miniupnpd()
    NETWORK = home_network.HomeNetwork()


def tearDownModule():
    NETWORK.close()


class Miniupnpd(unittest.TestCase):
    def setUp(self):
        self.site = website.Website()
        self.addCleanup(self.site.close)
        self.chain = self.enterContext(Chain([self.site.address], egress_host=home_network.OUTSIDE, egress_port=EGRESS_PORT))
        self.enterContext(NETWORK.service(self.chain.broker_program.port, BROKER_DOOR))

    @contextlib.contextmanager
    def router(self, pcp):
        with tempfile.TemporaryDirectory() as folder:
            self.leases = pathlib.Path(folder) / "leases"
            config = pathlib.Path(folder) / "miniupnpd.conf"
            config.write_text(CONFIG.format(pcp="yes" if pcp else "no", leases=self.leases, prefix=home_network.HOME_PREFIX))
            process = NETWORK.router.start(str(DAEMON), "-d", "-f", str(config), "-P", f"{folder}/pid",
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                eventually(lambda: subprocess.run([*NETWORK.router.enter, "grep", "-q", ":076C ", "/proc/net/udp"]).returncode == 0,
                           "miniupnpd hears the home", LIMIT)
                yield
            finally:
                process.terminate()
                process.wait()
                for chain in ("prerouting_miniupnpd", "postrouting_miniupnpd", "miniupnpd"):
                    NETWORK.router.run("nft", "flush", "chain", "inet", "filter", chain)

    def volunteer(self, how):
        options = ["volunteer", "--broker", self.chain.broker_url, "--egress", self.chain.relay_url, "--slots", str(SLOTS),
                   "--allow-private-egress"]  # its address is public, but there is no TLS here
        program = self.chain.run("volunteer", [*options, *with_common([])], NETWORK.home.enter).ready()
        eventually(lambda: re.search(f"event=ports-mapped .*ports={PORTS} how={how}", program.log()), f"ports by {how}", LIMIT)
        self.assertEqual(NETWORK.forwarded(), PORTS)
        self.assertEqual(program.metric("footbridge_proxy_ports_mapped"), PORTS)
        return program

    def test_pcp_lets_somebody_in_and_takes_everything_back(self):
        with self.router(pcp=True):
            volunteer = self.volunteer("gateway")
            client = self.chain.client()
            page = curl.fetch(client.port, "socks5h", self.site.url("/bytes/100000"))
            self.assertEqual((page.exit, page.size), (0, 100_000), page.error)
            self.assertEqual(volunteer.terminate(), 0)
            self.assertEqual(NETWORK.forwarded(), 0)

    def test_upnp_takes_everything_back(self):
        with self.router(pcp=False):
            volunteer = self.volunteer("upnp")
            self.assertEqual(volunteer.terminate(), 0)
            self.assertEqual(NETWORK.forwarded(), 0)

    def test_what_a_killed_volunteer_leaves_behind_ends_with_its_lease(self):
        with self.router(pcp=False):
            self.volunteer("upnp").kill()
            ends = [int(line.split(":")[4]) for line in self.leases.read_text().splitlines()]
            self.assertEqual(len(ends), PORTS)
            for end in ends:
                self.assertLessEqual(end - time.time(), LEASE + 1)
                self.assertGreater(end - time.time(), LEASE / 2)


if __name__ == "__main__":
    report.main()
