"""The whole chain as processes on this machine: egress, broker, volunteers and a client, started from the real binary.

    with Chain(allow=[site.address]) as chain:
        chain.volunteer()
        client = chain.client()
        … curl through client.port …

Each program has a log, an admin socket and a notification socket in one temporary directory, and dies with the test.
Leaving the block stops them in order, and fails when one does not end with exit code 0 within EXIT_LIMIT, or when a log
or /metrics names an address, a host, a description or a token (privacy.py).
"""
import contextlib
import ctypes
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import privacy

READY_LIMIT = 20.0  # seconds; a loaded machine starts a program in this
EXIT_LIMIT = 20.0   # seconds to the end of an orderly stop, drain included: a client drains for 5, and the machine is busy
SOON = 20.0         # seconds in which what happens by itself has happened, however busy the machine is
POLL = 0.02         # seconds between two looks at something that should happen
UNPRIVILEGED = 1024  # the first port that everybody may use
ENOUGH_PORTS = 1000  # to draw from, for programs that run beside each other
LOG_TAIL = 5000     # characters of each log that a failure shows
LOOPBACK = "127.0.0.1"
ESTABLISHED = "01"  # in /proc/net/tcp and udp: connected
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
os.environ.setdefault("FB_VOLUNTEER__AGREED", "true")  # whoever wrote a test knows who sees what; consent.py asks


def binary():
    """The program under test: $FOOTBRIDGE, which wins over the --program that CMake passes (report.py)."""
    path = os.environ.get("FOOTBRIDGE")
    if not path:
        sys.exit("say which program to test: --program PATH or the environment variable FOOTBRIDGE")
    return path


def eventually(condition, what, limit=SOON):
    """Returns the first true value of condition(); fails when there is none within `limit` seconds."""
    give_up = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > give_up:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(POLL)


def free_port():
    """One that nobody has, and that the system gives to nobody else until it is used: below those that it chooses from.
    Where it chooses from nearly all, it is one of those: among so many it hardly gives away just that one."""
    lowest = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    below = range(max(lowest // 2, UNPRIVILEGED), lowest)
    ports = below if len(below) >= ENOUGH_PORTS else range(UNPRIVILEGED, 1 << 16)
    while True:
        port = random.choice(ports)
        with contextlib.suppress(OSError), socket.create_server((LOOPBACK, port)):
            return port


def with_common(options):
    """`options`, and what all programs of a chain are given unless `options` say it already."""
    common = {"--log-level": "debug", "--drain-timeout": "1s"}
    return [*options, *(word for name, value in common.items() if name not in options for word in (name, value))]


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Program:
    """One running program. Its log is everything it wrote on standard output and error."""

    def __init__(self, name, arguments, folder, wrapper=(), log_to=None):
        self.name = name
        self.log_path = folder / f"{name}.log"
        self.admin_path = folder / f"{name}.admin"
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify_path = folder / f"{name}.notify"
        notify_path.unlink(missing_ok=True)
        self._notify.bind(str(notify_path))
        self.port = None
        self.last_metrics = ""
        command = [*wrapper, binary(), *arguments, "--admin", str(self.admin_path)]
        # Nobody here is the same installation as anybody else, unless a test says so with --state-dir.
        state_home = folder / f"{name}.state"
        with open(log_to or self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=dict(os.environ, NOTIFY_SOCKET=str(notify_path), XDG_STATE_HOME=str(state_home)),
                                            start_new_session=True, preexec_fn=die_with_parent)

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def ready(self, limit=READY_LIMIT):
        """Waits until it says that it is ready, and learns its port when it says one."""
        self._notify.settimeout(POLL)
        give_up = time.monotonic() + limit
        while time.monotonic() < give_up:
            if self.process.poll() is not None:
                raise AssertionError(f"the {self.name} ended with {self.process.returncode}:\n{self.log()}")
            try:
                text = self._notify.recv(4096).decode()
            except TimeoutError:
                continue
            for line in text.splitlines():
                if line.startswith("STATUS=port "):
                    self.port = int(line.split()[1])
                if line == "READY=1":
                    return self
        raise AssertionError(f"the {self.name} did not get ready in {limit} s:\n{self.log()}")

    def admin(self, method, target):
        """(status, body) of one request to the admin socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(READY_LIMIT)
            s.connect(str(self.admin_path))
            s.sendall(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while piece := s.recv(65536):
                answer += piece
        head, _, body = answer.decode().partition("\r\n\r\n")
        return int(head.split()[1]), body

    def metrics(self):
        """Every sample of /metrics by its name with labels."""
        status, self.last_metrics = self.admin("GET", "/metrics")
        assert status == 200, status
        lines = (line for line in self.last_metrics.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def metric(self, name):
        """One sample; of a name that has labels, and was given without, the sum of all."""
        samples = {sample: value for sample, value in self.metrics().items() if sample == name or sample.startswith(name + "{")}
        assert samples, f"{self.name} has no {name}"
        return sum(samples.values())

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, limit):
        """Its exit code; fails when it still runs after `limit` seconds."""
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the {self.name} still runs after {limit} s:\n{self.log()}") from None

    def terminate(self, limit=EXIT_LIMIT):
        self.signal(signal.SIGTERM)
        return self.wait(limit)

    def kill(self):
        """At once, as a crash or a power cut would."""
        self.process.kill()
        self.process.wait()

    @property
    def running(self):
        return self.process.poll() is None

    def memory(self):
        """Bytes of it in memory now (RSS)."""
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def pair_sockets(self):
        """Its UDP sockets that are connected to one peer: a link opens one, a moment after it is up, for the pair it keeps."""
        own = set()
        for number in os.listdir(f"/proc/{self.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                own.add(os.readlink(f"/proc/{self.pid}/fd/{number}"))
        rows = [line.split() for table in ("udp", "udp6")
                for line in pathlib.Path(f"/proc/{self.pid}/net/{table}").read_text().splitlines()]
        return sum(row[3] == ESTABLISHED and f"socket:[{row[9]}]" in own for row in rows)

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))


class Chain:
    """Starts egress and broker on entering; volunteers and clients when asked."""

    def __init__(self, allow=(), egress_options=(), egress_host=LOOPBACK, egress_port=0, egress_wrapper=(), broker_options=(),
                 udp_port=None, country=None, broker_host=LOOPBACK):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fb-e2e-"))
        self.allow = list(allow)
        self.egress_options = list(egress_options)
        self.broker_options = list(broker_options)
        self.egress_host, self.egress_port, self.broker_host = egress_host, egress_port, broker_host
        self.egress_wrapper = tuple(egress_wrapper)  # words before the egress's command: another network namespace
        self.udp_port = udp_port             # where the egress offers relay legs over UDP, or is said to
        if country:  # which the broker takes all of 127.0.0.0/8 to be in
            pathlib.Path(self.path("geoip")).write_text(f"{0x7f000000},{0x7fffffff},{country}\n")
            self.broker_options += ["--geoip", self.path("geoip")]
        self.programs = []
        self.egress_program = self.broker_program = None

    def __enter__(self):
        try:
            self.start_egress(self.egress_port)
            self.start_broker()
        except BaseException:
            self._end_all()
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(self, kind, error, trace):
        codes = self._end_all()
        logs = {program.name: program for program in self.programs}
        leaks = [f"{name}: {leak}" for name, program in logs.items()
                 for leak in privacy.leaks(program.log() + program.last_metrics)]
        shutil.rmtree(self.folder)
        if kind is None:
            assert not leaks, "private data in a log or in metrics: " + "; ".join(leaks)
            assert not any(codes.values()), f"exit codes {codes}"

    def logs(self):
        """The ends of all logs, for who reads about a failure."""
        return "".join(f"---- {program.name}\n{program.log()[-LOG_TAIL:]}" for program in self.programs)

    def _end_all(self):
        """Exit codes of all that were not killed by the test; clients first, so that nobody waits for anybody."""
        codes = {}
        for program in reversed(self.programs):
            if program.running:
                try:
                    program.metrics()
                except (OSError, AssertionError, IndexError, ValueError):
                    pass  # it says why in its log or exit code
                program.signal(signal.SIGTERM)
                try:
                    codes[program.name] = program.process.wait(EXIT_LIMIT)
                except subprocess.TimeoutExpired:
                    program.kill()
                    codes[program.name] = "did not stop"
        return codes

    def run(self, name, arguments, wrapper=(), log_to=None):
        program = Program(name, arguments, self.folder, wrapper, log_to)
        self.programs.append(program)
        return program

    def start_egress(self, port=0):
        """Also for a restart: same keys, and the same port when it is given. No port is one that the system chooses: while its
        owner is away, it would go to somebody else's connection."""
        port = port or free_port()
        options = [word for address in self.allow for word in ("--allow-destination", address)]
        if self.egress_host != LOOPBACK:
            options += ["--relay-url", f"ws://{self.egress_host}:{port}/leg"]
        self.egress_program = self.run(
            "egress", ["egress", "--listen", f"{self.egress_host}:{port}", "--create", "--identity-file", self.path("egress.pem"),
                       "--leg-key-file", self.path("leg.key"), "--descriptor-out", self.path("egress.toml"),
                       *options, *with_common(self.egress_options)],
            self.egress_wrapper).ready()
        return self.egress_program

    def start_broker(self, port=0):
        port = port or free_port()
        egress = ["--egress", self.relay_url, "--leg-key-file", self.path("leg.key")]
        if self.udp_port:
            egress = ["--egress-file", self.path("broker.toml")]
            pathlib.Path(self.path("broker.toml")).write_text(
                f'[[egress]]\nid = "egress"\nrelay = "{self.relay_url}"\nrelay_udp_port = {self.udp_port}\n'
                f'spki_sha256 = "{self.pin}"\nkey_file = "{self.path("leg.key")}"\n')
        self.broker_program = self.run(
            "broker", ["broker", "--listen", f"{self.broker_host}:{port}", *egress, *with_common(self.broker_options)]).ready()
        return self.broker_program

    def path(self, name):
        return str(self.folder / name)

    @property
    def pin(self):
        """SHA-256 of the egress's public key, as its descriptor says."""
        text = pathlib.Path(self.path("egress.toml")).read_text()
        return text.partition('spki_sha256 = "')[2].partition('"')[0]

    @property
    def relay_url(self):
        return f"ws://{self.egress_host}:{self.egress_program.port}/leg"

    @property
    def broker_url(self):
        return f"http://{self.broker_host}:{self.broker_program.port}/"

    def volunteer_arguments(self, *options):
        return ["volunteer", "--broker", self.broker_url, "--egress", self.relay_url, "--allow-private-egress",
                "--allow-private-candidates", *with_common(options)]

    def client_arguments(self, *options):
        return ["connect", "--broker", self.broker_url, "--egress-descriptor", self.path("egress.toml"), "--listen",
                f"{LOOPBACK}:0", "--allow-private-candidates", *with_common(options)]

    def volunteer(self, *options, name=None, ready=True):
        name = name or f"volunteer-{sum(p.name.startswith('volunteer') for p in self.programs) + 1}"
        program = self.run(name, self.volunteer_arguments(*options))
        return program.ready() if ready else program

    def client(self, *options, name=None, ready=True):
        name = name or f"client-{sum(p.name.startswith('client') for p in self.programs) + 1}"
        program = self.run(name, self.client_arguments(*options))
        return program.ready() if ready else program

    def leg_connections(self):
        """TCP connections that exist at the egress's listener, as the kernel counts them: no word of ours in it."""
        listener = f"0100007F:{self.egress_program.port:04X}"
        with open("/proc/net/tcp") as table:
            rows = [line.split()[1:4] for line in table][1:]
        return sum(local == listener and state == ESTABLISHED for local, _, state in rows)

    def legs(self):
        """Relay legs that carry a path, as the egress counts them."""
        return self.egress_program.metric("footbridge_egress_paths")
