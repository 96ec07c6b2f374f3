"""What a watcher of the client's line records of links: lengths and directions of DTLS records, on the loopback device of
a network namespace of our own.

    LinkTap.enter_namespace()            for good: this very process has a network with nothing but `lo` in it
    with LinkTap() as tap: …             programs run
    tap.links()                          [Link], each with the lengths of its records, from the volunteer and from the client

A datagram on its way is seen once. Runs of datagrams that the kernel got in one call (UDP_SEGMENT) are seen in one piece,
which makes no difference: DTLS records say how long they are.
"""
import ctypes
import os
import socket
import struct
import threading

from chain import LIBC
from namespaces import CLONE_NEWNET, run

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SO_RCVBUFFORCE = 33
BUFFER_BYTES = 64 << 20
ETHERNET_BYTES, UDP_BYTES, RECORD_HEAD_BYTES = 14, 8, 13
IP_UDP = 17
HANDSHAKE, APPLICATION_DATA = 22, 23
CLIENT_HELLO = 1
FROM_CLIENT, FROM_VOLUNTEER = "client", "volunteer"


class Link:
    """The records of one pair of ports, in the order of sending: (direction, content type, bytes with the record's head)."""

    def __init__(self, volunteer_port):
        self.volunteer_port = volunteer_port  # who sends the ClientHello
        self.records = []

    def add(self, source_port, kind, length):
        self.records.append((FROM_VOLUNTEER if source_port == self.volunteer_port else FROM_CLIENT, kind, length))

    def lengths(self, direction, only_data):
        return [length for way, kind, length in self.records if way == direction and (kind == APPLICATION_DATA or not only_data)]


class LinkTap:
    @staticmethod
    def enter_namespace():
        assert LIBC.unshare(CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        run("ip", "link", "set", "lo", "up")

    def __init__(self):
        self._links = {}  # sorted pair of ports: Link
        self._closed = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
        self._socket.bind(("lo", 0))
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self):
        self._stop = False
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop = True
        self._socket.settimeout(0.1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"wake", ("127.0.0.1", 9))
        self._thread.join()
        self._socket.close()

    def links(self):
        return [*self._closed, *self._links.values()]

    def _read(self):
        while not self._stop:
            try:
                frame, (_, _, kind, _, _) = self._socket.recvfrom(1 << 17)
            except TimeoutError:
                continue
            if kind == PACKET_OUTGOING:
                self._take(frame[ETHERNET_BYTES:])

    def _take(self, packet):
        head = 40 if packet[0] >> 4 == 6 else (packet[0] & 15) * 4
        if (packet[6] if head == 40 else packet[9]) != IP_UDP:
            return
        source, target = struct.unpack_from("!HH", packet, head)
        at = head + UDP_BYTES
        while at + RECORD_HEAD_BYTES <= len(packet) and 20 <= packet[at] < 64 and packet[at + 1] == 0xFE:
            length = RECORD_HEAD_BYTES + struct.unpack_from("!H", packet, at + 11)[0]
            self._record(source, target, packet[at:at + length])
            at += length

    def _record(self, source, target, record):
        pair = (min(source, target), max(source, target))
        if record[0] == HANDSHAKE and record[3:5] == b"\0\0" and record[13] == CLIENT_HELLO and pair not in self._links:
            self._links[pair] = Link(source)
        if pair in self._links:
            self._links[pair].add(source, record[0], len(record))
