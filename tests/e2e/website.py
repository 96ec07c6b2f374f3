"""Small web servers on loopback for clients to fetch from, over IPv4 or IPv6, plain or TLS, that remember what they saw.

    GET  /bytes/N    N bytes of noise, the same each time (noise(N))       HEAD as GET
    GET  /none       204                       GET /chunked    three chunks, "one two three"
    GET  /slow       five pieces, 0.2 s apart  GET /early      promises EARLY_LENGTH bytes, sends EARLY_SENT, hangs up
    GET  /endless    until the connection ends, and
    GET  /silent     no answer, until the connection ends: then hang_ups counts
    POST /echo       what it was sent; asked_to_continue counts the 100 Continue
"""
import collections
import contextlib
import hashlib
import http.server
import random
import socket
import ssl
import subprocess
import threading
import time

EARLY_LENGTH = 100_000
EARLY_SENT = 1_000
SLOW_PIECES = 5
SLOW_GAP = 0.2  # seconds
BLOCK = random.Random(1).randbytes(1 << 20)


def noise(count):
    return (BLOCK * (count // len(BLOCK) + 1))[:count]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 90  # seconds until a kept-alive connection that idles, or a reader that takes nothing, is given up

    def do_GET(self):
        site = self.server.site
        with site.lock:
            site.hits[self.path] += 1
        if self.path in site.pages:
            return self.reply(200, site.pages[self.path], "text/html; charset=utf-8")
        name, _, number = self.path[1:].partition("/")
        action = getattr(self, "get_" + name, None)
        if action is None:
            return self.reply(404, b"nothing here\n")
        return action(int(number)) if number else action()

    do_HEAD = do_GET

    def do_POST(self):
        with self.server.site.lock:
            self.server.site.hits[self.path] += 1
        self.reply(200, self.rfile.read(int(self.headers["Content-Length"])))

    def handle_expect_100(self):
        self.server.site.asked_to_continue += 1
        return super().handle_expect_100()

    def reply(self, status, body, kind="application/octet-stream"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def get_bytes(self, count):
        self.send_response(200)
        self.send_header("Content-Length", str(count))
        self.end_headers()
        if self.command == "HEAD":
            return
        for at in range(0, count, len(BLOCK)):
            self.wfile.write(BLOCK[:count - at])

    def get_none(self):
        self.send_response(204)
        self.end_headers()

    def get_chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"one ", b"two ", b"three"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def get_slow(self):
        self.send_response(200)
        self.send_header("Content-Length", str(SLOW_PIECES * 10))
        self.end_headers()
        for _ in range(SLOW_PIECES):
            self.wfile.write(b"ten bytes\n")
            time.sleep(SLOW_GAP)

    def get_early(self):
        self.send_response(200)
        self.send_header("Content-Length", str(EARLY_LENGTH))
        self.end_headers()
        self.wfile.write(noise(EARLY_SENT))
        self.close_connection = True

    def get_endless(self):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        try:
            while not self.server.site.stopping:
                self.wfile.write(BLOCK)
        except OSError:
            with self.server.site.lock:
                self.server.site.hang_ups += 1

    def get_silent(self):
        with contextlib.suppress(OSError):
            while self.connection.recv(1):
                pass
        with self.server.site.lock:
            self.server.site.hang_ups += 1
        self.close_connection = True

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def get_request(self):
        connection, address = super().get_request()
        with self.site.lock:
            self.site.connections += 1
        return connection, address

    def handle_error(self, request, client_address):
        pass  # whoever hangs up early is what many of these tests are about


class Website:
    """A running server. close() ends it."""

    def __init__(self, host="127.0.0.1", certificate=None, port=0):
        self.lock = threading.Lock()
        self.hits = collections.Counter()
        self.pages = {}
        self.connections = self.hang_ups = self.asked_to_continue = 0
        self.stopping = False
        self.host = host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.server = type("Bound", (Server,), {"address_family": family, "site": self})((host, port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if certificate else "http"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.server.server_port}"

    def url(self, path):
        return f"{self.scheme}://{self.address}{path}"

    def close(self):
        self.stopping = True
        self.server.shutdown()
        self.server.server_close()


class ClosedPort:
    """A port on which nobody listens, kept from others while this object lives."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def url(self, path):
        return f"http://{self.address}{path}"

    def close(self):
        self.socket.close()


def has_ipv6_loopback():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def make_certificate(path):
    """A self-signed certificate for 127.0.0.1 with its key in one file."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=127.0.0.1", "-days", "2", "-keyout", path, "-out", path + ".crt"],
                   check=True, capture_output=True)
    with open(path, "a") as out, open(path + ".crt") as certificate:
        out.write(certificate.read())
    return path
