"""Transfers through a client that go on until they are told to end, every byte checked where it arrives: what is lost,
repeated or out of order is noticed at its place, and so is how long nothing came.

    with Far() as far:                              # the far end, a server on loopback
        down = far.start(client.port, "down")       # through the client's local proxy
        …
        far.finish(limit)                           # all of them end, and everything sent has arrived
"""
import random
import socket
import struct
import threading
import time

from chain import LOOPBACK, eventually
from connections import serve_each

PATTERN = random.Random(7).randbytes(65_537)  # a prime: whatever is repeated or left out shifts what follows
TWICE = memoryview(PATTERN * 2)
PIECE = 16 * 1024    # bytes of one write, and most of one read
SILENCE_LIMIT = 60   # seconds without a byte before a transfer has failed
DIRECTIONS = ("down", "up")


def pattern(at, count):
    """`count` bytes from offset `at` of the endless stream; count is at most len(PATTERN)."""
    begin = at % len(PATTERN)
    return TWICE[begin:begin + count]


def with_limit(connection):
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connection.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", SILENCE_LIMIT, 0))
    return connection


class Receiver:
    """The end that reads and checks."""

    def __init__(self):
        self.count = 0
        self.last = time.monotonic()
        self.longest = 0.0  # seconds between two arrivals since mark()
        self.ended = False
        self.wrong = None

    def mark(self):
        self.longest = 0.0

    def silence(self):
        """The longest time without a byte since mark(), the present one included."""
        return max(self.longest, time.monotonic() - self.last)

    def run(self, connection):
        buffer = bytearray(PIECE)
        view = memoryview(buffer)
        try:
            while size := connection.recv_into(buffer):
                now = time.monotonic()
                self.longest = max(self.longest, now - self.last)
                self.last = now
                if view[:size] != pattern(self.count, size):
                    self.wrong = f"wrong bytes between {self.count} and {self.count + size}"
                    return
                self.count += size
            self.ended = True
        except OSError as error:
            self.wrong = f"{error} after {self.count} bytes"


class Transfer:
    """One direction of one connection."""

    def __init__(self, direction):
        self.direction = direction
        self.receiver = Receiver()
        self.sent = 0
        self.send_failed = None
        self.stopping = threading.Event()
        self.threads = []

    def in_thread(self, work, connection):
        def run():
            with connection:
                work(connection)
        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()

    def send(self, connection):
        """Until told to end; what follows the last byte is the end of the stream."""
        try:
            while not self.stopping.is_set():
                connection.sendall(pattern(self.sent, PIECE))
                self.sent += PIECE
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)  # the other end has everything when it hangs up
        except OSError as error:
            self.send_failed = f"{error} after {self.sent} bytes sent"

    @property
    def failure(self):
        return self.receiver.wrong or self.send_failed

    def outcome(self):
        """What is wrong after it ended; None: every byte arrived, once and in its place."""
        if self.failure:
            return f"{self.direction}: {self.failure}"
        if not self.receiver.ended or self.receiver.count != self.sent:
            return f"{self.direction}: {self.receiver.count} of {self.sent} bytes arrived"
        return None


class Far:
    """The server of all transfers of a test."""

    def __init__(self):
        self.listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.address = f"{LOOPBACK}:{self.listener.getsockname()[1]}"
        self.transfers = []
        self.lock = threading.Lock()
        serve_each(self.listener, self._serve)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for transfer in self.transfers:
            transfer.stopping.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self, connection):
        number = connection.recv(4, socket.MSG_WAITALL)
        if len(number) < 4:
            return connection.close()
        transfer = self.transfers[struct.unpack("!I", number)[0]]
        work = transfer.send if transfer.direction == "down" else transfer.receiver.run
        return transfer.in_thread(work, with_limit(connection))

    def start(self, port, direction):
        """A transfer through the local proxy on `port` (SOCKS5), which has begun."""
        connection = with_limit(socket.create_connection((LOOPBACK, port)))
        host, _, far_port = self.address.partition(":")
        connection.sendall(b"\x05\x01\x00\x05\x01\x00\x01" + socket.inet_aton(host) + struct.pack("!H", int(far_port)))
        answer = connection.recv(12, socket.MSG_WAITALL)
        assert answer[:4] == b"\x05\x00\x05\x00", f"the client answered {answer!r}"
        transfer = Transfer(direction)
        with self.lock:
            number = len(self.transfers)
            self.transfers.append(transfer)
        connection.sendall(struct.pack("!I", number))
        transfer.in_thread(transfer.receiver.run if direction == "down" else transfer.send, connection)
        eventually(lambda: transfer.receiver.count > 0, f"a transfer {direction} has begun")
        return transfer

    def moved(self):
        return sum(transfer.receiver.count for transfer in self.transfers)

    def failures(self):
        return [f"{transfer.direction}: {transfer.failure}" for transfer in self.transfers if transfer.failure]

    def finish(self, limit):
        """Ends all transfers; fails unless each byte that was sent has arrived, once and in its place."""
        for transfer in self.transfers:
            transfer.stopping.set()
        give_up = time.monotonic() + limit
        for thread in (thread for transfer in self.transfers for thread in transfer.threads):
            thread.join(max(0.0, give_up - time.monotonic()))
        outcomes = [outcome for outcome in (transfer.outcome() for transfer in self.transfers) if outcome]
        assert not outcomes, "; ".join(outcomes)
