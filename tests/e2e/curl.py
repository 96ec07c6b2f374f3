"""curl as the independent client: what it was told, what came out."""
import dataclasses
import hashlib
import os
import socket
import subprocess
import tempfile

CURL_LIMIT = 40  # seconds for one run


@dataclasses.dataclass
class Outcome:
    exit: int = -1          # curl's own exit code
    status: int = 0         # of the last answer; 0: none
    connect: int = 0        # of the proxy's answer to CONNECT; 0: none
    size: int = 0
    sha256: str = ""
    connects: int = 0       # new connections that curl made
    seconds: float = 0.0
    error: str = ""
    body: bytes = b""


# Exit codes of curl that these tests name (curl(1)).
EXIT_OK, EXIT_PARTIAL, EXIT_TIMEOUT, EXIT_NO_ANSWER, EXIT_CONNECT_REFUSED_BY_PROXY, EXIT_PROXY = 0, 18, 28, 52, 56, 97

# The way through our one port that each scheme of curl takes.
SCHEMES = {
    "http": lambda port: ["--proxy", f"http://127.0.0.1:{port}"],
    "connect": lambda port: ["--proxytunnel", "--proxy", f"http://127.0.0.1:{port}"],
    "socks5h": lambda port: ["--proxy", f"socks5h://127.0.0.1:{port}"],
    "socks5": lambda port: ["--proxy", f"socks5://127.0.0.1:{port}"],
    "socks4": lambda port: ["--proxy", f"socks4://127.0.0.1:{port}"],
    "socks4a": lambda port: ["--proxy", f"socks4a://127.0.0.1:{port}"],
    "direct": lambda port: [],
}

CLEAN_ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
REPORT = "%{stderr}REPORT %{http_code} %{http_connect} %{num_connects} %{time_total}\n"


def command(port, scheme, *arguments):
    return ["curl", "-q", "--silent", "--show-error", *SCHEMES[scheme](port), *arguments]


def fetch(port, scheme, url, *options, limit=CURL_LIMIT):
    """One URL through the client's local proxy on `port`, or directly, within `limit` seconds."""
    with tempfile.NamedTemporaryFile() as body:
        done = subprocess.run(command(port, scheme, "--max-time", str(limit), "--output", body.name, "--write-out",
                                      REPORT, *options, url),
                              capture_output=True, text=True, env=CLEAN_ENVIRONMENT, timeout=limit + 10)
        # HEAD and empty answers leave no file, or an empty one.
        data = open(body.name, "rb").read() if os.path.exists(body.name) else b""
    lines = done.stderr.strip().splitlines()
    status, connect, connects, seconds = next(line for line in lines if line.startswith("REPORT ")).split()[1:]
    error = "\n".join(line for line in lines if not line.startswith("REPORT "))
    return Outcome(done.returncode, int(status), int(connect), len(data), hashlib.sha256(data).hexdigest(), int(connects),
                   float(seconds), error, data if len(data) < 10_000 else b"")


def write_out(port, scheme, format_text, *words):
    """What --write-out says for each URL among `words`, line by line."""
    done = subprocess.run(command(port, scheme, "--max-time", str(CURL_LIMIT), "--write-out", format_text, *words),
                          capture_output=True, text=True, env=CLEAN_ENVIRONMENT, timeout=CURL_LIMIT + 10)
    assert done.returncode == EXIT_OK, done.stderr
    return done.stdout.splitlines()


def raw_connection(port):
    """To the local proxy, for what no tool would send."""
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def start(port, scheme, url, *options):
    """A transfer that goes on while the test does something else."""
    return Download(command(port, scheme, *options), url)


class Download:
    """A running curl that writes into a file of its own."""

    def __init__(self, words, url):
        self.file = tempfile.NamedTemporaryFile()
        self.process = subprocess.Popen([*words, "--output", self.file.name, url], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                        env=CLEAN_ENVIRONMENT)

    @property
    def size(self):
        return os.stat(self.file.name).st_size

    @property
    def running(self):
        return self.process.poll() is None

    def finish(self, limit):
        """(exit code, SHA-256 of what arrived)."""
        try:
            self.process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise AssertionError(f"the transfer had {self.size} bytes after {limit} s") from None
        with open(self.file.name, "rb") as body:
            return self.process.returncode, hashlib.file_digest(body, "sha256").hexdigest()

    def abort(self):
        self.process.kill()
        self.process.communicate()

    def close(self):
        if self.running:
            self.abort()
        self.file.close()
