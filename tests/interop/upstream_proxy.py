#!/usr/bin/env python3
"""A client behind a SOCKS5 proxy that we did not write (dante): everything goes through it and nothing past it.

    here (test, broker, volunteer, egress, website, STUN and name server, dante)         there (the client)
      CABLE_HERE, PROXY ─────────────────────────── veth ─────────────────────────── CABLE_THERE, BOUND

The client's default route leads here, so nothing is stopped by a missing one; its kernel counts TCP and UDP packets that
go anywhere but to PROXY, and questions to name servers. That the counters count is seen first, without the proxy."""
import asyncio
import contextlib
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import namespaces  # noqa: E402
import report  # noqa: E402
import website  # noqa: E402
from chain import LOOPBACK, Chain, die_with_parent, eventually  # noqa: E402
from managed import Managed, client_environment  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROXY, BOUND, PROXY_PORT, STUN_PORT = "11.0.0.3", "11.0.0.4", 1080, 3478
STUN_NAME = "stun.example.com"
COOKIE = b"\x21\x12\xa4\x42"
USER, PASSWORD = "u", "ser:p@ss"
URL = f"socks5://{USER}:{PASSWORD}@{PROXY}:{PROXY_PORT}"
PAGE_BYTES = 300_000
CURL_LIMIT = 30     # seconds for a page; a first path takes one or two
QUIET_TIME = 4.0    # seconds in which a client without its proxy would try something else: three rounds of ICE
COUNTERS = f"""table inet watch {{
  counter past {{}}
  counter through {{}}
  counter dns {{}}
  counter unbound {{}}
  chain out {{
    type filter hook output priority 0;
    meta l4proto {{ tcp, udp }} th dport 53 counter name dns
    oifname "lo" return
    ip daddr {PROXY} counter name through
    ip daddr != {PROXY} counter name past
    ip saddr != {BOUND} meta l4proto {{ tcp, udp }} counter name unbound
    meta nfproto ipv6 meta l4proto {{ tcp, udp }} counter name past
  }}
}}
"""
DANTE = """logoutput: stderr
internal: {address} port = {port}
external: {external}
clientmethod: none
socksmethod: {method}
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 command: {commands} }}
"""


def find_dante():
    done = subprocess.run([ROOT / "scripts/unpacked", "dante-server"], capture_output=True, text=True)
    if done.returncode != 0:
        return None
    program = pathlib.Path(done.stdout.strip(), "usr/sbin/danted")
    return program if subprocess.run([program, "-v"], capture_output=True).returncode == 0 else None


def setUpModule():
    global chain, two, folder, danted
    danted = find_dante()
    reason = namespaces.why_not() or (None if danted else "dante is not on this machine (scripts/setup interop unpacks it)")
    if reason:
        raise unittest.SkipTest(reason)
    scratch = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(scratch.cleanup)
    folder = pathlib.Path(scratch.name)
    two = namespaces.TwoNamespaces(folder / "resolv.conf")
    unittest.addModuleCleanup(two.close)
    namespaces.run("ip", "address", "add", f"{PROXY}/24", "dev", "cable")
    namespaces.run(*two.there, "ip", "address", "add", f"{BOUND}/24", "dev", "cable")
    namespaces.run(*two.there, "nft", "-f", "-", text=COUNTERS)
    add_user()
    site = website.Website(namespaces.PUBLIC, port=80)
    unittest.addModuleCleanup(site.close)
    unittest.addModuleCleanup(namespaces.NameServer({STUN_NAME: lambda _: [namespaces.PUBLIC]}).close)
    threading.Thread(target=serve_stun, daemon=True).start()
    chain = unittest.enterModuleContext(Chain(allow=[site.address], egress_options=["--or-port", f"{namespaces.PUBLIC}:80"]))
    chain.volunteer("--slots", "10")


def add_user():
    """A user of this machine, as dante wants its own to be; in our mount namespace only."""
    secret = namespaces.run("openssl", "passwd", "-5", PASSWORD).strip()
    for name, line in (("passwd", f"{USER}:x:4242:4242::/nonexistent:/usr/sbin/nologin"), ("shadow", f"{USER}:{secret}:1::::::")):
        copy = folder / name
        copy.write_text(pathlib.Path("/etc", name).read_text() + line + "\n")
        namespaces.run("mount", "--bind", str(copy), f"/etc/{name}")


def serve_stun():
    """Binding answers as RFC 3489 has them, with the cookie's form for who asks with one (RFC 8489)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((namespaces.PUBLIC, STUN_PORT))
        while True:
            question, (host, port) = s.recvfrom(2048)
            if len(question) < 20 or question[:2] != b"\0\1":
                continue
            address, shown, kind = socket.inet_aton(host), port, 0x0001
            if question[4:8] == COOKIE:
                address, shown, kind = bytes(a ^ b for a, b in zip(address, COOKIE)), port ^ 0x2112, 0x0020
            s.sendto(b"\1\1\0\x0c" + question[4:20] + struct.pack("!HHHH", kind, 8, 1, shown) + address, (host, port))


class Dante:
    def __init__(self, method="username", commands="connect udpassociate udpreply", port=PROXY_PORT):
        config = folder / "danted.conf"
        config.write_text(DANTE.format(address=PROXY, port=port, external=namespaces.CABLE_HERE, method=method, commands=commands))
        self.log = open(folder / "danted.log", "ab")
        self.process = subprocess.Popen([danted, "-f", config], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        start_new_session=True, preexec_fn=die_with_parent)
        self.address = (PROXY, port)
        eventually(self._answers, "dante answers")

    def _answers(self):
        with contextlib.suppress(OSError), socket.create_connection(self.address, 1):
            return True
        return False

    def close(self):
        """At once, with the children that do its work."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


class Strange:
    """Answers every byte like a web server."""

    def __init__(self):
        self.listener = socket.create_server((PROXY, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(100)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def close(self):
        self.listener.close()


async def pass_on(listen, to):
    """Every connection to `listen` continues at `to`: (host, port) or the path of a Unix socket."""
    async def copy(reader, writer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def serve(reader, writer):
        there = asyncio.open_unix_connection(to) if isinstance(to, str) else asyncio.open_connection(*to)
        far_reader, far_writer = await there
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    start = asyncio.start_unix_server(serve, listen) if isinstance(listen, str) else asyncio.start_server(serve, *listen)
    async with await start as server:
        await server.serve_forever()


def counter(name):
    return int(re.search(r"packets (\d+)", namespaces.run(*two.there, "nft", "list", "counter", "inet", "watch", name))[1])


def reset():
    namespaces.run(*two.there, "nft", "reset", "counters")


class UpstreamProxy(unittest.TestCase):
    def setUp(self):
        self.chain = chain
        reset()

    def client(self, *options, ready=True, stun=True):
        stun_option = ["--stun", f"{STUN_NAME}:{STUN_PORT}"] if stun else []
        name = f"client-{sum(p.name.startswith('client') for p in chain.programs) + 1}"
        program = chain.run(name, chain.client_arguments(*stun_option, *options), two.there)
        self.addCleanup(lambda: program.running and program.terminate())
        return program.ready() if ready else program

    def url_file(self, url=URL):
        file = folder / f"{self._testMethodName}.url"
        file.write_text(url + "\n")
        file.chmod(0o600)
        return str(file)

    def fetch(self, client, size=PAGE_BYTES, limit=CURL_LIMIT, host=namespaces.PUBLIC):
        """The page's hash, or curl's exit code."""
        done = subprocess.run([*two.there, "curl", "-sS", "--max-time", str(limit), "--proxy", f"socks5h://{LOOPBACK}:{client.port}",
                               f"http://{host}/bytes/{size}"], capture_output=True, check=False)
        return done.returncode or website.sha256(done.stdout)

    def assert_page(self, client):
        self.assertEqual(self.fetch(client), website.sha256(website.noise(PAGE_BYTES)))

    def assert_nothing_past(self):
        self.assertEqual({name: counter(name) for name in ("past", "dns")}, {"past": 0, "dns": 0})

    def refused(self, *options):
        """The one line with which a client ends that cannot start so."""
        client = self.client(*options, ready=False)
        self.assertIn(client.wait(15), (1, 2))
        self.assert_nothing_past()
        chain.programs.remove(client)
        return client.log().strip().splitlines()[-1]

    def transport(self, **environment):
        """A client as tor starts it. Its bridge is the website."""
        return Managed(["connect", "--broker", chain.broker_url, "--egress-pin", chain.pin, "--allow-private-candidates", "--stun",
                        f"{STUN_NAME}:{STUN_PORT}"], {**client_environment(folder / self._testMethodName), **environment},
                       folder, self._testMethodName, two.there)

    def direct_broker(self):
        """The broker's port exists over there, too, without a packet."""
        path, at = str(folder / "broker.socket"), (LOOPBACK, chain.broker_program.port)
        pathlib.Path(path).unlink(missing_ok=True)
        threading.Thread(target=lambda: asyncio.run(pass_on(path, at)), daemon=True).start()
        relay = subprocess.Popen([*two.there, sys.executable, __file__, "--pass-on", str(at[1]), path], preexec_fn=die_with_parent)
        self.addCleanup(relay.wait)
        self.addCleanup(relay.kill)
        listens = f"0100007F:{at[1]:04X}"
        eventually(lambda: listens in namespaces.run(*two.there, "cat", "/proc/net/tcp"), "the broker's port over there")

    def test_the_counters_count_without_the_proxy(self):
        self.direct_broker()
        self.assert_page(self.client())
        self.assertGreater(counter("past"), PAGE_BYTES // 1500 // 10, "the link's packets")
        self.assertGreater(counter("dns"), 0)
        self.assertEqual(counter("through"), 0)
        self.assertGreater(counter("unbound"), 0)

    def test_packets_carry_the_address_that_was_named(self):
        self.direct_broker()
        self.assert_page(self.client("--bind-address", BOUND, "--stun", f"{namespaces.PUBLIC}:{STUN_PORT}", stun=False))
        self.assertEqual(counter("unbound"), 0)

    def test_everything_goes_through(self):
        dante = Dante()
        self.addCleanup(dante.close)
        client = self.client("--upstream-proxy-file", self.url_file())
        self.assert_page(client)
        self.assert_nothing_past()
        self.assertGreater(counter("through"), PAGE_BYTES // 1500 // 10)
        self.assertIn("kind=native", client.log())
        for secret in (PASSWORD, "p@ss"):
            self.assertNotIn(secret, client.log())

    def test_everything_goes_through_on_a_data_channel(self):
        dante = Dante(method="none")
        self.addCleanup(dante.close)
        self.assert_page(self.client("--upstream-proxy", f"socks5://{PROXY}:{PROXY_PORT}", "--native-link", "off"))
        self.assert_nothing_past()

    def test_a_proxy_that_dies_takes_everything_with_it_until_it_is_back(self):
        dante = Dante()
        self.addCleanup(lambda: dante.close())
        client = self.client("--upstream-proxy-file", self.url_file())
        self.assert_page(client)
        dante.close()
        self.assertNotEqual(self.fetch(client, limit=QUIET_TIME), website.sha256(website.noise(PAGE_BYTES)))
        eventually(lambda: "why=upstream-proxy" in client.log(), "the client says what is wrong")
        self.assert_nothing_past()
        dante = Dante()
        self.assert_page(client)
        self.assert_nothing_past()

    def test_a_proxy_that_is_not_there_yet_is_waited_for(self):
        client = self.client("--upstream-proxy-file", self.url_file())
        self.assertIn("event=upstream-unusable why=unreachable", client.log())
        self.fetch(client, limit=QUIET_TIME)
        self.assert_nothing_past()
        dante = Dante()
        self.addCleanup(dante.close)
        self.assert_page(client)
        self.assert_nothing_past()

    def test_refusals_say_who_said_no_and_what_to_do(self):
        dante = Dante()
        self.addCleanup(dante.close)
        self.assertIn("does not accept this user and password",
                      self.refused("--upstream-proxy", f"socks5://{USER}:wrong@{PROXY}:{PROXY_PORT}"))
        self.assertIn("wants a user and a password", self.refused("--upstream-proxy", f"socks5://{PROXY}:{PROXY_PORT}"))
        dante.close()
        dante = Dante(method="none", commands="connect")
        self.addCleanup(dante.close)
        self.assertIn("UDP", self.refused("--upstream-proxy", f"socks5://{PROXY}:{PROXY_PORT}"))
        strange = Strange()
        self.addCleanup(strange.close)
        self.assertIn("does not speak SOCKS5", self.refused("--upstream-proxy", f"socks5://{PROXY}:{strange.port}"))
        for scheme in ("http", "socks4", "socks4a"):
            self.assertIn("do not carry", self.refused("--upstream-proxy", f"{scheme}://{PROXY}:{PROXY_PORT}"))

    def test_tor_hears_proxy_done_and_its_connections_go_through(self):
        dante = Dante()
        self.addCleanup(dante.close)
        with self.transport(TOR_PT_PROXY=URL) as transport:
            transport.wait_for("CMETHODS DONE")
            lines = [line for line in transport.lines if not line.startswith(("LOG ", "STATUS "))]
            self.assertEqual(lines, ["VERSION 1", "PROXY DONE", f"CMETHOD footbridge socks5 {LOOPBACK}:{transport.port}",
                                     "CMETHODS DONE"])
            self.assertEqual(self.fetch(transport, host="192.0.2.3"), website.sha256(website.noise(PAGE_BYTES)))
        self.assert_nothing_past()
        self.assertNotIn(PASSWORD, transport.log() + "".join(transport.lines))

    def test_tor_may_name_the_address(self):
        self.direct_broker()
        with self.transport(TOR_PT_OUTBOUND_BIND_ADDRESS_V4=BOUND) as transport:
            transport.wait_for("CMETHODS DONE")
            self.assertEqual(self.fetch(transport, host="192.0.2.3"), website.sha256(website.noise(PAGE_BYTES)))
        self.assertEqual(counter("unbound") - counter("dns"), 0, "only the system's own lookup of the STUN server's name")

    def test_tor_hears_why_a_proxy_is_of_no_use(self):
        dante = Dante()
        self.addCleanup(dante.close)
        strange = Strange()
        self.addCleanup(strange.close)
        for url, why in ((f"socks5://{USER}:wrong@{PROXY}:{PROXY_PORT}", "does not accept this user and password"),
                         (f"socks5://{PROXY}:{PROXY_PORT + 5}", "is it running"),
                         (f"socks5://{PROXY}:{strange.port}", "does not speak SOCKS5"),
                         (f"http://{PROXY}:{PROXY_PORT}", "do not carry"), (f"socks4a://{PROXY}:{PROXY_PORT}", "do not carry")):
            with self.subTest(url):
                transport = self.transport(TOR_PT_PROXY=url)
                self.assertIn(why, transport.wait_for("PROXY-ERROR "))
                self.assertEqual(transport.process.wait(5), 1)
                transport.end()
                self.assertIsNone(transport.line("CMETHOD"))
        self.assert_nothing_past()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pass-on"]:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        asyncio.run(pass_on((LOOPBACK, int(sys.argv[2])), sys.argv[3]))
    else:
        report.main()
