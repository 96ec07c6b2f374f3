"""A bridge's server as a parent starts it, and whole chains that lead to a bridge.

    with Door(tor) as door:              tor: fake_tor.FakeTor
        door.volunteer()
        with door.start_client() as client:
            reply, connection = door.dial(client)
"""
import re
import socket

import privacy
from chain import LOOPBACK, Chain
from managed import Managed, client_environment

SMETHOD = "SMETHOD footbridge "
READ_LIMIT = 20.0      # seconds for one answer through the whole chain


class Server(Managed):
    def __init__(self, folder, environment, *options, name="egress"):
        super().__init__(["egress", "--workers", "1", *options], environment, folder, name)

    @property
    def smethod(self):
        return self.wait_for(SMETHOD)

    @property
    def port(self):
        """Where volunteers come to."""
        return int(re.match(SMETHOD + r"\S+:(\d+)", self.smethod)[1])

    @property
    def pin(self):
        return self.smethod.partition("ARGS:pin=")[2]


class BridgeChain(Chain):
    """A chain, and a client of it that tor would have started."""

    def start_client(self):
        out = Managed(["connect", "--allow-private-candidates", "--state-dir", str(self.folder / "client.state")],
                      client_environment(self.folder / "client_pt_state"), self.folder, "client")
        out.wait_for("CMETHODS DONE")
        return out

    def dial(self, client):
        """What tor does for each connection of a bridge line: (reply of SOCKS, socket)."""
        arguments = f"broker={self.broker_url};pin={self.pin}".encode()
        name, password = arguments[:255], arguments[255:] or b"\0"
        connection = socket.create_connection((LOOPBACK, client.port), timeout=READ_LIMIT)
        connection.sendall(b"\x05\x02\x00\x02")
        assert exact(connection, 2) == b"\x05\x02"
        connection.sendall(bytes([1, len(name)]) + name + bytes([len(password)]) + password)
        assert exact(connection, 2) == b"\x01\x00"
        connection.sendall(b"\x05\x01\x00\x01" + socket.inet_aton("192.0.2.3") + (80).to_bytes(2, "big"))
        return exact(connection, 10)[1], connection


class Door(BridgeChain):
    """A chain whose egress is started by a fake tor."""

    def __init__(self, tor, environment=None, options=()):
        super().__init__()
        self.tor, self.environment, self.options = tor, environment or {}, options

    def start_egress(self, port=0):
        state = self.folder / "pt_state"
        self.egress_program = Server(self.folder, {**self.tor.environment(state), **self.environment}, *self.options)
        self.egress_program.wait_for("SMETHODS DONE")
        self.state = state / "footbridge"

    def path(self, name):
        return str((self.state if (self.state / name).exists() else self.folder) / name)

    def __exit__(self, kind, error, trace):
        if kind is not None:
            print(self.logs(), self.egress_program.lines, self.egress_program.log()[-5000:])
        code = self.egress_program.end() if self.egress_program.process.poll() is None else 0
        told = [line for line in self.egress_program.lines if line.startswith("LOG ")]
        leaks = privacy.leaks("\n".join([self.egress_program.log(), *told]))
        super().__exit__(kind, error, trace)
        assert kind is not None or (code == 0 and not leaks), f"the egress ended with {code}, its log names {leaks}"


def exact(connection, count):
    got = b""
    while len(got) < count:
        piece = connection.recv(count - len(got))
        if not piece:
            raise ConnectionResetError(f"{got!r} and the end")
        got += piece
    return got
