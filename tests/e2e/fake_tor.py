"""The two ports at which tor takes a bridge's clients, on this machine: an OR port that echoes, and an extended OR port
(torspec ext-orport-spec) in front of the same. Every byte that a transport sends before tor's OKAY is kept, to compare.

    with FakeTor(folder) as tor:
        … a server with tor.environment(state) …
        tor.introductions[0].commands
"""
import contextlib
import hashlib
import hmac
import os
import pathlib
import socket
import struct
import threading

LOOPBACK = "127.0.0.1"
HEADER = b"! Extended ORPort Auth Cookie !\n"
SERVER_PROVES = b"ExtORPort authentication server-to-client hash"
CLIENT_PROVES = b"ExtORPort authentication client-to-server hash"
DONE, USERADDR, TRANSPORT, OKAY, DENY = 0x0000, 0x0001, 0x0002, 0x1000, 0x1001
AUTH_TYPES = b"\x01\x00"


def command(number, body=b""):
    return struct.pack(">HH", number, len(body)) + body


class Introduction:
    """One connection to the extended OR port."""

    def __init__(self, server_nonce):
        self.server_nonce = server_nonce
        self.heard = b""     # all of it, until OKAY or the end
        self.commands = []

    def expected(self, cookie, address):
        """What the specification wants a transport to send, given its nonce."""
        nonce = self.heard[1:33]
        proof = hmac.new(cookie, CLIENT_PROVES + nonce + self.server_nonce, hashlib.sha256).digest()
        return (b"\x01" + nonce + proof + command(USERADDR, address.encode()) + command(TRANSPORT, b"footbridge") +
                command(DONE))


class FakeTor:
    def __init__(self, folder):
        self.cookie_file = pathlib.Path(folder) / "extended_orport_auth_cookie"
        self.introductions = []
        self.relayed = b""           # what clients said, in all
        self.connections = 0         # to either port
        self.answer = OKAY
        self.knows_cookie = True     # False: as somebody else who listens there would be
        self._listeners = [self._listen(self._echo), self._listen(self._extended)]
        self.or_port, self.ext_or_port = (f"{LOOPBACK}:{each.getsockname()[1]}" for each in self._listeners)
        self.new_cookie()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # or accept() goes on, and the port with it
            listener.close()

    def new_cookie(self, write=True):
        self.cookie = os.urandom(32)
        if write:
            self.write_cookie()

    def write_cookie(self):
        self.cookie_file.write_bytes(HEADER + self.cookie)
        self.cookie_file.chmod(0o600)

    def environment(self, state, extended=True, bind=f"{LOOPBACK}:0", options=None):
        """What tor 0.4.9 sets for a server."""
        out = {"TOR_PT_MANAGED_TRANSPORT_VER": "1", "TOR_PT_STATE_LOCATION": str(state), "TOR_PT_EXIT_ON_STDIN_CLOSE": "1",
               "TOR_PT_SERVER_TRANSPORTS": "footbridge", "TOR_PT_SERVER_BINDADDR": f"footbridge-{bind}",
               "TOR_PT_ORPORT": self.or_port,
               "TOR_PT_EXTENDED_SERVER_PORT": self.ext_or_port if extended else "",
               "TOR_PT_AUTH_COOKIE_FILE": str(self.cookie_file) if extended else ""}
        if options:
            out["TOR_PT_SERVER_TRANSPORT_OPTIONS"] = options
        return out

    def _listen(self, serve):
        listener = socket.create_server((LOOPBACK, 0))
        threading.Thread(target=self._accept, args=(listener, serve), daemon=True).start()
        return listener

    def _accept(self, listener, serve):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, serve), daemon=True).start()

    @staticmethod
    def _serve(connection, serve):
        with connection:
            try:
                serve(connection)
            except OSError:
                pass  # the other side has gone

    def _echo(self, connection):
        while piece := connection.recv(65536):
            self.relayed += piece
            connection.sendall(piece)

    def _extended(self, connection):
        said = Introduction(os.urandom(32))
        self.introductions.append(said)

        def read(count):
            got = b""
            while len(got) < count:
                piece = connection.recv(count - len(got))
                if not piece:
                    raise ConnectionResetError
                got += piece
                said.heard += piece
            return got

        connection.sendall(AUTH_TYPES)
        chosen = read(33)
        cookie = self.cookie if self.knows_cookie else bytes(32)
        proof = hmac.new(cookie, SERVER_PROVES + chosen[1:] + said.server_nonce, hashlib.sha256).digest()
        connection.sendall(proof + said.server_nonce)
        read(32)
        connection.sendall(b"\x01")
        while not said.commands or said.commands[-1][0] != DONE:
            number, length = struct.unpack(">HH", read(4))
            said.commands.append((number, read(length)))
        connection.sendall(command(self.answer))
        if self.answer == OKAY:
            self._echo(connection)
