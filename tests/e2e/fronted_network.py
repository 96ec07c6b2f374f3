#!/usr/bin/env python3
"""A network whose brokers are reached through fronts that its directory names: who watches sees visits to the front, the
broker's name is inside TLS only, nobody has more than two connections whatever is asked, and a way that worked is taken
again where it worked."""
import pathlib
import re
import tempfile
import threading
import time
import unittest

import curl
import namespaces
import report
import website
from chain import LIBC, LOOPBACK, eventually, with_common
from hardships import Clock, set_clock
from joined_network import SETTLED, JoinedChain
from kernel_connections import connections_at, connections_to
from tls_front import Front

FRONT_NAME, BROKER_NAME = "localhost", "broker.invalid"  # one that anybody can look up, one that nobody can
MINUTE = 60
WATCHED = 8.0  # seconds in which connections are counted
STARTS = 5     # of a client that draws its way, one in 32 always draws the same of two
HOME, WORK = "3c:a6:2f:00:00:01", "3c:a6:2f:00:00:02"  # routers


class FrontedChain(JoinedChain):
    """A chain whose directory names the broker behind each of `fronts`, and nowhere else."""

    def __init__(self, fronts, **options):
        super().__init__(**options)
        self.fronts = fronts

    def network(self, action, *words):
        out = super().network(action, *words)
        if action == "new":
            self.put_fronts(pathlib.Path(self.path("net/network.toml")))
        return out

    def put_fronts(self, config):
        text = config.read_text()
        broker_port = int(re.search(r'\nurl = "https://[^"]*:(\d+)/"', text)[1])
        pin = re.search(r"\n(tls_spki_sha256 = [^\n]*\n)", text)[1]
        addresses = ""
        for front in self.fronts:
            front.open(self.path("tls.pem"), self.path("tls.key"), broker_port)
            addresses += (f'[[broker.address]]\nurl = "https://{BROKER_NAME}/"\nfront = "{FRONT_NAME}:{front.port}"\n{pin}')
        before, _, rest = text.partition("[[broker.address]]")
        config.write_text(before + addresses + rest.partition(pin)[2])

    def kept(self, name):
        """Arguments of a program whose state has the newest directory already."""
        arguments = self.join(name)
        self.footbridge("join", "--yes", "--state-dir", arguments[1], "--directory", self.path("net/directory.signed"),
                        text=self.invite)
        return with_common(arguments)


class FrontedNetwork(unittest.TestCase):
    def fronted(self, fronts, **options):
        for front in fronts:
            self.addCleanup(front.close)
        self.site = website.Website()
        self.addCleanup(self.site.close)
        return self.enterContext(FrontedChain(fronts, allow=[self.site.address], **options))

    def test_brokers_are_reached_through_the_front_that_the_directory_names(self):
        front = Front()
        network = self.fronted([front])
        programs = network.volunteer(), network.client()
        got = curl.fetch(programs[1].port, "socks5h", self.site.url("/bytes/1000"))
        self.assertEqual(got.size, 1000, network.logs())
        self.assertEqual(set(front.names), {FRONT_NAME})
        self.assertEqual(set(front.hosts), {BROKER_NAME})
        for program in programs:
            self.assertIn("event=directory-taken", program.log())
            self.assertEqual(connections_to(program.pid, {network.broker_program.port}), 0, "past the front")

    def test_nobody_has_more_than_two_connections_while_the_directory_is_asked_for(self):
        """Of two ways one swallows what it is asked; what is kept of the directory is due for another, and serves."""
        if not set_clock().exists():
            self.skipTest("needs libset_clock.so beside the program (ninja set_clock)")
        clock = Clock(self.enterContext(tempfile.TemporaryDirectory()), "clock")
        clock.set(-50 * MINUTE)
        good, silent = Front(), Front(hands_on=False)
        ports = {good.port, silent.port}
        network = self.fronted([good, silent], directory_options=("--valid", "1h"), operators_clock=clock.wrapper())
        for kind, words in (("connect", ["--listen", f"{LOOPBACK}:0"]), ("volunteer", ["--allow-private-egress"])):
            with self.subTest(kind):
                program = network.run(f"{kind}-counted", [kind, *words, *network.kept(kind)]).ready()
                if kind == "connect":  # a search that finds nobody: its requests wait at the broker
                    threading.Thread(target=curl.fetch, args=(program.port, "http", self.site.url("/none")), daemon=True).start()
                swallowed, counts = len(silent.names), []
                give_up = time.monotonic() + WATCHED
                while time.monotonic() < give_up:
                    counts.append(connections_at(ports))
                    time.sleep(0.01)
                print(f"{kind}: {max(counts)} connections at most, {len(silent.names) - swallowed} of them swallowed")
                self.assertEqual(max(counts), 2, "both are in use, and no third" + network.logs())
                program.terminate()

    @unittest.skipIf(namespaces.why_not(), namespaces.why_not())
    def test_the_way_that_worked_is_taken_again_where_it_worked(self):
        self.assertEqual(LIBC.unshare(namespaces.CLONE_NEWNET), 0)
        for words in ("link set lo up", "link add here type veth peer name there", "link set there up", "link set here up",
                      "addr add 11.3.0.2/24 dev here", "route add default via 11.3.0.1",
                      f"neigh add 11.3.0.1 lladdr {HOME} dev here nud permanent"):
            namespaces.run("ip", *words.split())
        gone = Front()
        network = self.fronted([Front(), gone])
        gone.close()  # who tries it goes by the other way at once
        network.run("volunteer-1", ["volunteer", "--allow-private-egress", *network.kept("volunteer")]).ready()
        state = network.kept("client")
        memory = pathlib.Path(state[1], "way-order")
        lines = lambda: len(memory.read_text().splitlines())  # noqa: E731

        def visit(number):
            # One request for each, or the broker finds that this network asks too often.
            client = network.run(f"client-{number}", ["connect", "--listen", f"{LOOPBACK}:0", "--paths", "1", *state]).ready()
            eventually(lambda: curl.fetch(client.port, "http", self.site.url("/none")).status == 204, "a way out", SETTLED)
            client.terminate()
            return client.log()

        visit(0)
        self.assertEqual(lines(), 2, "a secret and a way")
        for number in range(1, STARTS + 1):
            self.assertNotIn("event=way-failed", visit(number))
        namespaces.run("ip", *f"neigh replace 11.3.0.1 lladdr {WORK} dev here nud permanent".split())
        visit(STARTS + 1)
        self.assertEqual(lines(), 3, "another network is another place")
        network.footbridge("join", "--yes", "--state-dir", state[1], "--forget", "Friends")
        self.assertFalse(memory.exists())


if __name__ == "__main__":
    report.main()
