#!/usr/bin/env python3
"""The way to broker and egress in TLS: through nginx as docs/ops/front.md has it, through a front of another name, to our
own listeners; what certificates that are wrong lead to; and what somebody sees who only tries the servers out."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
import curl  # noqa: E402
import report  # noqa: E402
import website  # noqa: E402
from chain import LOOPBACK, Chain, die_with_parent, eventually, free_port  # noqa: E402
from kernel_connections import connections_to  # noqa: E402

PAGE_BYTES = 300_000
ASKED, BURST, RATE = 150, 60, 5  # requests; as docs/ops/front.md has them, RATE a second
LIMIT = 30.0  # seconds for what takes one or two on a machine that does nothing else
DAY = 86_400


def find_nginx():
    done = subprocess.run([ROOT / "scripts/unpacked", "nginx"], capture_output=True, text=True)
    places = [pathlib.Path(done.stdout.strip(), "usr/sbin/nginx")] if done.returncode == 0 else []
    for program in [*places, pathlib.Path("/usr/sbin/nginx")]:
        if program.exists() and subprocess.run([program, "-v"], capture_output=True).returncode == 0:
            return program
    return None


class Authority:
    """An authority of ours and what it signs, by the openssl program."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "ca.pem"
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out",
                 "ca.pem", "-subj", "/CN=Test Authority", "-days", "2")
        (folder / "index.txt").touch()
        (folder / "ca.cnf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\nunique_subject=no\n"
                                       "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")

    def run(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def sign(self, name, names="DNS:localhost,IP:127.0.0.1", begins=-DAY, ends=DAY):
        """(certificate, key): files."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        stamp = lambda offset: time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + offset))  # noqa: E731
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key.name, "-out",
                 f"{name}.csr", "-subj", f"/CN={name}")
        self.run("ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", f"{name}.csr", "-out",
                 certificate.name, "-startdate", stamp(begins), "-enddate", stamp(ends), "-extfile", f"{name}.ext", "-notext",
                 "-rand_serial")
        key.chmod(0o600)
        return certificate, key


class Nginx:
    def __init__(self, program, folder, port, certificate, key, broker, egress, root):
        example = re.search("```nginx\n(.*?)```", (ROOT / "docs/ops/front.md").read_text(), re.S)[1]
        for before, after in (("listen 443", f"listen {LOOPBACK}:{port}"), ("127.0.0.1:8900", f"{LOOPBACK}:{broker}"),
                              ("127.0.0.1:8901", f"{LOOPBACK}:{egress}"), ("/var/www/html", str(root)),
                              ("/etc/letsencrypt/live/broker.example/fullchain.pem", str(certificate)),
                              ("/etc/letsencrypt/live/broker.example/privkey.pem", str(key))):
            assert before in example, before
            example = example.replace(before, after)
        places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;\n" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(f"{user}daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n"
                                           f"events {{ worker_connections 512; }}\nhttp {{\n{places}types {{ text/html html; "
                                           f"text/css css; image/png png; }}\n{example}}}\n")
        self.process = subprocess.Popen([program, "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "nginx.log"],
                                        preexec_fn=die_with_parent)
        eventually(lambda: answers(port), "nginx answers", LIMIT)

    def stop(self):
        self.process.terminate()
        self.process.wait(LIMIT)


def answers(port):
    with socket.socket() as s:
        return s.connect_ex((LOOPBACK, port)) == 0


def make_site(folder):
    folder.mkdir()
    (folder / "index.html").write_text("<html><body>Bread and cakes</body></html>\n")
    (folder / "style.css").write_text("body { color: brown }\n")
    (folder / "blank.png").write_bytes(bytes(100))


class FrontedChain(Chain):
    """A chain whose broker and legs are reached at other places than where they listen."""
    broker_place = leg_place = None

    @property
    def broker_url(self):
        return self.broker_place or super().broker_url

    @property
    def relay_url(self):
        return self.leg_place or super().relay_url


class Fronts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="fb-fronts-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.authority = Authority(cls.folder)
        cls.good = cls.authority.sign("good")
        cls.site_folder = cls.folder / "site"
        make_site(cls.site_folder)
        cls.trust = ("--broker-ca", str(cls.authority.file))
        cls.nginx = find_nginx()

    def own_tls(self):
        return ("--tls-cert", str(self.good[0]), "--tls-key", str(self.good[1]), "--decoy", str(self.site_folder))

    def need_nginx(self):
        if self.nginx is None:
            self.skipTest("nginx is not on this machine (scripts/setup interop unpacks it)")

    def check_page(self, chain, client, site):
        got = curl.fetch(client.port, "socks5h", f"http://{site.address}/bytes/{PAGE_BYTES}")
        self.assertEqual((got.status, got.size), (200, PAGE_BYTES), got.error + chain.logs())

    def behind_nginx(self, site):
        """Broker and egress behind nginx, and everybody reaches both there."""
        self.need_nginx()
        port = free_port()
        chain = FrontedChain(allow=[site.address], egress_options=["--relay-url", f"wss://localhost:{port}/leg"])
        chain.leg_place = f"wss://localhost:{port}/leg"
        self.enterContext(chain)
        chain.broker_place = f"https://localhost:{port}/news"
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        nginx = Nginx(self.nginx, folder, port, *self.good, chain.broker_program.port, chain.egress_program.port,
                      self.site_folder)
        self.addCleanup(nginx.stop)
        return chain, port

    def test_a_page_through_nginx_as_the_guide_has_it(self):
        with contextlib.closing(website.Website()) as site:
            chain, _ = self.behind_nginx(site)
            chain.volunteer(*self.trust, "--no-udp-legs")
            self.check_page(chain, chain.client(*self.trust), site)

    def test_who_asks_too_often_gets_no_further_than_nginx(self):
        with contextlib.closing(website.Website()) as site:
            chain, port = self.behind_nginx(site)
            unread = lambda: chain.broker_program.metric("footbridge_broker_malformed_total")  # noqa: E731
            context = ssl.create_default_context(cafile=self.authority.file)
            began = time.monotonic()
            with socket.create_connection((LOOPBACK, port), LIMIT) as plain, \
                    context.wrap_socket(plain, server_hostname="localhost") as secured:
                for _ in range(ASKED):
                    head, _ = read_answer(secured, b"POST /news HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
                    self.assertIn("404", head[0])
            self.assertGreaterEqual(unread(), BURST)
            self.assertLessEqual(unread(), BURST + 1 + RATE * (time.monotonic() - began))

    def test_a_page_through_a_front_of_another_name(self):
        with contextlib.closing(website.Website()) as site:
            chain, port = self.behind_nginx(site)
            chain.volunteer(*self.trust, "--no-udp-legs")
            chain.broker_place = "https://broker.invalid/news"  # a name that nobody can look up
            self.check_page(chain, chain.client(*self.trust, "--front", f"localhost:{port}"), site)

    def test_a_page_through_listeners_of_our_own(self):
        with contextlib.closing(website.Website()) as site:
            port = free_port()
            chain = FrontedChain(allow=[site.address], egress_port=port, broker_options=self.own_tls(),
                                 egress_options=[*self.own_tls(), "--relay-url", f"wss://localhost:{port}/leg", "--workers", "2"])
            chain.leg_place = f"wss://localhost:{port}/leg"
            with chain:
                chain.broker_place = f"https://localhost:{chain.broker_program.port}/"
                chain.volunteer(*self.trust)
                self.check_page(chain, chain.client(*self.trust), site)
                ends = chain.egress_program.metric("footbridge_tls_certificate_ends_seconds")
                self.assertAlmostEqual(ends, time.time() + DAY, delta=300)

    def test_never_more_than_two_connections_whatever_brokers_do(self):
        silent = socket.create_server((LOOPBACK, 0))  # accepts, and never says a word
        self.addCleanup(silent.close)
        with FrontedChain(broker_options=self.own_tls()) as chain:
            brokers = [f"https://localhost:{chain.broker_program.port}/", f"https://localhost:{silent.getsockname()[1]}/",
                       f"https://127.0.0.1:{chain.broker_program.port}/x"]
            ports = {chain.broker_program.port, silent.getsockname()[1]}
            words = [word for url in brokers[1:] for word in ("--broker", url)]
            chain.broker_place = brokers[0]
            client = chain.client(*self.trust, *words, "--timeout", "60s", ready=False)
            counts = []
            give_up = time.monotonic() + 6
            while time.monotonic() < give_up:
                counts.append(connections_to(client.pid, ports))
                time.sleep(0.01)
            self.assertLessEqual(max(counts), 2)
            self.assertGreaterEqual(max(counts), 1, "it never came" + chain.logs())

    def test_every_bad_certificate_is_refused_by_its_cause(self):
        other = Authority(pathlib.Path(tempfile.mkdtemp(dir=self.folder)))
        kinds = {"broker-certificate-expired": self.authority.sign("expired", begins=-3 * DAY, ends=-DAY),
                 "broker-certificate-not-yet-valid": self.authority.sign("early", begins=DAY, ends=2 * DAY),
                 "broker-certificate-wrong-name": self.authority.sign("wrong", names="DNS:other.example"),
                 "broker-certificate-unproven": other.sign("self")}
        with FrontedChain() as chain:
            for reason, (certificate, key) in kinds.items():
                with self.subTest(reason):
                    port = free_port()
                    server = subprocess.Popen(["openssl", "s_server", "-accept", f"{LOOPBACK}:{port}", "-cert", certificate, "-key", key,
                                               "-www", "-quiet"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                              preexec_fn=die_with_parent)
                    self.addCleanup(server.stdout.close)
                    self.addCleanup(server.wait)
                    self.addCleanup(server.kill)
                    eventually(lambda: answers(port), "s_server answers", LIMIT)
                    chain.broker_place = f"https://localhost:{port}/"
                    client = chain.client(*self.trust, ready=False)
                    eventually(lambda: f"why={reason}" in client.log(), f"{reason}: {client.log()}", LIMIT)
                    client.kill()

    def test_a_new_certificate_is_taken_and_a_bad_one_is_not(self):
        certificate, key = self.folder / "live.pem", self.folder / "live.key"
        install = lambda pair: [shutil.copy2(pair[0], certificate), shutil.copy2(pair[1], key)]  # noqa: E731
        first, second = self.authority.sign("first"), self.authority.sign("second")
        install(first)
        with FrontedChain(broker_options=["--tls-cert", str(certificate), "--tls-key", str(key)]) as chain:
            broker = chain.broker_program
            self.assertEqual(shown_name(broker.port), "first")
            install(self.authority.sign("over", begins=-3 * DAY, ends=-DAY))
            broker.signal(signal.SIGHUP)
            eventually(lambda: "reload-refused" in broker.log(), "the bad one is refused", LIMIT)
            self.assertEqual(shown_name(broker.port), "first")
            install(second)
            broker.signal(signal.SIGHUP)
            eventually(lambda: shown_name(broker.port) == "second", "the new one is shown", LIMIT)

    def test_who_only_tries_it_out_sees_a_web_server(self):
        self.need_nginx()
        options = self.own_tls()
        with FrontedChain(broker_options=options, egress_options=options) as chain:
            port = free_port()
            folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
            nginx = Nginx(self.nginx, folder, port, *self.good, 9, 9, self.site_folder)
            self.addCleanup(nginx.stop)
            for what, probe in PROBES.items():
                expected = ask(port, probe)
                for server in (chain.broker_program, chain.egress_program):
                    with self.subTest(what, server=server.name):
                        self.assertEqual(ask(server.port, probe), expected)


def shown_name(port):
    shown = ssl.get_server_certificate((LOOPBACK, port))
    done = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=shown, capture_output=True, text=True)
    return done.stdout.strip().rpartition("= ")[2]


CHROME = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\r\n"
# Twelve kinds of knocking: what is sent in TLS (or, without_tls, below it). "Host: x" completes each head.
PROBES = {
    "the first page": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a page": b"GET /style.css?v=2 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a head": b"HEAD /blank.png HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown page": b"GET /admin/login.php HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown page for a browser": b"GET /unknown HTTP/1.1\r\nHost: x\r\n" + CHROME.encode() + b"\r\n",
    "a post to a page": b"POST /index.html HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "a post to nowhere": b"POST /unknown HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    "another method": b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a way out of the site": b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "no HTTP": b"\x16\x03\x01 hello\r\n\r\n",
    "a WebSocket to nowhere": b"GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                              b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "no TLS": None,
}


def ask(port, probe):
    """(status line, headers without what time decides, body, kept open) of the answer."""
    with socket.create_connection((LOOPBACK, port), LIMIT) as plain:
        if probe is None:
            return read_answer(plain, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain, server_hostname="localhost") as secured:
            return read_answer(secured, probe)


def read_answer(connection, probe):
    connection.sendall(probe)
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"Content-Length: (\d+)", head)[1])
    while not probe.startswith(b"HEAD") and len(body) < length:
        body += connection.recv(65536)
    return re.sub(rb"Date: [^\r]*", b"Date", head).decode().split("\r\n"), body


if __name__ == "__main__":
    report.main()
