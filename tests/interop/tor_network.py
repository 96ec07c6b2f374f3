"""A private tor network on loopback, of real tor processes: a directory authority (a relay, too), an exit, a bridge, and
clients. Two relays make a consensus, and a bridge is everybody's first hop, so four processes are enough.

    with own_network(), TorNetwork(folder) as network:      # a network namespace with nothing but loopback
        network.start_bridge([*BRIDGE_LINES, "ServerTransportPlugin …"])
        network.wait_for_consensus()
        client = network.start_client([f"Bridge {network.bridge.address}"])
        client.wait_for_bootstrap()
        … fetch through client.socks_port …

Ports are fixed: nobody else is in the namespace. Everything waits by polling, within a limit. Leaving the block ends all
processes, and what they started: orphans of a tor come to this process, which counts them (TorNetwork.orphans).
"""
import contextlib
import ctypes
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import tor_control  # noqa: E402
from chain import LIBC, LOOPBACK, die_with_parent, eventually  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
OLDEST_TOR = "0.4.7"
PR_SET_CHILD_SUBREAPER = 36

AUTHORITY_OR, AUTHORITY_DIR = 5001, 5501
EXIT_OR = 5101
BRIDGE_CONTROL = 5303
CLIENT_SOCKS, CLIENT_CONTROL = 9050, 9051

CONSENSUS_LIMIT = 60.0  # seconds from the authority's start; 7 to 15 when all relays are in the first vote, else 10 more
# By the clock on the wall: 6 s into each interval (its length less the two delays below) the authority votes on the relays
# that it has heard of. Who starts in the first START_UNTIL seconds has time to make itself known.
VOTE_INTERVAL, START_UNTIL = 10.0, 4.0
BOOTSTRAP_LIMIT = 60.0  # seconds of a client; 4 is usual
START_LIMIT = 20.0      # seconds until a tor has opened its ports
STOP_LIMIT = 10.0       # seconds to the end of a tor that was asked; ShutdownWaitLength is 0
# A relay in a network of two has nobody for a second hop, and says so each second.
INTERESTING = re.compile(r"^(?!.*(?:No available nodes|Failed to choose an exit|giving Tor only an IP address)).*"
                         r"(?:\[(?:warn|err)\]|Bootstrapped|[Mm]anaged proxy|[Pp]luggable|[Bb]ridge|transport)")
TAIL_LINES = 40         # of each log that a failure shows

COMMON = f"""
TestingTorNetwork 1
Address {LOOPBACK}
AssumeReachable 1
PathsNeededToBuildCircuits 0.67
ShutdownWaitLength 0
ServerDNSDetectHijacking 0
ServerDNSTestAddresses
ServerDNSAllowBrokenConfig 1
ServerDNSResolvConfFile /dev/null
SafeLogging 0
"""
AUTHORITY = f"""
SocksPort 0
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
ContactInfo nobody
TestingV3AuthInitialVotingInterval 10
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
V3AuthVotingInterval 10
V3AuthVoteDelay 2
V3AuthDistDelay 2
V3AuthNIntervalsValid 2
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingDirAuthVoteGuard *
TestingMinExitFlagThreshold 0
OrPort {LOOPBACK}:{AUTHORITY_OR}
DirPort {LOOPBACK}:{AUTHORITY_DIR}
ExitRelay 0
"""
# RefuseUnknownExits: or the first stream may come before the exit itself has the consensus, and die.
EXIT = f"""
SocksPort 0
OrPort {LOOPBACK}:{EXIT_OR}
ExitRelay 1
RefuseUnknownExits 0
ExitPolicyRejectPrivate 0
ExitPolicy accept {LOOPBACK.rpartition(".")[0]}.0/8:*
ExitPolicy accept *:*
"""
BRIDGE = f"""
SocksPort 0
ControlPort {LOOPBACK}:{BRIDGE_CONTROL}
"""
# A bridge as small as one can be; those with a transport of ours have the lines of the documentation instead.
BRIDGE_LINES = ("BridgeRelay 1", "ExitRelay 0", "PublishServerDescriptor 0", f"OrPort {LOOPBACK}:auto", "ExtORPort auto")
CLIENT = f"""
SocksPort {LOOPBACK}:{CLIENT_SOCKS}
ControlPort {LOOPBACK}:{CLIENT_CONTROL}
LearnCircuitBuildTimeout 0
"""


def tor_root():
    """The folder that is / to tor's programs (scripts/setup interop fetches them); None when there are none."""
    done = subprocess.run([str(ROOT / "scripts/unpacked"), "tor", OLDEST_TOR], capture_output=True, text=True, check=False)
    return pathlib.Path(done.stdout.strip()) if done.returncode == 0 else None


def children_of(pid):
    """Processes whose parent is `pid`, zombies left out: {pid: command line}."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                words = (entry / "cmdline").read_bytes().split(b"\0")
                found[int(entry.name)] = b" ".join(words).decode(errors="replace").strip()
    return found


def listeners():
    """(address, port) of every TCP listener in this network namespace, as ss would list them."""
    found = set()
    with open("/proc/thread-self/net/tcp") as table:
        for line in list(table)[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A":
                address, port = local.split(":")
                found.add((".".join(str(b) for b in bytes.fromhex(address)[::-1]), int(port, 16)))
    return found


class Node:
    """One tor process with a folder of its own."""

    def __init__(self, network, name, torrc):
        self.name = name
        self.folder = network.folder / name
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.log_path = self.folder / "log"
        self.torrc = self.folder / "torrc"
        self.torrc.write_text(f"DataDirectory {self.folder}\nPidFile {self.folder}/pid\nNickname {name}\n"
                              f"Log notice file {self.log_path}\n" + torrc)
        self.command = [*network.tor_command, "-f", str(self.torrc)]
        self.process = None
        self.began = None
        self.started_at = 0  # characters in its log when it was started last

    def start(self):
        self.began = time.monotonic()
        self.started_at = len(self.log())
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            start_new_session=True, preexec_fn=die_with_parent)
        return self

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def story(self):
        """The lines of its log that say why something did not work."""
        lines = [line for line in self.log().splitlines() if INTERESTING.search(line)]
        output = (self.folder / "output").read_text(errors="replace").splitlines() if (self.folder / "output").exists() else []
        return "\n".join([f"---- {self.name}", *lines[-TAIL_LINES:], *output[-5:]])

    def wait_for_log(self, pattern, limit, since=0):
        """The match of `pattern` in what it logged after the first `since` characters."""
        def look():
            if not self.running:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}\n{self.story()}")
            return re.search(pattern, self.log()[since:])
        return eventually(look, f"{self.name} logs {pattern}", limit)

    def bootstrap_states(self):
        """What tor says on its way, in order, each once: some are said again with a few percent more."""
        return list(dict.fromkeys(re.findall(r"Bootstrapped \d+% \((\w+)\)", self.log())))

    def wait_for_bootstrap(self, limit=BOOTSTRAP_LIMIT):
        """Seconds from its start to 100 %."""
        self.wait_for_log(r"Bootstrapped 100%", limit, self.started_at)
        return time.monotonic() - self.began

    def transports(self):
        """The processes it started: its pluggable transports."""
        return children_of(self.pid)

    def stop(self):
        """As a service manager does: one that does not end is killed. Its exit code."""
        if self.running:
            self.process.terminate()
        try:
            return self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:  # seen of a tor on a busy machine; it waits for none of its transports
            waits = [task.read_text() for task in pathlib.Path(f"/proc/{self.pid}/task").glob("*/wchan")]
            print(f"{self.name} still ran {STOP_LIMIT} s after SIGTERM, in {waits}\n{self.story()}")
            self.kill()
            return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait()


class Client(Node):
    socks_port = CLIENT_SOCKS

    def control(self):
        return tor_control.Control(LOOPBACK, CLIENT_CONTROL)


class Bridge(Node):
    def control(self):
        return tor_control.Control(LOOPBACK, BRIDGE_CONTROL)

    @property
    def fingerprint(self):
        def read():
            path = self.folder / "fingerprint"
            return path.read_text().split()[1:] if path.exists() else None
        return eventually(read, "the bridge has keys")[0]

    @property
    def address(self):
        """Of its plain ORPort, with its fingerprint: what follows `Bridge ` without a transport."""
        with self.control() as control:
            listener, = control.command("GETINFO net/listeners/or")
        return f"{listener.partition('=')[2].strip(chr(34))} {self.fingerprint}"


class TorNetwork:
    """Authority and exit run when the block is entered. One bridge, and one client at a time (ports are fixed)."""

    def __init__(self, folder, root=None):
        self.folder = pathlib.Path(folder)
        self.root = root or tor_root()
        self.nodes = []
        self.bridge = None
        self.defaults = self.folder / "defaults"
        self.tor_command = [str(self.root / "usr/bin/tor"), "--defaults-torrc", str(self.defaults)]

    def __enter__(self):
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.began = time.monotonic()
        try:
            self.start_relays()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def start_relays(self):
        self.defaults.write_text(COMMON)
        authority = self.add(Node(self, "auth1", AUTHORITY))
        keys = authority.folder / "keys"
        keys.mkdir(mode=0o700)
        subprocess.run([str(self.root / "usr/bin/tor-gencert"), "--create-identity-key", "-m", "3", "-a",
                        f"{LOOPBACK}:{AUTHORITY_DIR}", "--passphrase-fd", "0"],
                       cwd=keys, input=b"secret\n", check=True, capture_output=True)
        v3ident = re.search(r"^fingerprint (\w+)$", (keys / "authority_certificate").read_text(), re.MULTILINE)[1]
        self.defaults.write_text(COMMON + self.directory(v3ident, self.fingerprint(authority, self.directory(v3ident, "F" * 40))))
        eventually(lambda: time.time() % VOTE_INTERVAL < START_UNTIL, "it is time to start a network", VOTE_INTERVAL)
        authority.start()
        self.add(Node(self, "exit1", EXIT)).start()

    @staticmethod
    def directory(v3ident, fingerprint):
        return (f"DirAuthority auth1 orport={AUTHORITY_OR} no-v2 v3ident={v3ident} {LOOPBACK}:{AUTHORITY_DIR} {fingerprint}\n")

    def fingerprint(self, node, more=""):
        """Makes the node's keys if it has none."""
        self.defaults.write_text(self.defaults.read_text() + more)
        done = subprocess.run([*node.command, "--list-fingerprint", "--hush"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return "".join(done.stdout.split()[-10:])

    def add(self, node):
        self.nodes.append(node)
        return node

    def start_bridge(self, lines):
        """`lines` are what its operator writes: BRIDGE_LINES, or those of a transport."""
        self.nodes = [node for node in self.nodes if node is not self.bridge]
        self.bridge = self.add(Bridge(self, "bridge1", BRIDGE + "\n".join(lines) + "\n"))
        self.bridge.start().wait_for_log("Opened Control listener", START_LIMIT, self.bridge.started_at)
        return self.bridge

    def wait_for_consensus(self):
        """Until the bridge could tell a client about every relay. Seconds since the start."""
        def found(name, pattern):
            path = self.bridge.folder / name
            return re.findall(pattern, path.read_text(), re.MULTILINE) if path.exists() else []

        def complete():
            relays = set(found("cached-microdesc-consensus", r"^r (\w+) "))
            return relays >= {"auth1", "exit1"} and len(found("cached-microdescs.new", r"^onion-key$")) >= len(relays)
        eventually(complete, "a consensus with all relays has reached the bridge", CONSENSUS_LIMIT)
        return time.monotonic() - self.began

    def start_client(self, lines, name="client1"):
        """`lines` are what a person adds to torrc. A client of a new name has never run before."""
        return self.add(Client(self, name, CLIENT + "\n".join(lines) + "\n")).start()

    def story(self):
        return "\n".join(node.story() for node in self.nodes)

    def orphans(self, others=()):
        """Processes that a tor had started and that are still here after it: they belong to this process now. `others` are
        this process's own, besides the network's."""
        mine = {node.pid for node in self.nodes if node.process} | {program.pid for program in others}
        return {pid: words for pid, words in children_of(os.getpid()).items() if pid not in mine}

    def close(self):
        """Clients first, so that nobody waits for anybody."""
        for node in reversed(self.nodes):
            if node.running:
                node.stop()
