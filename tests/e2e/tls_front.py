"""A front: a server in TLS that hands requests on to a broker, and writes down by which name it was asked for and for whom."""
import contextlib
import re
import socket
import ssl
import threading

from chain import LOOPBACK
from connections import serve_each


class Front:
    """`hands_on`: otherwise it takes connections and requests, and says nothing. open() it before it is used."""

    def __init__(self, hands_on=True):
        self.hands_on = hands_on
        self.names, self.hosts = [], []  # of each TLS handshake (SNI), of each request (Host)
        self.listener = socket.create_server((LOOPBACK, 0))
        self.port = self.listener.getsockname()[1]

    def open(self, certificate, key, broker_port):
        self.broker_port = broker_port
        self.shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.shown.load_cert_chain(certificate, key)
        self.shown.sni_callback = lambda _, name, __: self.names.append(name)
        serve_each(self.listener, self._serve)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self, plain):
        with contextlib.suppress(OSError), self.shown.wrap_socket(plain, server_side=True) as client:
            if not self.hands_on:
                while client.recv(65536):
                    pass
                return
            with socket.create_connection((LOOPBACK, self.broker_port)) as to_broker, \
                    unproven().wrap_socket(to_broker) as broker:
                threading.Thread(target=pump, args=(broker, client), daemon=True).start()
                self._hand_on(client, broker)

    def _hand_on(self, client, broker):
        with client.makefile("rb") as requests:
            while head := read_head(requests):
                self.hosts.append(re.search(rb"\r\nHost: ([^\r]*)", head)[1].decode())
                length = int(re.search(rb"\r\nContent-Length: (\d+)", head)[1])
                broker.sendall(head + b"\r\n" + requests.read(length))


def read_head(requests):
    """Without the empty line; empty when there are no more."""
    lines = []
    while (line := requests.readline()) not in (b"", b"\r\n"):
        lines.append(line)
    return b"".join(lines)


def unproven():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def pump(source, sink):
    with contextlib.suppress(OSError, ValueError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_RDWR)
