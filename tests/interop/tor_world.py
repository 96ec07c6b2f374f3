"""A private tor network whose bridge is behind our chain: what tor_bridge.py tests and bench/tor_figures.py measures.

    bridge (tor) ─ starts ─ footbridge egress          torrc lines: docs/ops/tor.md, and goptlib's dummy beside them
    broker, two volunteers                             started here
    client (tor) ─ starts ─ footbridge connect         the same page, or another way to the same bridge
"""
import contextlib
import pathlib
import re
import tempfile

import goptlib_pair
import tor_network  # knows where those after it are
import torrc_page
import namespaces
import website
from chain import LOOPBACK, Chain, binary
from own_network import own_network

TAP = pathlib.Path(__file__).with_name("pt_tap.py")
NAME = "footbridge"
LEG_PORT = 8901    # as the page has it
DUMMY_PORT = 7051
READY_LIMIT = 20.0  # seconds until a bridge has started its transports
VOLUNTEERS = 2


class BridgeChain(Chain):
    """Broker and volunteers for an egress that tor starts; its keys and descriptor are in the bridge's folder."""

    def __init__(self, state):
        super().__init__()
        self.state = state

    def start_egress(self, port=0):
        del port  # tor has started it

    def path(self, name):
        return str((self.state if (self.state / name).exists() else self.folder) / name)

    @property
    def relay_url(self):
        return f"ws://{LOOPBACK}:{LEG_PORT}/leg"


class World:
    """Everything but clients, for as long as the block lasts."""

    def __init__(self, build_folder):
        self.build_folder = pathlib.Path(build_folder)
        self.dummy = None  # goptlib's programs, when they can be built
        self.clients = 0
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        try:
            if not goptlib_pair.why_not():
                self.dummy = goptlib_pair.build(self.build_folder)
            self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="fb-tor-")))
            self.stack.enter_context(own_network())
            self.site = website.Website()
            self.stack.callback(self.site.close)
            self.network = self.stack.enter_context(tor_network.TorNetwork(self.folder))
            self.start_bridge()
            self.chain = self.stack.enter_context(BridgeChain(self.bridge.folder / "pt_state" / NAME))
            self.volunteers = [self.chain.volunteer() for _ in range(VOLUNTEERS)]
            self.network.wait_for_consensus()
        except BaseException:
            print(self.story())
            self.stack.close()
            raise
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    @property
    def bridge(self):
        return self.network.bridge

    def story(self):
        parts = [self.network.story() if hasattr(self, "network") else "", self.chain.logs() if hasattr(self, "chain") else ""]
        return "\n".join(parts)

    def tapped(self, role, command):
        """`command` with a tap around it."""
        return f"/usr/bin/python3 {TAP} {self.transcript(role)} {command}"

    def transcript(self, role):
        return self.folder / f"{role}.jsonl"

    def start_bridge(self, tap=False):
        """Waits until its transports listen."""
        program = self.tapped(f"{NAME}-server", binary()) if tap else binary()
        lines = torrc_page.lines("bridge", program)
        if self.dummy:
            server = str(self.dummy[1])
            lines += [f"ServerTransportPlugin dummy exec {self.tapped('dummy-server', server) if tap else server}",
                      f"ServerTransportListenAddr dummy {LOOPBACK}:{DUMMY_PORT}"]
        bridge = self.network.start_bridge(lines)
        for name in (NAME, "dummy") if self.dummy else (NAME,):
            bridge.wait_for_log(f"Registered server transport '{name}'", READY_LIMIT, bridge.started_at)

    @contextlib.contextmanager
    def tapped_bridge(self, tap=True):
        """The bridge, started again with taps around its transports, and once more without them at the end."""
        self.restart_bridge(tap)
        try:
            yield
        finally:
            self.restart_bridge()

    def restart_bridge(self, tap=False):
        if self.bridge.running:
            self.bridge.stop()
        self.start_bridge(tap)

    def orphans(self):
        """What a tor left behind: {pid: command line}."""
        return self.network.orphans(self.chain.programs)

    def replace_volunteers(self):
        """For those that a test killed."""
        self.volunteers = [volunteer if volunteer.running else self.chain.volunteer() for volunteer in self.volunteers]

    def logs(self):
        return self.story()

    def client_lines(self, program=None, **values):
        """What the page tells a person to write, for this bridge unless `values` say otherwise."""
        ours = {"FINGERPRINT": self.bridge.fingerprint, "BROKER": self.chain.broker_url, "PIN": self.chain.pin}
        return torrc_page.lines("client", program or binary(), **{**ours, **values})

    def operators_file(self):
        """Lines of the file from which a bridge's operator takes what he gives to people."""
        return (self.bridge.folder / "pt_state" / f"{NAME}_bridgeline.txt").read_text().splitlines()

    def start_client(self, name=None, tap=False):
        """A tor with our lines of the page."""
        return self.start_other_client(self.client_lines(self.tapped(f"{NAME}-client", binary()) if tap else None), name)

    def start_dummy_client(self, tap=False):
        """A tor that reaches the same bridge through goptlib's transport; its argument means nothing."""
        program = self.tapped("dummy-client", self.dummy[0]) if tap else self.dummy[0]
        return self.start_other_client(
            ["UseBridges 1", f"ClientTransportPlugin dummy exec {program}",
             f"Bridge dummy {LOOPBACK}:{DUMMY_PORT} {self.bridge.fingerprint} nothing=1"])

    def start_plain_client(self):
        return self.start_other_client(["UseBridges 1", f"Bridge {self.bridge.address}"])

    def start_other_client(self, lines, name=None):
        self.clients += 1
        return self.network.start_client(lines, name or f"client{self.clients}")


def transport(node, name=NAME):
    """(pid) of the transport that a tor runs now; None: none."""
    return next((pid for pid, words in node.transports().items() if re.search(rf"/{name}\b", words)), None)


def why_not():
    """Why this cannot run here; None: it can."""
    if tor_network.tor_root() is None:
        return "no tor on this machine (scripts/setup interop fetches it)"
    return namespaces.why_not()
