#!/usr/bin/env python3
"""A network on loopback for a long time, with volunteers that come and go, and clients that download, upload, idle, send UDP
and come back: does anything grow, is a byte wrong, does a log say what it should not?

    scripts/soak [--minutes N]

Egress, broker, one volunteer and two clients stay all the time and are judged by the slope of their memory and descriptors;
four volunteers and a client come and go, in order (SIGTERM) and not (SIGKILL). Every 5 s of each process is in soak.csv,
the figures are lines of bench.jsonl (soak.*), all logs are in soak.logs. The load is small on purpose: it runs beside other things.
"""
import argparse
import collections
import contextlib
import csv
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests/e2e"), str(ROOT / "bench")]

import figures  # noqa: E402: found through the line above
import privacy  # noqa: E402
from chain import EXIT_LIMIT, Chain  # noqa: E402
from people import Far, People, Tally  # noqa: E402
from verdict import MIB, Sample, judge  # noqa: E402

SAMPLE_EVERY = 5.0     # seconds
LOOK_EVERY = 0.25      # seconds between two looks at who comes and goes
SHORTEST_WARM_UP, LONGEST_WARM_UP, WARM_UP_SHARE = 60.0, 600.0, 0.2  # seconds, seconds, of the whole
FEWEST_MINUTES = 3     # the warm-up, and enough samples after it
COMERS = 4             # volunteers
LIVES, AWAY = (15.0, 45.0), (0.0, 10.0)  # seconds
CLIENT_LIVES, CLIENT_AWAY = (20.0, 60.0), (1.0, 5.0)
RATE = "1MB"           # of a volunteer, per second
# What is said at warn because it is all on loopback, a test's volunteer has root, this machine may run tor, and a client's first volunteer dies under its
# hands: what that costs is seen where bytes are counted. Nothing else above notice is expected.
EXPECTED = re.compile("private-(?:candidates|destinations|egress)-allowed|runs-as-root|tor-here|"
                      "no-way-out why=(?:no-volunteer|link-failed|path-lost|path-silent)")
SAID = re.compile(r"\blevel=(?:err|warn) event=([a-z-]+(?: why=[a-z-]+)?)")


class Comer:
    """A program that comes and goes. `people`: who uses it while it is there; `chance`: how long it stays and how it ends."""

    def __init__(self, chain, start, lives, away, chance, people=lambda program: None):
        self.chance = chance
        self.chain, self.start, self.lives, self.away, self.people = chain, start, lives, away, people
        self.program = self.users = self.told = None
        self.due = time.monotonic()
        self.ways = collections.Counter()
        self.faults = []

    def look(self, now):
        if self.program is None:
            if now >= self.due:
                self.program = self.start()
                self.users = self.people(self.program)
                self.due = now + self.chance.uniform(*self.lives)
        elif not self.program.running:
            self._gone(now)
        elif self.told is None and now >= self.due:
            self.tell(now, self.chance.choice((signal.SIGTERM, signal.SIGKILL)))
        elif self.told is not None and now > self.due + EXIT_LIMIT:
            self.faults.append(f"{self.program.name} does not end")
            self.program.kill()

    def tell(self, now, number):
        if self.users:
            self.users.stop()
        self.told, self.due = number, now
        self.program.signal(number)

    def _gone(self, now):
        code = self.program.process.returncode
        expected = {signal.SIGTERM: 0, signal.SIGKILL: -signal.SIGKILL, None: None}[self.told]
        if code != expected:
            self.faults.append(f"{self.program.name} ended with {code}")
        if self.told:
            self.ways[self.told.name] += 1
        self.chain.programs.remove(self.program)
        self.program = self.told = None
        self.due = now + self.chance.uniform(*self.away)

    def leave(self):
        """In order, at the end of it all."""
        if self.program and self.program.running and self.told is None:
            self.tell(time.monotonic(), signal.SIGTERM)
            self.program.wait(EXIT_LIMIT)
        if self.program:
            self._gone(time.monotonic())


class Soak:
    def __init__(self, minutes, folder, seed):
        self.seed = seed
        self.seconds = minutes * 60
        self.warm_up = min(LONGEST_WARM_UP, max(SHORTEST_WARM_UP, WARM_UP_SHARE * self.seconds))
        self.folder = folder
        self.tally = Tally()
        self.samples = []
        self.events = collections.Counter()
        self.faults = []
        self.people, self.comers, self.clients = [], [], []
        self.ended = 0.0

    def run(self):
        """What goes wrong is a fault, and what was seen until then is judged and written all the same."""
        try:
            with Far() as self.far, Chain(self.far.addresses, egress_options=("--log-level", "notice"),
                                          broker_options=("--log-level", "notice")) as self.chain:
                try:
                    self._live()
                finally:
                    self._keep_logs()
        except (AssertionError, OSError, subprocess.SubprocessError, KeyboardInterrupt) as error:
            self.faults.append(f"it did not come to its end: {type(error).__name__} {error}".rstrip())

    def _live(self):
        began = time.monotonic()
        try:
            self._populate()
            began = time.monotonic()
            self._pass(began)
        finally:
            self.ended = time.monotonic() - began
            for people in self.people:
                people.stop()
        for people in self.people:
            people.join()
        for comer in self.comers:
            comer.leave()
        for client in self.clients:
            client.terminate()  # first, so that no volunteer waits for it

    def _populate(self):
        quiet = ("--log-level", "notice")
        self.chain.volunteer("--slots", "4", "--max-rate", RATE, *quiet, name="volunteer-stays")
        self.clients = [self.chain.client(*quiet, name=name) for name in ("client-busy", "client-idle")]
        self.people = [People(self.far, self.tally) for _ in self.clients]
        for use in ("download", "upload", "idle", "datagrams"):
            self.people[0].start(self.clients[0].port, use)
        self.people[1].start(self.clients[1].port, "burst")
        self.comers = [Comer(self.chain, lambda name=f"volunteer-{n + 1}": self.chain.volunteer(
            "--slots", "2", "--max-rate", RATE, *quiet, name=name, ready=False), LIVES, AWAY, random.Random(f"{self.seed} {n}")) for n in range(COMERS)]
        self.comers.append(Comer(self.chain, lambda: self.chain.client(*quiet, name="client-comes"), CLIENT_LIVES, CLIENT_AWAY,
                                 random.Random(f"{self.seed} client"), self._visit))

    def _visit(self, program):
        people = People(self.far, self.tally)
        people.start(program.port, "download")
        return people

    def _pass(self, began):
        sample_at, end = began, began + self.seconds
        while (now := time.monotonic()) < end:
            for comer in self.comers:
                comer.look(now)
            if now >= sample_at:
                self._sample(now - began)
                sample_at += SAMPLE_EVERY
            time.sleep(LOOK_EVERY)

    def _sample(self, seconds):
        for program in self.chain.programs:
            with contextlib.suppress(OSError, StopIteration):  # it has just ended
                self.samples.append(Sample(seconds, program.name, program.pid, program.memory(), program.descriptors(),
                                           program.threads()))

    def _keep_logs(self):
        """They go with the chain: what is judged is read now, and they are kept, for whoever looks for a fault."""
        logs = self.folder / "soak.logs"
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir(parents=True)
        for path in self.chain.folder.glob("*.log"):
            shutil.copy(path, logs)
            text = path.read_text(errors="replace")
            self.events.update(SAID.findall(text))
            self.faults += [f"{path.stem} betrays {leak}" for leak in privacy.leaks(text)]

    def judge(self):
        self.judgements = list(judge(self.samples, self.warm_up, self.ended))
        steady = {"egress", "broker", "volunteer-stays", *(client.name for client in self.clients)}
        missing = steady - {judgement.name for judgement in self.judgements}
        self.faults += [f"{name} did not live all the time, or was hardly looked at" for name in sorted(missing)]
        self.faults += [fault for judgement in self.judgements for fault in judgement.faults]
        self.faults += [fault for comer in self.comers for fault in comer.faults]
        self.faults += [f"{count} × event={event} above notice" for event, count in self.events.items() if not EXPECTED.fullmatch(event)]
        if self.tally.wrong:
            self.faults.append(f"{self.tally.wrong} bytes are wrong")
        if self.tally.failures:
            self.faults.append(f"{len(self.tally.failures)} transfers failed, the first: {self.tally.failures[0]}")
        if not self.tally.transfers or not self.tally.answers:
            self.faults.append("nothing was carried")
        return not self.faults

    def report(self):
        print(f"{self.ended / 60:.1f} min, of which the first {self.warm_up / 60:.1f} are not judged; a sample each {SAMPLE_EVERY:g} s\n")
        print(f"{'':16}{'RSS MiB':>9}{'at the end':>12}{'MiB/h':>8}{'at most':>9}   {'fds':>5}{'per h':>8}{'at most':>9}   threads")
        for j in self.judgements:
            print(f"{j.name:16}{j.rss_first:9.2f}{j.rss_last:12.2f}{j.rss_slope:8.2f}{j.rss_bound:9.2f}   "
                  f"{j.descriptors_most:5}{j.descriptors_slope:8.1f}{j.descriptors_bound:9.1f}   {j.threads[0]} to {j.threads[1]}")
        most = {}
        for sample in self.samples:
            most[sample.name] = max(most.get(sample.name, 0), sample.rss)
        judged = {judgement.name for judgement in self.judgements}
        print("\ncame and went, most MiB: " + ", ".join(f"{name} {rss / MIB:.1f}" for name, rss in most.items() if name not in judged))
        ways = sum((comer.ways for comer in self.comers), collections.Counter())
        print(f"departures: {ways['SIGTERM']} by SIGTERM, {ways['SIGKILL']} by SIGKILL")
        print(f"{self.tally.transfers} transfers, {self.tally.bytes / 1e6:.1f} MB, {self.tally.wrong} bytes wrong, "
              f"{self.tally.cut} cut off with their client; {self.tally.answers} of {self.tally.packets} UDP packets answered")
        print("said above notice: " + ", ".join(f"{count} × {event}" for event, count in sorted(self.events.items())))
        print("\n" + ("\n".join(self.faults) if self.faults else "Nothing grew, and every byte was right."))

    def write(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "soak.csv", "w", newline="") as file:
            table = csv.writer(file)
            table.writerow(("seconds", "name", "pid", "rss_bytes", "descriptors", "threads"))
            table.writerows((f"{s.seconds:.1f}", s.name, s.pid, s.rss, s.descriptors, s.threads) for s in self.samples)
        found = figures.Figures()
        found.add("soak.minutes", "min", self.ended / 60)
        found.add("soak.transferred_mb", "MB", self.tally.bytes / 1e6)
        found.add("soak.wrong_bytes", "bytes", self.tally.wrong)
        for judgement in self.judgements:
            found.add(f"soak.rss_slope.{judgement.name}", "MiB/h", judgement.rss_slope)
            found.add(f"soak.descriptors_slope.{judgement.name}", "1/h", judgement.descriptors_slope)
        path = self.folder / "bench.jsonl"
        others = [line for line in path.read_text().splitlines() if not line.startswith('{"name": "soak.')] if path.exists() else []
        path.write_text("".join(line + "\n" for line in [*others, *map(json.dumps, found.rows())]))


def main():
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120, help=f"how long (120), at least {FEWEST_MINUTES}; a short one sees only a fast leak")
    parser.add_argument("--program", type=pathlib.Path, default=os.environ.get("FOOTBRIDGE", ROOT / "build/release/footbridge"))
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build", help="folder of soak.csv, bench.jsonl and soak.logs (build)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of who comes and goes, when and how (drawn, and printed)")
    asked = parser.parse_args()
    if asked.minutes < FEWEST_MINUTES:
        parser.error(f"--minutes: in less than {FEWEST_MINUTES} nothing can be judged")
    print(f"seed {asked.seed}", flush=True)
    os.environ["FOOTBRIDGE"] = str(asked.program.resolve())
    soak = Soak(asked.minutes, asked.out, asked.seed)
    soak.run()
    good = soak.judge()
    soak.report()
    soak.write()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
