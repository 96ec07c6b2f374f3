#!/usr/bin/env python3
"""docs/ops/run-a-network.md and the README, as a reader would follow them: the commands come out of the page and run as they
stand, on three machines that share nothing but the network. Only the server's address is another one, because the page's is
nobody's."""
import ctypes
import os
import pathlib
import pty
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import namespaces
import privacy
import report
import website
from chain import LIBC, POLL, binary, die_with_parent
from curl import CLEAN_ENVIRONMENT
from home_network import Namespace
from namespaces import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- run by tests/e2e/run_a_network.py: (\w+) -->\n```\n(.*?)```", re.DOTALL)
SERVER, REZA, SARA = 3, 4, 5  # their networks are 11.N.0.0/24, and each is 2 in its own
WORDS = re.compile(r"fingerprint: +((?:[a-z]{5} ){5}[a-z]{5})\r?\n")
LIMIT = 60.0  # seconds for one command, or for what it starts to be ready, on a loaded machine
PAGE_TEXT = b"what nobody was to see\n"


def commands_of(page):
    """Its blocks by name."""
    return {name: text.replace("203.0.113.7", f"11.{SERVER}.0.2") for name, text in BLOCK.findall((ROOT / page).read_text())}


class Internet:
    """Moves this very process into the middle of it, a new namespace, for good: websites and names are here, and cables lead
    to machines that are nobody's neighbours."""

    def __init__(self, resolv_conf):
        assert LIBC.unshare(namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        run("mount", "--make-rprivate", "/")
        resolv_conf.write_text(f"nameserver {namespaces.NAME_SERVER}\noptions timeout:1 attempts:2\n")
        run("mount", "--bind", str(resolv_conf), "/etc/resolv.conf")
        run("ip", "link", "set", "lo", "up")
        for address in (namespaces.PUBLIC, namespaces.NAME_SERVER):
            run("ip", "address", "add", f"{address}/32", "dev", "lo")
        pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")

    def plug_in(self, machine, network):
        cable = f"cable{network}"
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "cable", "netns", str(machine.holder.pid))
        for where, device, host in ((run, cable, 1), (machine.run, "cable", 2)):
            where("ip", "address", "add", f"11.{network}.0.{host}/24", "dev", device)
            where("ip", "link", "set", device, "up")
        machine.run("ip", "link", "set", "lo", "up")
        machine.run("ip", "route", "add", "default", "via", f"11.{network}.0.1")


class Machine:
    """Somebody's home directory, and a shell in it. `wrapper`: where the shell is. `commands`: what he reads."""

    def __init__(self, folder, wrapper, commands):
        self.folder, self.wrapper, self.commands = folder, wrapper, commands
        folder.mkdir()
        kept = {key: value for key, value in CLEAN_ENVIRONMENT.items()
                if not key.startswith(("XDG_", "FB_", "STATE_DIRECTORY"))}
        # Of the volunteer's question before its first start: nobody is at a terminal here (consent.py).
        self.environment = kept | {"FB_VOLUNTEER__AGREED": "true", "HOME": str(folder), "PATH": f"{pathlib.Path(binary()).parent}:{os.environ['PATH']}"}

    def shell(self, command, **more):
        return [*self.wrapper, "sh", "-ec", command], dict(cwd=self.folder, env=self.environment, preexec_fn=die_with_parent, **more)

    def run(self, name):
        """What a block of the page says on standard output."""
        words, how = self.shell(self.commands[name], capture_output=True, text=True, timeout=LIMIT)
        done = subprocess.run(words, stdin=subprocess.DEVNULL, **how)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, name):
        return Resident(self, name)

    def join(self, invite):
        """Pastes into a terminal and says yes; the six words that are shown."""
        ours, theirs = pty.openpty()
        words, how = self.shell(self.commands["join"], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        process = subprocess.Popen(words, **how)
        try:
            hear(ours, b"Enter:\r\n")
            os.write(ours, invite.encode() + b"\n")
            said = hear(ours, b"[y/N] ")
            os.write(ours, b"y\n")
            assert process.wait(LIMIT) == 0, said
            return WORDS.search(said)[1]
        finally:
            process.kill()
            process.wait()
            for end in (ours, theirs):
                os.close(end)


def hear(terminal, words):
    said, give_up = b"", time.monotonic() + LIMIT
    while words not in said:
        assert time.monotonic() < give_up, said
        if select.select([terminal], [], [], POLL)[0]:
            said += os.read(terminal, 65536)
    return said.decode(errors="replace")


class Resident:
    """A command that goes on running, from when it is ready."""

    def __init__(self, machine, name):
        self.name, self.log_path = name, machine.folder / f"{name}.log"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(self.log_path, "wb") as log:
            notify.bind(str(machine.folder / f"{name}.notify"))
            notify.settimeout(POLL)
            words, how = machine.shell("exec " + machine.commands[name], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            how["env"] = how["env"] | {"NOTIFY_SOCKET": str(machine.folder / f"{name}.notify")}
            self.process = subprocess.Popen(words, **how)
            give_up = time.monotonic() + LIMIT
            while not self.is_ready(notify):
                assert self.process.poll() is None and time.monotonic() < give_up, f"{name} does not get ready: {self.log()}"

    @staticmethod
    def is_ready(notify):
        try:
            return b"READY=1" in notify.recv(4096)
        except TimeoutError:
            return False

    def log(self):
        return self.log_path.read_text(errors="replace")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(LIMIT)
        finally:
            self.process.kill()
            self.process.wait()


@unittest.skipIf(namespaces.why_not(routers=True), namespaces.why_not(routers=True))
class RunANetwork(unittest.TestCase):
    def follow(self, page):
        self.commands = commands_of(page)
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="fb-door-")))
        internet = Internet(folder / "resolv.conf")
        self.addCleanup(run, "umount", "/etc/resolv.conf")  # its file goes with the folder
        names = namespaces.NameServer({"example.org": lambda _: [namespaces.PUBLIC]})
        self.addCleanup(names.close)
        self.site = website.Website(namespaces.PUBLIC, port=80)
        self.addCleanup(self.site.close)
        self.site.pages["/"] = PAGE_TEXT
        self.server, self.reza, self.sara = (self.machine(internet, folder, *who) for who in
                                             (("server", SERVER), ("reza", REZA), ("sara", SARA)))
        self.residents = []

    def machine(self, internet, folder, name, network):
        place = Namespace()
        self.addCleanup(place.close)
        internet.plug_in(place, network)
        return Machine(folder / name, place.enter, self.commands)

    def start(self, machine, name):
        self.residents.append(machine.start(name))
        self.addCleanup(self.residents[-1].stop)

    def logs(self):
        return "".join(f"---- {resident.name}\n{resident.log()}" for resident in self.residents)

    def test_the_page_leads_from_nothing_to_a_friend_who_gets_out(self):
        self.follow("docs/ops/run-a-network.md")
        self.lead()

    def test_the_section_of_the_readme_does_so_too(self):
        self.follow("README.md")
        self.lead()

    def lead(self):
        words = WORDS.search(self.server.run("network"))[1]
        self.start(self.server, "egress")
        for_reza, for_sara = re.findall("^footbridge1[a-z2-7]+$", self.server.run("invite"), re.MULTILINE)
        self.start(self.server, "broker")
        self.assertEqual(self.reza.join(for_reza), words)
        self.start(self.reza, "volunteer")
        self.assertEqual(self.sara.join(for_sara), words)
        self.start(self.sara, "connect")
        try:
            self.assertEqual(self.sara.run("curl").encode(), PAGE_TEXT)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None
        self.assertEqual(self.site.hits["/"], 1)
        for resident in reversed(self.residents):
            self.assertEqual(resident.stop(), 0, resident.log())
            self.assertEqual(privacy.leaks(resident.log()), [], resident.name)


if __name__ == "__main__":
    report.main()
