"""The load: a website that sends and takes bytes, and transfers through a client's local port that check every one.

Cheap on purpose, because both share the machine with what is measured: large blocks, one system call and one memcmp for
each. The bytes repeat after a prime number of them, so a piece that arrives whole at a wrong place is noticed.
"""
import random
import socket
import struct
import threading

from chain import LOOPBACK
from connections import serve_each

BLOCK = random.Random(1).randbytes(1_048_573)  # the largest prime below 2^20
MAX_HEAD = 8192        # bytes of a request's or an answer's head
TRANSFER_LIMIT = 30  # seconds without a byte before a transfer has failed


def with_limit(connection):
    """The limit as a socket option: Python's own timeouts make the socket non-blocking, and MSG_WAITALL would not wait."""
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connection.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", TRANSFER_LIMIT, 0))
    return connection


def send_blocks(connection, count):
    for at in range(0, count, len(BLOCK)):
        connection.sendall(memoryview(BLOCK)[:count - at])


def check_blocks(connection, count):
    """Reads `count` bytes; fails at the first that is not the one that was sent."""
    buffer = bytearray(len(BLOCK))
    for at in range(0, count, len(BLOCK)):
        wanted = min(len(BLOCK), count - at)
        if wanted < len(buffer):
            buffer = bytearray(wanted)
        got = connection.recv_into(buffer, wanted, socket.MSG_WAITALL)
        assert got == wanted, f"the connection ended after {at + got} of {count} bytes"
        assert buffer == memoryview(BLOCK)[:wanted], f"wrong bytes between {at} and {at + wanted}"


def read_head(connection):
    """A head up to its empty line and not a byte more; what follows is large and is read in blocks."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece or len(head) > MAX_HEAD:
            return None
        head += piece
    return head.decode()


class Site:
    """GET /N answers with N bytes, PUT /N takes N bytes and answers when all were right. Each on a connection of its own."""

    def __init__(self):
        self.listener = socket.create_server((LOOPBACK, 0), backlog=512)
        self.address = f"{LOOPBACK}:{self.listener.getsockname()[1]}"
        serve_each(self.listener, self._serve)

    def _serve(self, connection):
        with with_limit(connection):
            head = read_head(connection)
            if head is None:
                return
            method, target = head.split()[:2]
            count = int(target.strip("/"))
            try:
                if method == "GET":
                    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n".encode())
                    send_blocks(connection, count)
                else:
                    check_blocks(connection, count)
                    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            except OSError:
                pass  # the other end of the transfer says so

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def tunnel(port, address):
    """A connection to `address` through the local port, as a browser makes one (CONNECT)."""
    connection = with_limit(socket.create_connection((LOOPBACK, port)))
    connection.sendall(f"CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
    head = read_head(connection)
    assert head and head.split()[1] == "200", f"the client answered {head!r}"
    return connection


def get_head(connection, count):
    connection.sendall(f"GET /{count} HTTP/1.1\r\n\r\n".encode())
    head = read_head(connection)
    assert head and head.split()[1] == "200", f"the site answered {head!r}"


def download(port, address, count):
    with tunnel(port, address) as connection:
        get_head(connection, count)
        check_blocks(connection, count)


def upload(port, address, count):
    with tunnel(port, address) as connection:
        connection.sendall(f"PUT /{count} HTTP/1.1\r\n\r\n".encode())
        send_blocks(connection, count)
        head = read_head(connection)
        assert head and head.split()[1] == "204", f"the site answered {head!r}"


def at_once(transfer, ports, address, count):
    """The same transfer through every one of `ports` at the same time; fails when one does."""
    failures = []

    def run(port):
        try:
            transfer(port, address, count)
        except (AssertionError, OSError) as error:
            failures.append(f"through port {port}: {error}")
    threads = [threading.Thread(target=run, args=(port,)) for port in ports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
