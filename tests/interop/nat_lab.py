#!/usr/bin/env python3
"""Real address translation (the kernel's) and somebody else's STUN server (coturn): each machine finds out what it is
behind, strict ones are not given to each other while somebody better waits, and every pair that can connect does."""
import pathlib
import re
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import namespaces  # noqa: E402
import nat_world  # noqa: E402
import report  # noqa: E402
import website  # noqa: E402
from chain import Chain, eventually  # noqa: E402
from nat_world import EGRESS, EGRESS_PORT, SITE, STUN, STUN_PORT  # noqa: E402

LIMIT = 25  # seconds for anything to settle on a loaded machine
VERDICTS = {"open": "open", "exposed": "open", "firewall": "moderate", "masquerade": "moderate", "random": "strict",
            "unruly": "strict", "no-udp": "no-udp"}
WATCH = f"""table ip watch {{
  counter asked {{}}
  chain out {{ type filter hook output priority 0; udp dport {STUN_PORT} counter name asked; }}
}}
"""
# Who is met by whom, clients first: what the matcher makes, and RFC 4787's behaviours allow.
PAIRS = {"open": ("open", "masquerade", "random"), "masquerade": ("open", "masquerade"), "random": ("open",)}


def setUpModule():
    global chain, homes, site
    nat_world.own_internet()
    site = website.Website(SITE, port=80)
    unittest.addModuleCleanup(site.close)
    chain = unittest.enterModuleContext(Chain([site.address], egress_host=EGRESS, egress_port=EGRESS_PORT))
    homes = {}
    for number, kind in enumerate(nat_world.KINDS):
        homes[kind] = [nat_world.Home(2 * number, kind), nat_world.Home(2 * number + 1, kind)]
        for home in homes[kind]:
            unittest.addModuleCleanup(home.close)
            home.open_door(chain.broker_program.port)


def volunteer(kind, *options):
    home = homes[kind][0]
    arguments = [word for word in chain.volunteer_arguments("--stun", f"{STUN}:{STUN_PORT}", *options)
                 if word != "--allow-private-candidates"]
    name = f"volunteer-{kind}-{len(chain.programs)}"
    return chain.run(name, arguments, home.wrapper)


def client(kind, *options):
    arguments = [word for word in chain.client_arguments("--stun", f"{STUN}:{STUN_PORT}", "--paths", "1", *options)
                 if word != "--allow-private-candidates"]
    return chain.run(f"client-{kind}-{len(chain.programs)}", arguments, homes[kind][1].wrapper)


def verdict_of(program):
    shown = [name for name, value in program.metrics().items() if "_nat_info{" in name and value == 1]
    return shown[0].partition('verdict="')[2].partition('"')[0]


def measured(program, kind):
    eventually(lambda: verdict_of(program) == VERDICTS[kind], f"{kind} is {VERDICTS[kind]}, not {verdict_of(program)}", LIMIT)
    return program


def helped(program):
    return program.metric("footbridge_proxy_clients_helped_total")


def asked(home):
    """How many packets its kernel has seen leave for a STUN server."""
    return int(re.search(r"packets (\d+)", home.machine.run("nft", "list", "counter", "ip", "watch", "asked"))[1])


def stop(*programs):
    for program in programs:
        assert program.terminate() == 0, program.name


class NatLab(unittest.TestCase):
    def fetch(self, client_program, kind):
        """Through the client's own door, which is in its home."""
        done = subprocess.run([*homes[kind][1].wrapper, "curl", "-sS", "--max-time", str(LIMIT), "-x",
                               f"socks5h://127.0.0.1:{client_program.port}", site.url("/bytes/100000")], capture_output=True)
        self.assertEqual(done.returncode, 0, f"{done.stderr.decode()}\n{client_program.log()[-2000:]}")
        self.assertEqual(done.stdout, website.noise(100_000))

    def test_each_machine_finds_out_what_it_is_behind(self):
        programs = {kind: volunteer(kind) for kind in VERDICTS}
        for kind, program in programs.items():
            measured(program.ready(), kind)
        self.assertIn("event=no-udp", programs["no-udp"].log())
        self.assertIn("means=", programs["random"].log())
        stop(*programs.values())

    def test_every_pair_that_can_connect_does(self):
        for theirs in ("open", "masquerade", "random"):
            helper = measured(volunteer(theirs).ready(), theirs)
            for count, ours in enumerate((kind for kind, met in PAIRS.items() if theirs in met), 1):
                with self.subTest(client=ours, volunteer=theirs):
                    # A client does not measure filtering, so who is open says so.
                    asker = client(ours, *(["--nat", "open"] if ours == "open" else [])).ready()
                    self.fetch(asker, ours)
                    eventually(lambda: helped(helper) == count, "that volunteer helped", LIMIT)
                    stop(asker)
            stop(helper)

    def test_strict_ones_are_not_given_to_each_other_while_somebody_better_waits(self):
        # The best one comes last: whoever chooses by age chooses wrongly.
        helpers = {kind: volunteer(kind).ready() for kind in ("random", "masquerade", "open")}
        for kind, helper in helpers.items():
            measured(helper, kind)
        asker = client("random").ready()
        self.fetch(asker, "random")
        eventually(lambda: helped(helpers["open"]) == 1, "the open one helped", LIMIT)
        stop(asker, *helpers.values())
        for kind in ("random", "masquerade"):  # not even tried: a volunteer says what became of each match
            self.assertNotIn("event=match-outcome", helpers[kind].log())
            self.assertNotIn("event=link-", helpers[kind].log())

    def test_a_list_of_servers_nine_in_ten_of_which_are_dead_costs_little(self):
        """Both ends need one: neither lets in whom it has not sent to."""
        dead = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(9)]
        for each in dead:
            self.addCleanup(each.close)
            each.bind((STUN, 0))
        for number in range(3):  # whom a link asks is a matter of chance
            with self.subTest(number):
                lists = [word for each in dead for word in ("--stun", "%s:%d" % each.getsockname())]
                helper = volunteer("masquerade", *lists).ready()
                began = time.monotonic()
                asker = client("masquerade", *lists).ready()
                self.fetch(asker, "masquerade")
                took = time.monotonic() - began
                print(f"first page with one server in ten alive after {took:.1f} s", file=sys.stderr)
                self.assertLess(took, 20)
                stop(asker, helper)

    def test_servers_that_die_are_said_soon_after_they_are_needed_and_that_they_are_back(self):
        first = measured(volunteer("masquerade").ready(), "masquerade")
        asker = client("masquerade").ready()
        self.fetch(asker, "masquerade")
        measured(asker, "masquerade")
        namespaces.run("nft", "add table ip dead")
        self.addCleanup(subprocess.run, ["nft", "delete table ip dead"], stderr=subprocess.DEVNULL)
        namespaces.run("nft", f"add chain ip dead in {{ type filter hook input priority 0; }}; add rule ip dead in udp dport {STUN_PORT} drop")
        stop(first)  # whose client needs another one
        began = time.monotonic()
        eventually(lambda: "event=no-udp" in asker.log(), "the client says that no server answers", LIMIT)
        took = time.monotonic() - began
        print(f"dead servers said after {took:.1f} s", file=sys.stderr)
        self.assertLess(took, 20)  # ten where nothing else runs
        namespaces.run("nft", "delete table ip dead")
        second = volunteer("masquerade").ready()
        measured(asker, "masquerade")
        self.fetch(asker, "masquerade")
        stop(asker, second)

    def test_no_server_is_asked_that_nobody_has_named(self):
        for home in homes["open"]:
            home.machine.run("nft", "-f", "-", text=WATCH)
        quiet = [chain.run("volunteer-quiet", [word for word in chain.volunteer_arguments() if word != "--allow-private-candidates"],
                           homes["open"][0].wrapper).ready(),
                 chain.run("client-quiet", [word for word in chain.client_arguments() if word != "--allow-private-candidates"],
                           homes["open"][1].wrapper).ready()]
        self.fetch(quiet[1], "open")  # over UDP, between addresses of their own
        self.assertEqual([asked(home) for home in homes["open"]], [0, 0])
        stop(*reversed(quiet))
        loud = measured(volunteer("open").ready(), "open")
        self.assertGreater(asked(homes["open"][0]), 0, "the counter counts")
        stop(loud)


if __name__ == "__main__":
    report.main()
