"""WebSocket frames (RFC 6455) byte by byte, right ones and wrong ones, from either end."""
import base64
import hashlib
import os
import socket
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FINAL, RSV1 = 0x80, 0x40
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # §1.3
LIMIT = 10  # seconds for anything that has to happen at once


def frame(opcode, payload=b"", flags=FINAL, masked=True):
    size = len(payload)
    head = bytes([flags | opcode])
    mask_bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([mask_bit | size])
    elif size < 1 << 16:
        head += bytes([mask_bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", size)
    return head + (bytes(4) if masked else b"") + payload  # a mask of zeros changes nothing


class Connection:
    """A connected socket on which the handshake is over."""

    def __init__(self, sock, early=b"", masked=True):
        self.sock, self.buffer, self.masked = sock, early, masked
        self.sock.settimeout(LIMIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, opcode, payload=b"", flags=FINAL):
        self.sock.sendall(frame(opcode, payload, flags, self.masked))

    def send_raw(self, data):
        """As much as the other end takes before it hangs up."""
        try:
            self.sock.sendall(data)
        except OSError:
            pass

    def frames(self):
        """(opcode, payload) one after the other, until the other end hangs up."""
        while True:
            frame_bytes = self._take_frame()
            if frame_bytes:
                yield frame_bytes
                continue
            try:
                piece = self.sock.recv(65536)
            except ConnectionResetError:
                return
            if not piece:
                return
            self.buffer += piece

    def close_code(self):
        """Of the Close frame; what came before it is in .before. None: it hung up without."""
        self.before = []
        for opcode, payload in self.frames():
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0] if payload else 1005
            self.before.append((opcode, payload))
        return None

    def _take_frame(self):
        if len(self.buffer) < 2:
            return None
        opcode, size, at = self.buffer[0] & 15, self.buffer[1] & 0x7F, 2
        masked = self.buffer[1] & 0x80
        if size >= 126:
            width = 2 if size == 126 else 8
            if len(self.buffer) < 2 + width:
                return None
            size, at = int.from_bytes(self.buffer[2:2 + width], "big"), 2 + width
        at_payload = at + (4 if masked else 0)
        if len(self.buffer) < at_payload + size:
            return None
        payload = self.buffer[at_payload:at_payload + size]
        if masked:
            mask = self.buffer[at:at + 4]
            payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.buffer = self.buffer[at_payload + size:]
        return opcode, payload


def read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return data.decode(errors="replace"), b""
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode(), rest


def dial(host, port, target, *headers):
    """(Connection, head of the answer), as a client does it."""
    sock = socket.create_connection((host, port), LIMIT)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}:{port}", "Connection: Upgrade", "Upgrade: websocket",
             "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", *headers, "", ""]
    sock.sendall("\r\n".join(lines).encode())
    head, early = read_head(sock)
    return Connection(sock, early), head


def accept(sock, *headers):
    """A Connection, as a server does it; `headers` go into the answer."""
    sock.settimeout(LIMIT)
    head, early = read_head(sock)
    key = next(line.partition(":")[2].strip() for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key:"))
    proof = base64.b64encode(hashlib.sha1(key.encode() + MAGIC).digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Accept: {proof}", *headers, "", ""]
    sock.sendall("\r\n".join(lines).encode())
    connection = Connection(sock, early, masked=False)
    connection.request = head
    return connection
