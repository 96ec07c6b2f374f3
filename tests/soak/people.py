"""What goes through the clients of a soak: downloads, uploads, a connection that mostly idles, and UDP packets, at the pace
of people and not of machines. Every byte is compared, by the SHA-256 of what should have come at each end.

    with Far() as far:                       # the far end of all of it, on loopback
        people = People(far, tally)
        people.start(client.port, "download")
"""
import contextlib
import hashlib
import random
import socket
import struct
import threading
import time

from chain import LOOPBACK
from connections import serve_each
from socks_udp import Association, Server

DOWNLOAD, UPLOAD, ECHO = 0, 1, 2
HEAD = struct.Struct("!BQQ")   # what, seed, how many bytes
PIECE = 64 * 1024              # bytes made, sent and compared at a time
SILENCE_LIMIT = 60.0           # seconds without a byte before a transfer has failed
SIZES = (20_000, 400_000)      # bytes of a transfer, least and most
PAUSES = (1.0, 4.0)            # seconds between two
BURST_BYTES = 2_000_000        # of who comes back after a while
BURST_PAUSES = (70.0, 95.0)    # seconds; after 60 a client is idle and gives paths up
IDLE_BYTES, IDLE_PAUSE = 64, 10.0
DATAGRAM_SIZES, DATAGRAM_PAUSE = (50, 1_100), 1.0
DATAGRAM_LIMIT = 2.0           # seconds; an answer later than that counts as lost, which UDP may be


def noise(seed, count):
    """`count` bytes in pieces, the same for the same seed."""
    source = random.Random(seed)
    for at in range(0, count, PIECE):
        yield source.randbytes(min(PIECE, count - at))


def digest(pieces):
    total = hashlib.sha256()
    for piece in pieces:
        total.update(piece)
    return total.digest()


def exactly(connection, count):
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(min(PIECE, count - len(data)))
        if not piece:
            raise ConnectionError(f"{len(data)} of {count} bytes came")
        data += piece
    return bytes(data)


class Tally:
    """What all people together have seen."""

    def __init__(self):
        self.lock = threading.Lock()
        self.transfers = self.bytes = self.wrong = self.cut = self.packets = self.answers = 0
        self.failures = []

    def add(self, **counts):
        with self.lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)

    def fail(self, text):
        with self.lock:
            self.failures.append(text)


class Far:
    """Serves streams, and echoes UDP packets."""

    def __init__(self):
        self.listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.udp = Server()
        self.addresses = [f"{LOOPBACK}:{self.port}", self.udp.address]
        serve_each(self.listener, self._serve)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.udp.close()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    @staticmethod
    def _serve(connection):
        with connection, contextlib.suppress(OSError):
            what, seed, count = HEAD.unpack(exactly(connection, HEAD.size))
            if what == DOWNLOAD:
                for piece in noise(seed, count):
                    connection.sendall(piece)
            elif what == UPLOAD:
                total = hashlib.sha256()
                while count:
                    piece = exactly(connection, min(PIECE, count))
                    total.update(piece)
                    count -= len(piece)
                connection.sendall(total.digest())
            else:
                while piece := connection.recv(PIECE):
                    connection.sendall(piece)


class People:
    """Each use of a client is a thread, until stop(). What breaks afterwards is nobody's failure."""

    def __init__(self, far, tally):
        self.far, self.tally = far, tally
        self.stopping = threading.Event()
        self.threads = []

    def start(self, port, use):
        work = getattr(self, use)
        self.threads.append(threading.Thread(target=self._run, args=(work, port, use), daemon=True))
        self.threads[-1].start()

    def stop(self):
        self.stopping.set()

    def join(self):
        for thread in self.threads:
            thread.join(SILENCE_LIMIT)

    def _run(self, work, port, use):
        while not self.stopping.is_set():
            try:
                work(port)
            except OSError as error:
                if self.stopping.is_set():
                    return self.tally.add(cut=1)
                self.tally.fail(f"{use}: {error}")
                self._pause(PAUSES)

    def _pause(self, bounds):
        self.stopping.wait(random.uniform(*bounds))

    def _open(self, port, what, seed, count):
        connection = socket.create_connection((LOOPBACK, port), SILENCE_LIMIT)
        try:
            connection.sendall(b"\5\1\0\5\1\0\1" + socket.inet_aton(LOOPBACK) + struct.pack("!H", self.far.port))
            answer = exactly(connection, 12)
            if answer[:4] != b"\5\0\5\0":
                raise ConnectionError(f"the client answers {answer[:4].hex()}")
            connection.sendall(HEAD.pack(what, seed, count))
        except BaseException:
            connection.close()
            raise
        return connection

    def _download_of(self, port, count):
        seed = random.getrandbits(63)
        got = hashlib.sha256()
        with self._open(port, DOWNLOAD, seed, count) as connection:
            for piece in noise(seed, count):
                came = exactly(connection, len(piece))
                got.update(came)
                if came != piece:
                    self.tally.add(wrong=sum(a != b for a, b in zip(came, piece)))
            if connection.recv(1):
                self.tally.add(wrong=1)
        if got.digest() != digest(noise(seed, count)):
            self.tally.fail("a download has another SHA-256")
        self.tally.add(transfers=1, bytes=count)

    def download(self, port):
        self._download_of(port, random.randint(*SIZES))
        self._pause(PAUSES)

    def burst(self, port):
        self._download_of(port, BURST_BYTES)
        self._pause(BURST_PAUSES)

    def upload(self, port):
        seed, count = random.getrandbits(63), random.randint(*SIZES)
        with self._open(port, UPLOAD, seed, count) as connection:
            for piece in noise(seed, count):
                connection.sendall(piece)
            if exactly(connection, hashlib.sha256().digest_size) != digest(noise(seed, count)):
                self.tally.add(wrong=1)
                self.tally.fail("an upload has another SHA-256")
        self.tally.add(transfers=1, bytes=count)
        self._pause(PAUSES)

    def idle(self, port):
        """One connection for as long as the soak goes."""
        with self._open(port, ECHO, 0, 0) as connection:
            while not self.stopping.wait(IDLE_PAUSE):
                said = random.randbytes(IDLE_BYTES)
                connection.sendall(said)
                heard = exactly(connection, IDLE_BYTES)
                self.tally.add(bytes=2 * IDLE_BYTES, wrong=sum(a != b for a, b in zip(said, heard)))
        self.tally.add(transfers=1)

    def datagrams(self, port):
        """Questions whose answers are their echoes; one that was never asked is a wrong one."""
        with contextlib.closing(Association(port)) as association:
            asked = {}
            association.udp.settimeout(DATAGRAM_LIMIT)
            while not self.stopping.wait(DATAGRAM_PAUSE):
                payload = random.randbytes(random.randint(*DATAGRAM_SIZES))
                asked[payload] = time.monotonic()
                association.send(LOOPBACK, self.far.udp.port, payload)
                self.tally.add(packets=1)
                with contextlib.suppress(TimeoutError):
                    *_, echo = association.receive()
                    if echo in asked:
                        self.tally.add(answers=1, bytes=2 * len(echo))
                    else:
                        self.tally.add(wrong=len(echo))
                asked = {said: when for said, when in asked.items() if time.monotonic() - when < SILENCE_LIMIT}
