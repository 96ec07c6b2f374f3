#!/usr/bin/env python3
"""What programs say of themselves while they run: Prometheus' own tool finds nothing to complain of in it, there are few series, all
of them listed in the manual; and a person in a terminal, a tool and a container are told how each does."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import unittest

import privacy
import report
from chain import EXIT_LIMIT, LOOPBACK, binary, die_with_parent, eventually, with_common
from joined_network import SETTLED
from tester import TestedChain

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALERTS = ROOT / "packaging/prometheus"
LISTED_METRICS = set(re.findall(r"^\| `(footbridge_\w+)` \|", (ROOT / "docs/ops/metrics.md").read_text(), re.MULTILINE))
LISTED_KEYS = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/ops/monitoring.md").read_text(), re.MULTILINE))
MOST_SERIES = 1000
LABELS = {"echo", "kind", "le", "nat", "outcome", "queue", "reason", "status", "transport", "verdict", "version", "why"}
QUESTION_LIMIT = 20.0  # seconds for one question to all programs, on a loaded machine
OPEN_METRICS = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: application/openmetrics-text; version=1.0.0\r\n\r\n"
BY_HAND = ("volunteer", "--agreed", "--broker", "http://127.0.0.1:9/", "--egress", "ws://127.0.0.1:9/", "--allow-private-egress",
           "--allow-private-candidates", "--drain-timeout", "0s")
ENDINGS = {"counter": "_total", "info": "_info"}  # of OpenMetrics' samples, which its families do without


def families(text):
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def promtool():
    done = subprocess.run([ROOT / "scripts/unpacked", "prometheus"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest("prometheus is neither installed nor unpacked: scripts/setup test fetches it")
    return pathlib.Path(done.stdout.strip()) / "usr/bin/promtool"


def command(*words):
    return subprocess.run([binary(), *words], capture_output=True, text=True, timeout=QUESTION_LIMIT, check=False)


def ask_for_open_metrics(program):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(QUESTION_LIMIT)
        s.connect(str(program.admin_path))
        s.sendall(OPEN_METRICS)
        return b"".join(iter(lambda: s.recv(65536), b"")).decode()


class Monitoring(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """A network with TLS, invites, a tester and a netstate: everything registers all that it ever registers."""
        cls.network = cls.enterClassContext(TestedChain())
        netstate = cls.network.run("netstate", ["netstate", "--network", cls.network.path("net"), "--private-network", "--listen",
                                                f"{LOOPBACK}:0", *with_common([])]).ready()
        people = cls.network.invited("people", "--uses", "9")
        cls.running = {"broker": cls.network.brokers["broker-1"], "egress": cls.network.egress_program,
                       "netstate": netstate, "tester": cls.network.test_volunteers(), "volunteer": cls.network.lend("reza", people),
                       "connect": cls.network.connect("sara", people)}
        cls.texts = {name: program.admin("GET", "/metrics")[1] for name, program in cls.running.items()}

    def test_there_are_few_series_all_listed_with_labels_from_a_list(self):
        for name, text in self.texts.items():
            series = [line for line in text.splitlines() if line and not line.startswith("#")]
            self.assertGreater(len(series), 5, name)
            self.assertLessEqual(len(series), MOST_SERIES, name)
            self.assertLessEqual(set(families(text)), LISTED_METRICS, name)
            self.assertLessEqual(set(re.findall(r'[{,]([a-z_]+)="', text)), LABELS, name)

    def test_prometheus_finds_nothing_to_complain_of(self):
        tool = promtool()
        for name, text in self.texts.items():
            done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), name)
        for words in (["check", "rules", "footbridge.rules.yml"], ["test", "rules", "footbridge.rules.test.yml"]):
            done = subprocess.run([tool, *words], cwd=ALERTS, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_open_metrics_says_the_same(self):
        for name, program in self.running.items():
            answer = ask_for_open_metrics(program)
            self.assertIn("Content-Type: application/openmetrics-text; version=1.0.0", answer)
            self.assertTrue(answer.endswith("\n# EOF\n"))
            said = {family + ENDINGS.get(kind, "") for family, kind in families(answer).items()}
            self.assertEqual(said, set(families(self.texts[name])), name)

    def test_a_person_and_a_tool_are_told_what_each_program_does(self):
        for name, program in self.running.items():
            place = ("--admin", str(program.admin_path))
            text = command("status", *place)
            self.assertEqual((text.returncode, text.stderr), (0, ""))
            self.assertTrue(text.stdout.startswith(f"footbridge {name} "), text.stdout)
            self.assertIn(": ready, runs for ", text.stdout)
            told, = json.loads(command("status", "--json", *place).stdout)
            self.assertEqual((told["program"], told["state"]), (name, "ready"))
            self.assertLessEqual(set(told), LISTED_KEYS)
            self.assertEqual(command("health", *place).returncode, 0)
            scopes = program.admin("GET", "/debug/scopes")[1]
            self.assertIn("service: 1 scope", scopes)
            self.assertEqual(list(privacy.leaks(text.stdout + scopes)), [])

    def test_each_program_tells_what_it_is_there_for(self):
        status = {name: json.loads(program.admin("GET", "/status")[1]) for name, program in self.running.items()}
        self.assertGreaterEqual(status["broker"]["polls"], 1)
        self.assertEqual(status["broker"]["egresses"], 1)
        self.assertIn("slots_per_prefix=4", status["broker"]["limits"])
        self.assertGreaterEqual(status["egress"]["workers"], 1)
        self.assertEqual(status["egress"]["limits"], "max_sessions=1000")
        self.assertEqual((status["netstate"]["nodes"], status["netstate"]["reports"]), (0, 0), "nobody reports here")
        volunteer = status["volunteer"]
        self.assertLessEqual({"nat", "nat_means", "nat_advice", "helped", "helped_ever", "up_bytes", "month_bytes"}, set(volunteer))
        self.assertIn("slots=", volunteer["limits"])
        self.assertEqual("idle" in volunteer, volunteer["helping"] == 0)
        self.assertEqual(status["connect"]["networks"], 1)

    def test_times_are_taken_of_what_people_wait_for(self):
        for name, what in (("broker", "footbridge_broker_match_wait_seconds_count"), ("volunteer", "footbridge_link_setup_seconds_count")):
            eventually(lambda: self.running[name].metric(what) >= 1, f"{what} of sara", SETTLED)  # noqa: B023

    @contextlib.contextmanager
    def by_hand(self, state):
        """A volunteer of somebody who names no admin socket; no broker is there for him, and nothing is asked outside."""
        log = open(self.network.path("by-hand.log"), "a")
        with log, subprocess.Popen([binary(), *BY_HAND, "--state-dir", state], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   preexec_fn=die_with_parent, env={**os.environ, "RUNTIME_DIRECTORY": ""}) as program:
            try:
                yield program
            finally:
                program.send_signal(signal.SIGTERM)
                program.wait(EXIT_LIMIT)

    def test_who_runs_in_a_terminal_is_found_where_he_keeps_his_state(self):
        state = self.network.path("state-of-mina")
        place = ("--state-dir", state)
        sockets = lambda: sorted((path.name, path.stat().st_mode & 0o777) for path in pathlib.Path(state).glob("*.sock"))  # noqa: E731
        health = lambda answered: command("health", *place).stdout.count(": ready\n") == answered  # noqa: E731
        with self.by_hand(state) as first:
            eventually(lambda: health(1), "one is found, and ready", SETTLED)
            with self.by_hand(state):
                eventually(lambda: health(2), "both are found", SETTLED)
                self.assertEqual(sockets(), [("volunteer-2.sock", 0o600), ("volunteer.sock", 0o600)])
                first.kill()
                first.wait(EXIT_LIMIT)
                status = command("status", *place)
                self.assertEqual((status.returncode, status.stderr, status.stdout.count("footbridge volunteer ")), (0, "", 1),
                                 "what a killed one left is passed over")
        self.assertEqual(sockets(), [("volunteer.sock", 0o600)])
        for words in ("status", "health"):
            silent = command(words, *place)
            self.assertEqual((silent.returncode, silent.stdout), (1, ""))
            self.assertIn("nothing of Footbridge runs here", silent.stderr)


if __name__ == "__main__":
    report.main()
