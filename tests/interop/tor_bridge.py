#!/usr/bin/env python3
"""The real tor judges our transport, in a private network of four tors and with the torrc lines of docs/ops/tor.md:

    tor_bridge.py --program PATH --build FOLDER [--runs N] [CASE …]

A tor behind our client, broker, two volunteers and server bootstraps and fetches; it does not notice that a volunteer
dies; it says and hears what goptlib's reference transport does; it is back soon after a transport was killed; and nothing
of it all survives tor. --runs does everything N times, in a new network each time, and says how often it went well."""
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "bench")]
import curl  # noqa: E402
import figures  # noqa: E402
import goptlib_pair  # noqa: E402
import privacy  # noqa: E402
import pt_transcript  # noqa: E402
import report  # noqa: E402
import tor_figures  # noqa: E402
import tor_network  # noqa: E402
import tor_world  # noqa: E402
import torrc_page  # noqa: E402
import website  # noqa: E402
from chain import eventually  # noqa: E402

PAGE_BYTES = 100_000
DOWNLOAD_BYTES = 50_000_000
CARRIED_BYTES = 1_000_000  # moved by a volunteer: it is in use
DOWNLOAD_LIMIT = 90.0      # seconds
BOOTSTRAP_LIMIT = 60.0     # seconds, of the client's start to 100 %
RETURN_LIMIT = 30.0        # seconds from a transport's death to the next page
ONE_TRY = "4"              # seconds of one try to get that page
DEATH_LIMIT = 20.0         # seconds that a transport may live after its tor
world = None
build_folder = None


def setUpModule():
    global world
    reason = tor_world.why_not()
    if reason:
        raise unittest.SkipTest(reason)
    world = tor_world.World(build_folder).__enter__()


def tearDownModule():
    if world:
        world.__exit__(*sys.exc_info())


class TorBridge(unittest.TestCase):
    def setUp(self):
        self.chain = world  # whose logs a failure shows
        self.client = None
        self.addCleanup(self.stop_client)

    def stop_client(self):
        if self.client and self.client.running:
            self.client.stop()

    def start(self, start_client, *arguments, **options):
        self.client = start_client(*arguments, **options)
        took = self.client.wait_for_bootstrap(BOOTSTRAP_LIMIT)
        print(f"100 % after {took:.1f} s")
        return self.client

    def check_page(self):
        got = curl.fetch(self.client.socks_port, "socks5h", world.site.url(f"/bytes/{PAGE_BYTES}"))
        self.assertEqual((got.status, got.sha256), (200, website.sha256(website.noise(PAGE_BYTES))), got.error)

    def carrying(self):
        """The volunteer through which data moves now."""
        def carried(volunteer):
            return volunteer.metric("footbridge_proxy_relayed_down_bytes_total")
        before = [(volunteer, carried(volunteer)) for volunteer in world.volunteers if volunteer.running]
        moving = eventually(lambda: [v for v, had in before if carried(v) > had + CARRIED_BYTES], "a volunteer carries the download")
        return moving[0]

    def check_circuit(self, events, target):
        """The download had one circuit from its beginning to its end, and its first relay was never lost."""
        number = next(words[1] for words in events if words[:1] == ["STREAM"] and words[4:5] == [target])
        states = [(words[2], words[3]) for words in events if words[:2] == ["STREAM", number]]
        circuits = {circuit for _, circuit in states if circuit != "0"}
        self.assertEqual(len(circuits), 1, states)
        self.assertNotIn("DETACHED", [state for state, _ in states])
        closed = events.index(next(words for words in events if words[:3] == ["STREAM", number, "CLOSED"]))
        broken = [words for words in events[:closed]
                  if (words[0] == "CIRC" and words[1] in circuits and words[2] in ("CLOSED", "FAILED"))
                  or (words[0] == "ORCONN" and words[2] in ("CLOSED", "FAILED"))]
        self.assertEqual(broken, [])

    def test_a_download_over_tor_does_not_notice_that_its_volunteer_dies(self):
        """PT-1, PT-9. The line that the egress wrote for its operator to give away is the one on the page."""
        self.assertIn(world.client_lines(FINGERPRINT="FINGERPRINT", BROKER="BROKER")[-1], world.operators_file())
        self.start(world.start_client)
        self.check_page()
        with self.client.control() as control:
            control.command("SETEVENTS STREAM CIRC ORCONN")
            began = time.monotonic()
            download = curl.start(self.client.socks_port, "socks5h", world.site.url(f"/bytes/{DOWNLOAD_BYTES}"))
            self.addCleanup(download.close)
            self.carrying().kill()
            self.assertTrue(download.running, "the download was over before the volunteer died")
            self.assertEqual(download.finish(DOWNLOAD_LIMIT), (0, website.sha256(website.noise(DOWNLOAD_BYTES))))
            print(f"{DOWNLOAD_BYTES / 1e6 / (time.monotonic() - began):.1f} MB/s")
            self.check_circuit([event.split() for event in control.collect()], world.site.address)
        self.check_log()
        world.replace_volunteers()

    def test_the_page_quotes_what_our_programs_say(self):
        lines, words = torrc_page.our_log_lines(), torrc_page.our_words()
        self.assertGreater(len(lines), 10)
        self.assertEqual([line for line in lines if line not in words], [])

    def test_tor_and_the_reference_say_and_hear_the_same(self):
        """PT-3: standard output, SOCKS and the extended ORPort, as goptlib's pair and tor speak them."""
        if not world.dummy:
            self.skipTest(goptlib_pair.why_not())
        states = {}
        with world.tapped_bridge():
            for name, start in (("dummy", world.start_dummy_client), (tor_world.NAME, world.start_client)):
                states[name] = self.start(start, tap=True).bootstrap_states()
                self.check_page()
                self.client.stop()
        for role in ("client", "server"):
            theirs, ours = (pt_transcript.shapes(world.transcript(f"{name}-{role}"), name) for name in ("dummy", tor_world.NAME))
            self.assertEqual(ours, theirs)
        self.assertEqual(states[tor_world.NAME], states["dummy"])

    def test_is_back_soon_after_it_was_killed_and_does_not_survive_its_tor(self):
        """PT-7. The server comes back with the same keys, or the bridge line would be worth nothing."""
        self.start(world.start_client)
        for tor in (self.client, world.bridge):
            with self.subTest(f"the transport of {tor.name}"):
                self.check_return(tor)
        self.client.kill()  # it cannot say goodbye
        eventually(lambda: not world.orphans(), "the client's transport ends", DEATH_LIMIT)
        world.bridge.kill()
        self.addCleanup(world.restart_bridge)
        eventually(lambda: not world.orphans(), "the bridge's transport ends", DEATH_LIMIT)

    def test_the_bench_measures_its_bootstrap_beside_a_plain_bridge_and_the_reference(self):
        found = figures.Figures()
        tor_figures.measure(found, world, 1)
        rows = {row["name"]: row["value"] for row in found.rows()}
        ways = ("plain", "goptlib") if world.dummy else ("plain",)
        self.assertEqual(set(rows), {"tor.bootstrap_s", *(f"tor.{way}.bootstrap_s" for way in ways),
                                     *(f"tor.bootstrap_ratio_to_{way}" for way in ways)})
        self.assertTrue(all(0.1 < value < BOOTSTRAP_LIMIT for value in rows.values()), rows)

    def check_return(self, tor):
        self.check_page()
        before = tor_world.transport(tor)
        ports = tor_network.listeners()
        os.kill(before, signal.SIGKILL)
        began = time.monotonic()
        eventually(lambda: tor_world.transport(tor) not in (None, before), "tor starts its transport again", RETURN_LIMIT)
        relaunched = time.monotonic() - began

        def page():
            got = curl.fetch(self.client.socks_port, "socks5h", world.site.url("/none"), "--max-time", ONE_TRY)
            return got.status == 204
        eventually(page, "a page comes through again", RETURN_LIMIT)
        print(f"relaunched after {relaunched:.1f} s, a page after {time.monotonic() - began:.1f} s")
        self.assertLess(time.monotonic() - began, RETURN_LIMIT)
        self.assertEqual(len(tor_network.listeners()), len(ports), "listeners are left")
        self.assertEqual(world.orphans(), {})

    def check_log(self):
        """tor shows its log to its owner, who passes it on when he asks for help: it names nobody."""
        said = [line.partition("] ")[2] for tor in (self.client, world.bridge) for line in tor.log().splitlines()
                if re.search("[Mm]anaged proxy", line)]
        self.assertEqual(privacy.leaks("\n".join(said)), [])


def runs(count, words):
    """Each in a process of its own; (verdicts, seconds)."""
    seconds, good = [], 0
    for number in range(count):
        began = time.monotonic()
        done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False)
        seconds.append(time.monotonic() - began)
        good += done.returncode == 0
        boots = [line for line in done.stdout.splitlines() if "100 %" in line or "MB/s" in line]
        print(f"run {number + 1}: {'good' if done.returncode == 0 else 'FAILED'} in {seconds[-1]:.1f} s; {', '.join(boots)}", flush=True)
        if done.returncode != 0:
            print(done.stdout[-8000:], done.stderr[-8000:], flush=True)
    print(f"{good} of {count} runs good; {min(seconds):.1f} s, median {statistics.median(seconds):.1f}, at most {max(seconds):.1f}")
    return 0 if good == count else 1


def main():
    global build_folder
    words = sys.argv[1:]
    if "--runs" in words:
        at = words.index("--runs")
        return runs(int(words[at + 1]), words[:at] + words[at + 2:])
    at = words.index("--build")
    build_folder = words[at + 1]
    sys.argv[1:] = words[:at] + words[at + 2:]
    return report.main()


if __name__ == "__main__":
    sys.exit(main())
