#!/usr/bin/env python3
"""What a person gets wrong when starting a program: one line that names the option and what to do, and the right exit
code. Flags and configuration files in general are the command line's own tests."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import report
import website
from chain import binary, Chain, eventually
from loopback_server import LoopbackServer, QuietHandler

PIN = "ab" * 32
BROKER = ("--broker", "http://127.0.0.1:1/")
LIMIT = 30  # seconds; none of these waits for anything
IN_THE_CLEAR = "http:// is accepted for a broker on this machine only .*write https://"
RUNNING, USAGE = 1, 2

# (exit code, words, what the line says after "footbridge COMMAND: "). {folder} holds the files of setUp.
MISTAKES = {
    "connect without a network": (USAGE, ("connect",), "--broker: no network is configured.*footbridge demo"),
    "connect without a key to trust": (USAGE, ("connect", *BROKER), "--egress-pin: name the key of the egress"),
    "connect with a key that is none": (USAGE, ("connect", *BROKER, "--egress-pin", "abc"), "--egress-pin: .*64 hex"),
    "connect with a descriptor that is absent": (
        USAGE, ("connect", *BROKER, "--egress-descriptor", "{folder}/absent"), "--egress-descriptor: .*: cannot be read: No such"),
    "connect with a descriptor that is no TOML": (
        USAGE, ("connect", *BROKER, "--egress-descriptor", "{folder}/garbage"), "--egress-descriptor: .*garbage:1:"),
    "connect with a descriptor of nobody": (
        USAGE, ("connect", *BROKER, "--egress-descriptor", "{folder}/empty"), "--egress-descriptor: .* describes no egress"),
    "connect to a broker elsewhere": (
        USAGE, ("connect", "--broker", "http://192.0.2.1/", "--egress-pin", PIN), f"--broker: {IN_THE_CLEAR}"),
    "connect to a broker with a name": (
        USAGE, ("connect", "--broker", "http://broker.example.com/", "--egress-pin", PIN), f"--broker: {IN_THE_CLEAR}"),
    "connect through a front without TLS": (
        USAGE, ("connect", *BROKER, "--egress-pin", PIN, "--front", "front.example"), "--front: .*write https://"),
    "connect with an authority that is none": (
        USAGE, ("connect", "--broker", "https://127.0.0.1:1/", "--egress-pin", PIN, "--broker-ca", "{folder}/garbage"),
        "--broker-ca: .*garbage: .*no certificate"),
    "connect for everybody": (
        USAGE, ("connect", *BROKER, "--egress-pin", PIN, "--listen", "0.0.0.0:0"),
        "--listen: others could use this proxy; .*--i-know-the-proxy-is-open"),
    "connect on a port that is taken": (
        RUNNING, ("connect", *BROKER, "--egress-pin", PIN, "--listen", "{taken}"), "--listen {taken}: .*in use; .*another port"),
    "volunteer without a network": (USAGE, ("volunteer",), "--broker: no network is configured.*footbridge demo"),
    "volunteer without an egress": (USAGE, ("volunteer", *BROKER), "--egress: name the egresses"),
    "volunteer towards its own house": (
        USAGE, ("volunteer", *BROKER, "--egress", "ws://127.0.0.1:1/"), "--egress: .*--allow-private-egress if you mean it"),
    "volunteer with a broker elsewhere": (
        USAGE, ("volunteer", "--broker", "http://192.0.2.1/", "--egress", "wss://e.example/"), f"--broker: {IN_THE_CLEAR}"),
    "volunteer with an admin socket in no directory": (
        RUNNING, ("volunteer", *BROKER, "--egress", "wss://e.example/", "--admin", "{folder}/absent/admin"), "--admin"),
    "volunteer with an allowance that it cannot remember": (
        USAGE, ("volunteer", *BROKER, "--egress", "wss://e.example/", "--per-day", "5GB", "--state-dir", "{folder}/state"),
        "--state-dir: .*helping-record cannot be written"),
    "broker without an egress": (USAGE, ("broker",), "--egress: no egress is known"),
    "broker without the key": (USAGE, ("broker", "--egress", "ws://127.0.0.1:1/"), "--leg-key-file: --egress needs the key"),
    "broker with a key that is absent": (
        USAGE, ("broker", "--egress", "ws://127.0.0.1:1/", "--leg-key-file", "{folder}/absent"), "--leg-key-file: .*cannot be read"),
    "broker with a key that is none": (
        USAGE, ("broker", "--egress", "ws://127.0.0.1:1/", "--leg-key-file", "{folder}/garbage"),
        "--leg-key-file: .*64 hexadecimal digits are expected"),
    "broker for everybody": (
        USAGE, ("broker", "--listen", "0.0.0.0:0", "--egress", "ws://127.0.0.1:1/", "--leg-key-file", "{folder}/key"),
        "--listen: without --tls-cert only a loopback address is accepted"),
    "broker with pages for this machine and an egress elsewhere": (
        USAGE, ("broker", "--egress", "wss://e.example/leg", "--leg-key-file", "{folder}/key", "--web", "{folder}"),
        "--web: without --network .* one of the egresses is elsewhere"),
    "broker with pages in no folder": (
        USAGE, ("broker", "--egress", "ws://127.0.0.1:1/", "--leg-key-file", "{folder}/key", "--web", "{folder}/absent"),
        "--web: {folder}/absent: there is no such folder; .* builds the pages"),
    "egress without keys": (USAGE, ("egress",), "--identity-file: .*--create"),
    "egress with an identity that is none": (
        USAGE, ("egress", "--identity-file", "{folder}/garbage", "--leg-key-file", "{folder}/key"), "--identity-file .*PKCS #8"),
    "egress with an identity that others can read": (
        USAGE, ("egress", "--identity-file", "{folder}/open", "--leg-key-file", "{folder}/key"),
        "--identity-file: .*can be read by others.*chmod 600"),
    "egress with no place for its keys": (
        USAGE, ("egress", "--create", "--identity-file", "{folder}/absent/e.pem", "--leg-key-file", "{folder}/key"),
        "--identity-file: .*cannot be created"),
    "egress at an address that is not here": (
        RUNNING, ("egress", "--create", "--identity-file", "{folder}/e.pem", "--leg-key-file", "{folder}/key", "--listen",
                  "192.0.2.7:0"), "--listen 192.0.2.7:0: .*one of its own"),
    "egress on a port that is taken": (
        RUNNING, ("egress", "--create", "--identity-file", "{folder}/e.pem", "--leg-key-file", "{folder}/key", "--listen",
                  "{taken}"), "--listen {taken}: .*in use"),
    "egress with a reporter that is absent": (
        USAGE, ("egress", "--create", "--identity-file", "{folder}/e.pem", "--leg-key-file", "{folder}/key", "--listen",
                "127.0.0.1:0", "--reporter", "{folder}/absent"), "--reporter: .*absent cannot be read: No such"),
    "broker with a reporter that is absent": (
        USAGE, ("broker", "--egress", "ws://127.0.0.1:1/", "--leg-key-file", "{folder}/key", "--listen", "127.0.0.1:0",
                "--reporter", "{folder}/absent"), "--reporter: .*absent cannot be read: No such"),
    "egress asked something that it does not know": (
        USAGE, ("egress", "check-polcy", "example.org:443"), "unknown action; did you mean check-policy"),
    "network with a certificate that is absent": (
        USAGE, ("network", "new", "--dir", "{folder}/new", "--name", "A", "--broker-url", "https://b.example/",
                "--broker-cert", "{folder}/absent"), "--broker-cert: .*absent cannot be read: No such"),
    "network with a certificate that is none": (
        USAGE, ("network", "new", "--dir", "{folder}/new", "--name", "A", "--broker-url", "https://b.example/",
                "--broker-cert", "{folder}/garbage"), "--broker-cert: .*garbage is no certificate in PEM form"),
    "demo on a port that is none": (USAGE, ("demo", "--proxy-port", "99999"), "--proxy-port: .*0 to 65535"),
    "demo of a size without a unit": (USAGE, ("demo", "--size", "5"), "--size: .*unit"),
}


class Mistakes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, text, mode in (("garbage", "not = = what is expected\n", 0o600), ("empty", "", 0o600),
                                 ("key", "0" * 64 + "\n", 0o600), ("open", "", 0o644)):
            path = pathlib.Path(self.folder, name)
            path.write_text(text)
            path.chmod(mode)
        pathlib.Path(self.folder, "state", "helping-record").mkdir(parents=True)
        self.site = website.Website()
        self.addCleanup(self.site.close)

    def test_each_is_one_line_with_the_right_exit_code(self):
        for name, (code, words, line) in MISTAKES.items():
            with self.subTest(name):
                def fill(text):
                    return text.replace("{folder}", self.folder).replace("{taken}", self.site.address)
                done = subprocess.run([binary(), *map(fill, words)], capture_output=True, text=True, timeout=LIMIT,
                                      env=dict(os.environ, XDG_STATE_HOME=self.folder), stdin=subprocess.DEVNULL)
                said = [text for text in done.stderr.splitlines() if not text.startswith(("time=", "<"))]
                self.assertEqual((done.returncode, done.stdout, len(said)), (code, "", 1), done.stderr)
                self.assertNotIn("-ready ", done.stderr)
                self.assertRegex(said[0], f"^footbridge {words[0]}: " + fill(line))


class OfAnotherTime(QuietHandler):
    """A broker that has understood of each request that it is of a version which it does not speak."""
    protocol_version = "HTTP/1.1"
    ANSWER = bytes((0x08, 1, 0x10, 5))  # a Response: version 1, refusal "version"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.ANSWER)))
        self.end_headers()
        self.wfile.write(self.ANSWER)


class ChainOfAnother(Chain):
    """One whose broker is said by the test."""
    broker_url = None


class NobodyThere(unittest.TestCase):
    """No mistake for the program: it keeps trying, and says once what is wrong."""

    def test_connect_and_volunteer_wait_for_a_broker_and_say_so_once(self):
        with Chain() as chain:
            chain.broker_program.kill()
            client, volunteer = chain.client(), chain.volunteer()
            eventually(lambda: "again_in" in client.log() and "again_in" in volunteer.log(), "both try again")
            eventually(lambda: client.log().count("event=rendezvous-failed") >= 3, "the client tries a third time", 30)
            self.assertEqual(client.log().count("event=no-way-out why=broker-refused"), 1)
            self.assertEqual(volunteer.log().count("event=broker-silent"), 1)
            self.assertTrue(client.running and volunteer.running)
            chain.start_broker(chain.broker_program.port)
            eventually(lambda: chain.legs() == 1, "both find each other when the broker comes", 20)

    def test_connect_and_volunteer_that_are_too_old_are_told_once_to_update(self):
        broker = LoopbackServer(OfAnotherTime)
        self.addCleanup(broker.close)
        with ChainOfAnother() as chain:
            chain.broker_url = broker.url
            client, volunteer = chain.client(), chain.volunteer()
            for program, said in ((client, "event=no-way-out why=broker-version"), (volunteer, "event=update-needed")):
                eventually(lambda: program.log().count("event=rendezvous-waits") >= 2, "it asks again", 30)
                self.assertEqual(program.log().count(said), 1, program.log())
                self.assertIn("update this program", program.log())


if __name__ == "__main__":
    report.main()
