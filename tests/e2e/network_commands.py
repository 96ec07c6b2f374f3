#!/usr/bin/env python3
"""An operator makes a network and invites people; they join by pasting, on a terminal and without one. Nothing here runs
a broker: it is about keys, files, words and mistakes. openssl, who is not us, checks what was signed."""
import base64
import hashlib
import os
import pathlib
import pty
import re
import resource
import select
import signal
import stat
import subprocess
import tempfile
import time
import unittest
import zlib

import report
from chain import binary

LIMIT = 60  # seconds; none of these waits for anything, but the machine may be loaded
PIN = "ab" * 32
EGRESS = f'\n[[egress]]\nid = "one"\nrelay = "wss://egress.example/leg"\nspki_sha256 = "{PIN}"\n'
ED25519_DER = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what stands before a public key


def fields(message):
    """Number → last value of a protobuf message that has length-delimited fields and varints only."""
    out, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(message):
        tag = varint()
        value = varint()
        if tag & 7 == 2:
            value, at = message[at:at + value], at + value
        out[tag >> 3] = value
    return out


class NetworkCommands(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="footbridge-network-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.net = self.folder / "net"
        self.state = self.folder / "state"
        self.said = []  # all output of all commands

    def run_it(self, *words, code=0, text=None, **more):
        done = subprocess.run([binary(), *words], input=text or "", capture_output=True, text=True, timeout=LIMIT, **more)
        self.said.append(done.stdout + done.stderr)
        self.assertEqual(done.returncode, code, (words[:2], done.stdout, done.stderr))
        return done

    def network(self, action, *words, **more):
        return self.run_it("network", action, "--dir", str(self.net), *words, **more)

    def join(self, text, *words, **more):
        return self.run_it("join", "--state-dir", str(self.state), *words, text=text, **more)

    def new(self):
        made = self.network("new", "--name", "Friends of Sara", "--broker-url", "https://broker.example/p")
        with open(self.net / "network.toml", "a", encoding="utf-8") as config:
            config.write(EGRESS)
        return re.search(r"fingerprint: +((?:[a-z]{5} ){5}[a-z]{5})\n", made.stdout)[1]

    def invite(self, *words):
        return self.network("invite", "--name", "sara", *words).stdout.strip().splitlines()[-1]

    def verify(self, key, context, body, signature):
        paths = {name: self.folder / name for name in ("key.der", "body", "signature")}
        paths["key.der"].write_bytes(ED25519_DER + key)
        paths["body"].write_bytes(context + b"\0" + body)
        paths["signature"].write_bytes(signature)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths["key.der"], "-rawin", "-in",
             paths["body"], "-sigfile", paths["signature"]], capture_output=True, text=True, timeout=LIMIT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_from_a_new_network_to_somebody_who_joined_it(self):
        words = self.new()
        self.network("directory")
        invite = self.invite("--uses", "2", "--expires", "3d")
        self.assertRegex(invite, r"^footbridge1[a-z2-7]+$")
        joined = self.join("Dear Sara,\n> " + invite[:50] + "\r\n> " + invite[50:] + "\nsee you!", "--yes", "--directory",
                           str(self.net / "directory.signed"))
        self.assertIn(f"network:      Friends of Sara\nfingerprint:  {words}\n", joined.stdout)
        listed = self.run_it("join", "--list", "--state-dir", str(self.state)).stdout
        root = (self.net / "root.pub").read_text()[:16]
        self.assertRegex(listed, f"^Friends of Sara\n  fingerprint:  {words}\n  root:         {root}\n"
                         r"  directory:    current, until 2\d{3}-[-0-9: ]+ UTC\n$")
        for path in [*self.net.rglob("*"), *self.state.rglob("*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            wanted = 0o700 if path.is_dir() else 0o644 if path.name == "directory.signed" else 0o600
            self.assertEqual(mode, wanted, path)
        self.assertEqual(stat.S_IMODE(self.net.stat().st_mode), 0o700)

    def test_what_is_signed_is_signed_for_everybody(self):
        self.new()
        self.network("directory")
        root = bytes.fromhex((self.net / "root.pub").read_text())
        signed = fields((self.net / "directory.signed").read_bytes())
        self.verify(root, b"footbridge certificate 1", signed[1], signed[2])
        self.verify(fields(signed[1])[1], b"footbridge directory 1", signed[3], signed[4])
        said, whole = self.opened(self.invite())
        self.verify(root, b"footbridge certificate 1", fields(said[9])[1], fields(said[9])[2])
        self.verify(fields(fields(said[9])[1])[1], b"footbridge invite 1", whole[:-66], said[12])

    def opened(self, invite):
        """Fields and bytes of an invite's text."""
        letters = invite.removeprefix("footbridge1").upper()
        whole = base64.b32decode(letters + "=" * (-len(letters) % 8))[2:-4]
        return fields(whole), whole

    def sealed(self, whole):
        """The text that a forger gives to these bytes."""
        body = len(whole).to_bytes(2, "big") + whole
        body += zlib.crc32(b"footbridge1" + body).to_bytes(4, "big")
        return "footbridge1" + base64.b32encode(body).decode().lower().rstrip("=")

    def test_an_invite_that_was_changed_on_its_way_is_refused(self):
        self.new()
        invite = self.invite()
        _, whole = self.opened(invite)
        self.assertEqual(self.sealed(whole), invite)
        forged = self.sealed(whole.replace(b"https://broker.example/p", b"https://censor.example/p"))
        self.assertIn("somebody changed it", self.join(forged, "--yes", code=2).stderr)
        self.assertFalse(self.state.exists())
        self.join(invite, "--yes")
        kept = next(self.state.rglob("invite"))
        kept.write_text(forged)
        self.assertIn("is no longer the invite that was kept there",
                      self.run_it("join", "--list", "--state-dir", str(self.state), code=2).stderr)

    def test_an_invite_of_a_key_that_was_replaced_is_refused_by_who_knows_better(self):
        self.new()
        before = self.invite()
        self.network("rotate")
        self.network("directory")
        after = self.network("invite", "--name", "reza").stdout.split()[-1]
        self.join(after, "--yes", "--directory", str(self.net / "directory.signed"))
        self.assertIn("this network has replaced", self.join(before, "--yes", code=2).stderr)

    def test_a_directory_is_never_older_than_the_one_before(self):
        self.new()
        versions = []
        for _ in range(3):
            self.network("directory")
            versions.append(fields(fields((self.net / "directory.signed").read_bytes())[3])[1])
        self.assertEqual(versions, sorted(set(versions)))
        first = fields(fields((self.net / "directory.signed").read_bytes())[1])
        self.network("rotate")
        self.network("directory")
        second = fields(fields((self.net / "directory.signed").read_bytes())[1])
        self.assertGreater(second[2], first[2], "a higher serial")
        self.assertNotEqual(second[1], first[1], "another key")

    def test_the_root_is_needed_to_rotate_only(self):
        self.new()
        elsewhere = self.folder / "safe.key"
        (self.net / "root.key").rename(elsewhere)
        self.network("directory")
        self.invite()
        self.assertIn("--root-key: the root key is not in", self.network("rotate", code=2).stderr)
        self.network("rotate", "--root-key", str(elsewhere))
        elsewhere.write_text("00" * 32)
        self.assertIn("is the root of another network", self.network("rotate", "--root-key", str(elsewhere), code=2).stderr)

    def test_the_ledger_says_who_was_invited(self):
        self.new()
        self.invite()
        self.assertIn("has an invite already", self.network("invite", "--name", "sara", code=2).stderr)
        self.assertIn("did you mean sara?", self.network("revoke", "--name", "sarah", code=2).stderr)
        self.network("revoke", "--name", "sara")
        self.assertRegex(self.network("invite", "--list").stdout, r"^sara\t1 use\trevoked 2\d\d\d-")
        self.invite("--qr")

    def test_who_leaves_a_network_keeps_nothing_of_it(self):
        self.new()
        self.join(self.invite(), "--yes")
        self.assertIn("no joined network is called so", self.join("", "--forget", "Friends", "--yes", code=2).stderr)
        self.assertIn("--yes: standard input is no terminal", self.join("", "--forget", "Friends of Sara", code=2).stderr)
        process, ours, _ = self.open_terminal("--forget", "Friends of Sara", typed="y\n")
        self.hear(ours, b"[y/N] ")
        os.write(ours, b"n\n")
        self.assertEqual(process.wait(LIMIT), 1)
        self.assertTrue(any(self.state.rglob("invite")))
        self.join("", "--forget", (self.net / "root.pub").read_text()[:6], "--yes")
        self.assertFalse(any(self.state.rglob("invite")))
        self.assertIn("no network was joined yet", self.run_it("join", "--list", "--state-dir", str(self.state)).stdout)

    def test_brokers_are_told_of_invites_and_of_no_names(self):
        self.new()
        self.network("directory")
        told = (self.net / "broker-invites.toml").read_text
        self.assertIn('invites = "needed"\nentries = 0\n', told())
        said, _ = self.opened(self.invite("--uses", "3"))
        context = b"footbridge invite mark 1\0"
        mark = hashlib.blake2b(context + said[5], digest_size=16).hexdigest()
        self.assertIn(f'[[invite]]\nmark = "{mark}"\nuntil = {said[7]}\nuses = 3\nrevoked = false\n', told())
        self.assertNotIn("sara", told())
        self.assertNotIn(said[5].hex(), told())
        self.network("revoke", "--name", "sara")
        self.assertIn("uses = 3\nrevoked = true\n", told())
        config = self.net / "network.toml"
        config.write_text(config.read_text().replace('invites = "needed"', 'invites = "open"'))
        self.network("directory")
        self.assertIn('invites = "open"\n', told())

    def test_a_group_has_a_key_and_its_volunteers_have_its_signature(self):
        self.new()
        sara, _ = self.opened(self.network("invite", "--name", "sara", "--compartment", "family").stdout.split()[-1])
        helper, _ = self.opened(self.network("invite", "--name", "reza", "--compartment", "family",
                                             "--volunteer").stdout.split()[-1])
        self.assertEqual(sara[6], helper[6])
        self.assertNotIn(11, sara)
        key, signature = helper[11][:32], helper[11][32:]
        self.assertEqual(hashlib.blake2b(b"footbridge compartment 1\0" + key, digest_size=16).digest(), helper[6])
        self.verify(key, b"footbridge announcing 1", helper[5], signature)
        self.assertIn("belongs to --compartment", self.network("invite", "--name", "mina", "--volunteer", code=2).stderr)
        self.assertIn("a-z, 0-9 and -", self.network("invite", "--name", "mina", "--compartment", "../x", code=2).stderr)

    def test_a_bad_paste_is_told_from_a_wrong_one(self):
        self.new()
        invite = self.invite()
        other = "b" if invite[90] != "b" else "c"
        for text, words in {
            "": "this is not an invite", "https://example.org/": "one begins with footbridge1",
            invite[:100]: "ends too early", invite[:90] + other + invite[91:]: "has a mistake",
            invite[:90] + "!" + invite[91:]: "something stands in this invite", "footbridge2" + invite[11:]: "newer version",
        }.items():
            done = self.join(text, "--yes", code=2)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
        self.assertFalse(self.state.exists())

    def test_an_invite_on_the_command_line_is_refused_and_not_repeated(self):
        self.new()
        invite = self.invite()
        done = self.join("", invite, "--yes", code=2)
        self.assertIn("does not belong on the command line", done.stderr)
        self.assertNotIn(invite[20:40], done.stderr)
        self.assertIn("--yes: standard input is no terminal", self.join(invite, code=2).stderr)

    def test_a_directory_of_another_network_changes_nothing(self):
        self.new()
        invite = self.invite()
        self.net = self.folder / "other"
        self.new()
        self.network("directory")
        done = self.join(invite, "--yes", "--directory", str(self.net / "directory.signed"), code=2)
        self.assertIn("is not taken: foreign", done.stderr)
        self.assertFalse(self.state.exists())

    def at_a_terminal(self, *lines):
        """What `join` says on a terminal on which these lines are typed one after another, and how it ended."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(binary(), [binary(), "join", "--state-dir", str(self.state)])
        said, left, ends = b"", list(lines), time.monotonic() + LIMIT
        while time.monotonic() < ends:
            # Each question ends without a line break, or with the colon that asks for the invite.
            if left and (said.endswith(b"Enter:\r\n") or said.endswith(b"[y/N] ") or len(left) < len(lines) - 1):
                os.write(terminal, left.pop(0).encode() + b"\n")
                said += b"."
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                more = os.read(terminal, 65536)
            except OSError:  # the other end is closed
                more = b""
            if not more:
                break
            said += more
        else:
            os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        self.said.append(said.decode(errors="replace"))
        return said.decode(errors="replace"), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_a_person_at_a_terminal_is_asked(self):
        words = self.new()
        invite = self.invite()
        said, code = self.at_a_terminal(invite, "n")
        self.assertIn(words, said)
        self.assertEqual((code, "nothing was kept" in said, self.state.exists()), (1, True, False))
        said, code = self.at_a_terminal(invite, "y")
        self.assertEqual((code, "Joined." in said, self.state.exists()), (0, True, True))

    def open_terminal(self, *words, typed="", out=None):
        """`join` on a terminal of which this test keeps both ends open, as a shell would; `typed` before it began."""
        ours, theirs = pty.openpty()
        for end in (ours, theirs):
            self.addCleanup(os.close, end)
        if typed:
            os.write(ours, typed.encode())
            self.hear(ours, typed.replace("\n", "\r\n").encode())  # the echo: it is there to be read
        process = subprocess.Popen([binary(), "join", "--state-dir", str(self.state), *words], stdin=theirs,
                                   stdout=out or theirs, stderr=theirs, start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, ours, theirs

    def hear(self, terminal, words):
        """What is said on this terminal until these words came."""
        said, limit = b"", time.monotonic() + LIMIT
        while words not in said:
            self.assertLess(time.monotonic(), limit, said)
            if select.select([terminal], [], [], 0.1)[0]:
                said += os.read(terminal, 65536)
        self.said.append(said.decode(errors="replace"))
        return said.decode(errors="replace")

    def paste(self, text, *words, out=None):
        """Pastes into a terminal that asks for an invite, all at once: a line of a letter may look like an answer."""
        process, ours, theirs = self.open_terminal(*words, out=out)
        self.hear(ours, b"Enter:\r\n")
        os.write(ours, text.encode())
        return process, ours, theirs

    def nothing_is_left(self, theirs):
        """Of what was typed, for the shell that reads this terminal next."""
        return not select.select([theirs], [], [], 0)[0]

    def test_a_line_of_the_letter_behind_the_invite_is_no_answer(self):
        self.new()
        letter = f"Dear Sara, here it is:\n> {self.invite()}\ny\ny\nyours\n"
        process, ours, theirs = self.paste(letter)
        self.hear(ours, b"[y/N] ")
        self.assertIsNone(process.poll(), "it waits for a person")
        os.write(ours, b"\x04")  # nobody answers
        self.assertEqual(process.wait(LIMIT), 1)
        self.assertFalse(self.state.exists())
        process, ours, theirs = self.paste(letter)
        self.hear(ours, b"[y/N] ")
        os.write(ours, b"y\nthe rest\n")
        self.assertEqual(process.wait(LIMIT), 0)
        self.assertTrue(self.state.exists())
        self.assertTrue(self.nothing_is_left(theirs))

    def test_what_was_typed_before_the_question_is_no_answer(self):
        self.new()
        (self.folder / "invite").write_text(self.invite())
        process, ours, _ = self.open_terminal("--file", str(self.folder / "invite"), typed="y\n")
        self.hear(ours, b"[y/N] ")
        os.write(ours, b"\x04")
        self.assertEqual(process.wait(LIMIT), 1)
        self.assertFalse(self.state.exists())

    def test_an_invite_is_found_behind_words_that_look_like_one(self):
        words = self.new()
        invite = self.invite()
        for letter in (f"Get footbridge1 !\n\nthen paste\n{invite}\n", f"{invite[:40]}b{invite[40:]}\n\n{invite}\n",
                       f"Dear Sara,\n\n{invite[:50]}\n{invite[50:]}\n"):
            process, ours, _ = self.paste(letter)
            self.assertIn(words, self.hear(ours, b"[y/N] "))
            os.write(ours, b"n\n")
            self.assertEqual(process.wait(LIMIT), 1)
        self.assertFalse(self.state.exists())

    def test_a_letter_without_an_invite_does_not_reach_the_shell(self):
        self.new()
        invite = self.invite()
        for letter, words in {f"{invite[:100]}\n\necho one\necho two\n": b"ends too early",
                              f"Dear Sara,\n\n{invite[:90]}!{invite[91:]}\n\n\x04echo two\n": b"something stands in"}.items():
            process, ours, theirs = self.paste(letter)
            self.assertEqual(process.wait(LIMIT), 2)
            self.assertTrue(self.nothing_is_left(theirs), letter)
            self.hear(ours, words)
        process, ours, theirs = self.paste(invite + "\necho one\necho two\n", "--yes")
        self.assertEqual(process.wait(LIMIT), 0)
        self.assertTrue(self.nothing_is_left(theirs))

    def test_who_writes_the_words_into_a_file_sees_them_all_the_same(self):
        words = self.new()
        with open(self.folder / "out", "w", encoding="utf-8") as out:
            process, ours, _ = self.paste(self.invite() + "\n", out=out)
        self.assertIn(f"Friends of Sara\r\nfingerprint:  {words}", self.hear(ours, b"[y/N] "))
        os.write(ours, b"n\n")
        self.assertEqual(process.wait(LIMIT), 1)

    def test_a_full_disk_leaves_the_old_files(self):
        self.new()
        self.network("directory")
        self.join(self.invite(), "--yes")

        def files():
            return {path: path.read_bytes() for path in [*self.net.rglob("*"), *self.state.rglob("*")] if path.is_file()}

        def little():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
        before = files()
        for action, words in {"directory": (), "rotate": (), "revoke": ("--name", "sara"), "invite": ("--name", "reza")}.items():
            done = self.network(action, *words, code=2, preexec_fn=little)
            self.assertIn("cannot be written", done.stderr)
        self.assertEqual(files(), before)

    def test_no_secret_is_ever_said(self):
        self.new()
        self.network("directory")
        self.network("rotate")
        self.join(self.invite("--qr"), "--yes")
        self.network("revoke", "--name", "sara")
        for name in ("root.key", "directory.key", "obfuscation.key", "broker-broker-1.keys"):
            for secret in re.findall(r"[0-9a-f]{64}", (self.net / name).read_text()):
                self.assertFalse(any(secret in text for text in self.said), name)

    def test_mistakes_are_one_line_that_says_what_to_do(self):
        self.assertIn("is not a network's folder", self.network("directory", code=2).stderr)
        self.assertIn("say what the network is to be called", self.network("new", code=2).stderr)
        self.new()
        self.assertIn("never written over", self.network(
            "new", "--name", "N", "--broker-url", "https://b.example/", code=2).stderr)
        self.assertIn("--uses: footbridge network revoke does not take it", self.network("revoke", "--uses", "3", code=2).stderr)
        self.assertIn("did you mean rotate?", self.run_it("network", "rotat", code=2).stderr)
        self.assertIn("say what to do", self.run_it("network", code=2).stderr)
        self.assertIn("new        make a network", self.run_it("network", "--help").stdout)
        (self.net / "root.pub").chmod(0o644)
        self.assertIn("chmod 600", self.network("directory", code=2).stderr)


if __name__ == "__main__":
    report.main()
