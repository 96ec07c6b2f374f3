"""UDP applications of a client: SOCKS5 UDP ASSOCIATE (RFC 1928) by our own hand, a forwarder that gives a program which
knows no SOCKS a UDP port of its own, and the small servers they talk to."""
import ipaddress
import socket
import struct
import threading

UDP_ASSOCIATE = 3
GRANTED, COMMAND_NOT_SUPPORTED = 0, 7
IPV4, DOMAIN, IPV6 = 1, 3, 4
ANSWER_LIMIT = 20.0  # seconds for an answer to come through the whole chain on a loaded machine


class Refused(Exception):
    def __init__(self, reply):
        super().__init__(f"SOCKS reply {reply}")
        self.reply = reply


def header(host, port, fragment=0):
    try:
        address = ipaddress.ip_address(host)
        target = bytes([IPV4 if address.version == 4 else IPV6]) + address.packed
    except ValueError:
        target = bytes([DOMAIN, len(host)]) + host.encode()
    return struct.pack("!HB", 0, fragment) + target + struct.pack("!H", port)


def unpack(datagram):
    """(host, port, payload) of what the proxy sent."""
    reserved, fragment, kind = struct.unpack_from("!HBB", datagram)
    assert (reserved, fragment) == (0, 0) and kind in (IPV4, IPV6), datagram[:8]
    size = 4 if kind == IPV4 else 16
    port, = struct.unpack_from("!H", datagram, 4 + size)
    return str(ipaddress.ip_address(datagram[4:4 + size])), port, datagram[6 + size:]


class Association:
    """The TCP connection it lives by, and a UDP socket of the application."""

    def __init__(self, proxy_port, proxy_host="127.0.0.1", announce=False):
        family = socket.AF_INET6 if ":" in proxy_host else socket.AF_INET
        self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.bind((proxy_host, 0))
        self.control = socket.create_connection((proxy_host, proxy_port), timeout=ANSWER_LIMIT)
        port = self.udp.getsockname()[1] if announce else 0
        self.control.sendall(b"\5\1\0" + bytes([5, UDP_ASSOCIATE, 0, IPV4]) + bytes(4) + struct.pack("!H", port))
        assert self._exactly(2) == b"\5\0"
        _, reply, _, kind = self._exactly(4)
        bound = self._exactly(4 if kind == IPV4 else 16)
        self.port, = struct.unpack("!H", self._exactly(2))
        if reply != GRANTED:
            self.close()
            raise Refused(reply)
        self.host = str(ipaddress.ip_address(bound))
        self.udp.settimeout(ANSWER_LIMIT)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.control.recv(count - len(data))
            assert piece, f"the proxy hung up after {data!r}"
            data += piece
        return data

    def send(self, host, port, payload, fragment=0):
        self.udp.sendto(header(host, port, fragment) + payload, (self.host, self.port))

    def receive(self):
        datagram, sender = self.udp.recvfrom(65536)
        assert sender[:2] == (self.host, self.port), sender
        return unpack(datagram)

    def ask(self, host, port, payload, tries=3):
        """The payload of the answer; asked again when none comes, as UDP wants it."""
        self.udp.settimeout(ANSWER_LIMIT / tries)
        for last in [False] * (tries - 1) + [True]:
            self.send(host, port, payload)
            try:
                return self.receive()
            except TimeoutError:
                if last:
                    raise

    def silent(self, seconds=0.5):
        """Whether nothing comes in this time."""
        self.udp.settimeout(seconds)
        try:
            self.udp.recvfrom(65536)
            return False
        except TimeoutError:
            return True
        finally:
            self.udp.settimeout(ANSWER_LIMIT)

    def over(self, limit=ANSWER_LIMIT):
        """Whether the proxy closes the TCP connection within the limit."""
        self.control.settimeout(limit)
        try:
            return self.control.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.control.close()
        self.udp.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Forwarder:
    """A UDP port on loopback whose packets go to `target` through an association, and answers back to who sent last."""

    def __init__(self, proxy_port, target):
        self.association = Association(proxy_port)
        self.association.udp.settimeout(None)
        self.target = target
        self.inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inside.bind(("127.0.0.1", 0))
        self.port = self.inside.getsockname()[1]
        self.last = None
        for run in (self._out, self._back):
            threading.Thread(target=run, daemon=True).start()

    def _out(self):
        while True:
            try:
                payload, self.last = self.inside.recvfrom(65536)
                self.association.send(*self.target, payload)
            except OSError:
                return

    def _back(self):
        while True:
            try:
                host, port, payload = self.association.receive()
                if (host, port) == self.target and self.last:
                    self.inside.sendto(payload, self.last)
            except OSError:
                return

    def close(self):
        self.inside.close()
        self.association.close()


class Server:
    """Answers each datagram with answer(payload), unless that is None; remembers how many came and from where."""

    def __init__(self, answer=lambda payload: payload, host="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.host, self.port = self.socket.getsockname()[:2]
        self.answer = answer
        self.count = 0
        self.senders = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def _serve(self):
        while True:
            try:
                payload, sender = self.socket.recvfrom(65536)
                self.count += 1
                self.senders = [*self.senders[-9:], sender]
                answer = self.answer(payload)
                if answer is not None:
                    self.socket.sendto(answer, sender)
            except OSError:
                return

    def close(self):
        self.socket.close()


def dns_answer(text_bytes):
    """Answers every question for TXT with so many bytes of text, and everything else with 192.0.2.7."""
    def answer(query):
        at = 12
        while query[at]:
            at += 1 + query[at]
        question = query[12:at + 5]
        kind, = struct.unpack_from("!H", query, at + 1)
        if kind == 16:
            left, data = text_bytes, b""
            while left:
                piece = min(left, 255)
                data += bytes([piece]) + b"x" * piece
                left -= piece
        else:
            kind, data = 1, bytes([192, 0, 2, 7])
        record = struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data
        return query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + question + record
    return answer
