#!/usr/bin/env python3
"""`footbridge connect` as tor starts it: what it says on standard output, what tor's connections hear, which of them
share a network, and how it ends. Here tor is raw sockets, and the bridge behind the egress is an echo."""
import contextlib
import fcntl
import os
import pathlib
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import privacy
import report
from chain import LOOPBACK, Chain, Program, binary, eventually
from managed import Managed, client_environment

PROMPTLY = 5.0           # seconds in which a transport that was told to end has ended: 1.2 on a busy machine
CONNECTIONS = 20         # of one session
OPTIONS = ("connect", "--allow-private-candidates", "--log-level", "debug")
CONNECT = b"\5\1\0\1\xc0\0\2\3\0\x50"  # 192.0.2.3:80, a bridge line's placeholder
GRANTED, FAILED, NOT_ALLOWED, REFUSED = 0, 1, 2, 5


class Echo(socketserver.ThreadingTCPServer):
    """What stands behind the egress in place of a bridge. Remembers how many came."""
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    class RequestHandlerClass(socketserver.BaseRequestHandler):
        def handle(self):
            self.server.came += 1
            with contextlib.suppress(ConnectionResetError):
                while piece := self.request.recv(65536):
                    self.request.sendall(piece)

    def __init__(self):
        super().__init__((LOOPBACK, 0), self.RequestHandlerClass)
        self.came = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"{LOOPBACK}:{self.server_address[1]}"

    def close(self):
        self.shutdown()
        self.server_close()


def take(sock, count):
    out = b""
    while len(out) < count:
        piece = sock.recv(count - len(out))
        assert piece, f"closed after {out!r}"
        out += piece
    return out


class Transport(Managed):
    """With an admin socket, as a program of a chain has."""
    admin, metrics, metric = Program.admin, Program.metrics, Program.metric

    def __init__(self, arguments, environment, folder, name="transport"):
        self.admin_path = pathlib.Path(folder) / f"{name}.admin"
        super().__init__([*arguments, "--admin", str(self.admin_path)], environment, folder, name)


class Connection:
    """One of tor's, byte for byte as tor 0.4.9 speaks."""

    def __init__(self, port, arguments, limit=30):
        self.socket = socket.create_connection((LOOPBACK, port), limit)
        self.socket.sendall(b"\5\2\0\2")
        assert take(self.socket, 2) == b"\5\2"
        text = arguments.encode()
        name, password = text[:255], text[255:] or b"\0"
        self.socket.sendall(b"\1" + bytes([len(name)]) + name + bytes([len(password)]) + password)
        assert take(self.socket, 2) == b"\1\0"
        self.socket.sendall(CONNECT)

    def reply(self):
        version, code, *rest = take(self.socket, 10)
        assert (version, rest) == (5, [0, 1, 0, 0, 0, 0, 0, 0]), (version, rest)
        return code

    def echoes(self, data=b"a cell of 514 bytes"):
        self.socket.sendall(data)
        return take(self.socket, len(data)) == data

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class ManagedClient(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="fb-e2e-")))

    def bridge(self):
        """An egress with a bridge behind it, its broker and a volunteer."""
        self.echo = Echo()
        self.addCleanup(self.echo.close)
        chain = self.enterContext(Chain(egress_options=["--or-port", self.echo.address]))
        chain.volunteer()
        return chain

    def line(self, chain):
        return f"broker={chain.broker_url};pin={chain.pin}"

    def transport(self, *options, environment=None, name="transport"):
        state = self.folder / "state"
        transport = self.enterContext(Transport([*OPTIONS, *options], {**client_environment(state), **(environment or {})},
                                                self.folder, name))
        self.addCleanup(self.check_privacy, transport)
        return transport

    def check_privacy(self, transport):
        said = transport.log() + "".join(f"{line}\n" for line in transport.lines if not line.startswith("CMETHOD "))
        self.assertEqual(list(privacy.leaks(said)), [])

    # What is said

    def test_says_who_it_is_and_where_it_listens_and_no_more(self):
        transport = self.transport()
        transport.wait_for("CMETHODS DONE")
        self.assertEqual(transport.lines[0], "VERSION 1")
        self.assertRegex(transport.lines[1], r"^STATUS TYPE=version IMPLEMENTATION=footbridge VERSION=[0-9.]+$")
        self.assertEqual(transport.lines[2:], [f"CMETHOD footbridge socks5 {LOOPBACK}:{transport.port}", "CMETHODS DONE"])

    def test_keeps_its_state_where_tor_says(self):
        self.transport().wait_for("CMETHODS DONE")
        own = self.folder / "state" / "footbridge"
        self.assertEqual(own.stat().st_mode & 0o777, 0o700)
        self.assertEqual([p.name for p in own.iterdir()], ["self-tag"])

    def test_starts_over_state_that_makes_no_sense(self):
        own = self.folder / "state" / "footbridge"
        own.mkdir(parents=True)
        (own / "self-tag").write_text("half a li")
        transport = self.transport()
        transport.wait_for("CMETHODS DONE")
        self.assertIn("event=state-not-kept", transport.log())

    def test_sends_nothing_past_a_proxy_that_it_cannot_use(self):
        transport = Managed(OPTIONS, {**client_environment(self.folder / "state"), "TOR_PT_PROXY": f"http://{LOOPBACK}:1"},
                            self.folder)
        transport.wait_for("PROXY-ERROR ")
        self.assertNotEqual(transport.end(), 0)
        self.assertIsNone(transport.line("CMETHOD"))

    def test_says_nothing_of_a_proxy_to_a_tor_that_named_none(self):
        transport = self.transport("--upstream-proxy", f"socks5://{LOOPBACK}:1")
        transport.wait_for("CMETHODS DONE")
        self.assertIsNone(transport.line("PROXY"))
        transport.wait_for("LOG SEVERITY=warning")

    def test_tells_a_wrong_option_through_tor(self):
        transport = Managed([*OPTIONS, "--paths", "99"], client_environment(self.folder / "state"), self.folder)
        self.assertIn("--paths", transport.wait_for("CMETHOD-ERROR footbridge "))
        transport.wait_for("CMETHODS DONE")
        self.assertNotEqual(transport.end(), 0)

    def test_does_not_speak_to_the_service_manager_of_tor(self):
        """systemd would take our READY and STOPPING for tor's."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(str(self.folder / "notify"))
            transport = Managed(OPTIONS, {**client_environment(self.folder / "state"), "NOTIFY_SOCKET": str(self.folder / "notify"),
                                          "RUNTIME_DIRECTORY": str(self.folder)}, self.folder)
            transport.wait_for("CMETHODS DONE")
            self.assertEqual(transport.end(), 0)
            systemd.setblocking(False)
            self.assertRaises(BlockingIOError, systemd.recv, 100)
        self.assertFalse((self.folder / "admin.sock").exists())

    # Connections

    def test_grants_when_the_bridge_has_accepted_and_carries_bytes(self):
        chain = self.bridge()
        transport = self.transport()
        with Connection(transport.port, self.line(chain)) as tor:
            self.assertEqual(tor.reply(), GRANTED)
            self.assertTrue(tor.echoes(os.urandom(200_000)))
        transport.wait_for('LOG SEVERITY=notice MESSAGE="network 1: looking for a volunteer"')
        transport.wait_for('LOG SEVERITY=notice MESSAGE="network 1: connected through a volunteer"')
        transport.wait_for("STATUS TRANSPORT=footbridge NETWORK=1 EVENT=connected VOLUNTEERS=1")

    def test_takes_from_its_options_what_the_line_does_not_say(self):
        chain = self.bridge()
        transport = self.transport("--broker", chain.broker_url, "--egress-pin", chain.pin)
        with socket.create_connection((LOOPBACK, transport.port), 30) as tor:  # as tor, for a line without arguments
            tor.sendall(b"\5\1\0" + CONNECT)
            self.assertEqual(take(tor, 4), b"\5\0\5\0")

    def test_carries_many_connections_in_one_session(self):
        chain = self.bridge()
        transport = self.transport()
        with contextlib.ExitStack() as all_of_them:
            tors = [all_of_them.enter_context(Connection(transport.port, self.line(chain))) for _ in range(CONNECTIONS)]
            self.assertEqual({tor.reply() for tor in tors}, {GRANTED})
            self.assertTrue(all(tor.echoes() for tor in tors))
            self.assertEqual(self.echo.came, CONNECTIONS)
            self.assertEqual(chain.egress_program.metric("footbridge_egress_sessions"), 1)

    def test_lives_in_two_networks_at_once(self):
        one, other = self.bridge(), self.bridge()
        transport = self.transport()
        for chain in (one, other):
            tor = self.enterContext(Connection(transport.port, self.line(chain)))
            self.assertEqual(tor.reply(), GRANTED)
            self.assertTrue(tor.echoes())
            self.assertEqual(chain.egress_program.metric("footbridge_egress_sessions"), 1)
        transport.wait_for("STATUS TRANSPORT=footbridge NETWORK=2 EVENT=connected")

    def test_says_that_an_egress_is_no_door_to_a_bridge(self):
        chain = self.enterContext(Chain())
        chain.volunteer()
        transport = self.transport()
        with Connection(transport.port, self.line(chain)) as tor:
            self.assertEqual(tor.reply(), NOT_ALLOWED)
        self.assertIn("this egress is no door to a Tor bridge", transport.wait_for("LOG SEVERITY=warning"))

    def test_says_that_the_bridge_does_not_answer(self):
        chain = self.bridge()
        self.echo.close()
        transport = self.transport()
        with Connection(transport.port, self.line(chain)) as tor:
            self.assertEqual(tor.reply(), REFUSED)
        self.assertIn("the Tor bridge behind it does not answer", transport.wait_for("LOG SEVERITY=warning"))

    def test_names_what_is_wrong_with_a_line_and_not_its_value(self):
        transport = self.transport()
        with Connection(transport.port, f"broker=http://{LOOPBACK}:1/;pin=5ecre7") as tor:
            self.assertEqual(tor.reply(), FAILED)
            self.assertEqual(tor.socket.recv(1), b"")
        line = transport.wait_for("LOG SEVERITY=warning")
        self.assertIn("the bridge line's pin= is wrong: ", line)
        self.assertNotIn("5ecre7", line + transport.log())

    def test_says_that_there_is_no_broker(self):
        transport = self.transport("--timeout", "1s")
        with Connection(transport.port, f"broker=http://{LOOPBACK}:1/;pin={'ab' * 32}") as tor:
            self.assertEqual(tor.reply(), FAILED)
        self.assertIn("nobody listens at the broker's address", transport.wait_for("LOG SEVERITY=warning"))
        transport.wait_for("STATUS TRANSPORT=footbridge NETWORK=1 EVENT=trouble-broker-refused VOLUNTEERS=0")

    def test_lets_go_of_a_request_that_tor_gives_up(self):
        chain = self.enterContext(Chain())  # nobody helps
        transport = self.transport()
        tors = [Connection(transport.port, self.line(chain)) for _ in range(CONNECTIONS)]
        eventually(lambda: transport.metric("footbridge_connect_connections") == CONNECTIONS, "all of them wait")
        for tor in tors:
            tor.close()
        eventually(lambda: transport.metric("footbridge_connect_connections") == 0, "they are forgotten")

    # The end

    def end_by(self, action, *options, environment=None, streams=True, code=0):
        """Starts a transport, opens streams, has it ended by `action`, and answers how long that took."""
        chain = self.bridge()
        transport = Managed([*OPTIONS, *options], {**client_environment(self.folder / "state"), **(environment or {})},
                            self.folder)
        self.addCleanup(self.check_privacy, transport)
        tors = [self.enterContext(Connection(transport.port, self.line(chain))) for _ in range(3 if streams else 0)]
        self.assertEqual({tor.reply() for tor in tors}, {GRANTED} if streams else set())
        began = time.monotonic()
        action(transport)
        self.assertEqual(transport.process.wait(PROMPTLY), code, transport.log())
        took = time.monotonic() - began
        self.assertIn("event=stopped", transport.log())
        transport.end()
        if streams:  # its goodbye arrived
            eventually(lambda: chain.egress_program.metric("footbridge_egress_sessions") == 0, "the session has ended", PROMPTLY)
        return took

    def test_ends_with_its_standard_input_although_streams_are_open(self):
        self.assertLess(self.end_by(lambda it: it.process.stdin.close()), PROMPTLY)

    def test_ends_by_a_signal_although_streams_are_open(self):
        self.assertLess(self.end_by(lambda it: it.process.terminate()), PROMPTLY)

    def test_ends_by_both_at_once_as_tor_does_it(self):
        def as_tor(transport):
            transport.process.stdin.close()
            transport.process.terminate()
        self.assertLess(self.end_by(as_tor), PROMPTLY)

    def test_a_signal_more_does_not_take_its_goodbye_away(self):
        """tor sends one, and has the kernel send another when it ends; a service manager signals the whole group."""
        def insist(transport):
            for _ in range(3):
                transport.process.terminate()
                time.sleep(0.02)  # signals of one kind that nobody has taken yet become one
        self.assertLess(self.end_by(insist), PROMPTLY)

    def test_goes_on_without_standard_input_when_that_means_nothing(self):
        transport = Managed(OPTIONS, {**client_environment(self.folder / "state"), "TOR_PT_EXIT_ON_STDIN_CLOSE": "0"}, self.folder)
        port = transport.port
        transport.process.stdin.close()
        with Connection(port, "broker=x") as tor:
            self.assertEqual(tor.reply(), FAILED)
        self.assertIsNone(transport.process.poll())
        transport.process.terminate()
        self.assertEqual(transport.process.wait(PROMPTLY), 0)
        transport.end()

    def test_ends_with_its_parent_however_that_dies(self):
        """The parent is a shell, which is no tor and does not say goodbye; our standard input stays open."""
        environment = {**os.environ, **client_environment(self.folder / "state"), "TOR_PT_EXIT_ON_STDIN_CLOSE": "0"}
        log = self.folder / "log"
        parent = subprocess.Popen(
            [sys.executable, "-c",
             "import subprocess, sys, time\n"
             f"child = subprocess.Popen(sys.argv[1:], stderr=open({str(log)!r}, 'w'))\n"
             "print('pid', child.pid, flush=True)\n"
             "time.sleep(600)", binary(), *OPTIONS],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(parent.stdout.close)
        self.addCleanup(parent.stdin.close)
        pid = None
        for line in parent.stdout:
            if line.startswith("pid "):
                pid = int(line.split()[1])
            if line == "CMETHODS DONE\n":
                break
        self.assertIsNotNone(pid)
        parent.kill()
        parent.wait()
        eventually(lambda: "event=stopped" in log.read_text(), "it has ended", PROMPTLY)

        def gone():
            try:
                return " Z " in pathlib.Path(f"/proc/{pid}/stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                return True
        eventually(gone, "and is gone", PROMPTLY)

    def test_serves_on_while_nobody_reads_what_it_says(self):
        """A parent that does not read loses lines, and nothing else."""
        chain = self.bridge()
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)  # one page: full as soon as anything is in it
        log = open(self.folder / "log", "wb")
        self.addCleanup(log.close)
        transport = subprocess.Popen([binary(), *OPTIONS], stdin=subprocess.PIPE, stdout=writing, stderr=log,
                                     env={**os.environ, **client_environment(self.folder / "state")})
        os.close(writing)
        self.addCleanup(os.close, reading)
        said = b""
        while b"CMETHODS DONE\n" not in said:
            said += os.read(reading, 4096)
        port = int(said.partition(f"CMETHOD footbridge socks5 {LOOPBACK}:".encode())[2].split()[0])

        def waiting():
            return struct.unpack("i", fcntl.ioctl(reading, 0x541B, b"\0" * 4))[0]  # FIONREAD
        held = [Connection(port, f"broker=http://{LOOPBACK}:{n}/;pin={'ab' * 32}") for n in range(1, 8)]
        eventually(lambda: waiting() > 0, "the first moment of seven networks")
        for _ in range(2):
            with Connection(port, self.line(chain)) as tor:
                self.assertEqual(tor.reply(), GRANTED)
                self.assertTrue(tor.echoes())
        for tor in held:
            tor.close()
        transport.stdin.close()
        self.assertEqual(transport.wait(PROMPTLY), 0)
        said = b""
        while piece := os.read(reading, 65536):
            said += piece
        self.assertTrue(all(line.startswith((b"LOG ", b"STATUS ")) for line in said.splitlines()), "no line is torn")

    def test_is_back_at_once_after_a_kill(self):
        """tor starts it again: no fixed port, no lock, no repair."""
        for attempt in range(3):
            transport = Managed(OPTIONS, client_environment(self.folder / "state"), self.folder, f"transport-{attempt}")
            began = time.monotonic()
            transport.wait_for("CMETHODS DONE", 5)
            transport.process.send_signal(signal.SIGKILL)
            transport.process.wait()
            transport.end()


if __name__ == "__main__":
    report.main()
