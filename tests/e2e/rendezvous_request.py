"""Rendezvous requests (proto/rendezvous.proto) as whole HTTP requests, and what a test wants of the answers. Written by
hand, without code of ours in them, so that a server's tests do not depend on our own clients."""
import base64
import os
import socket

WAIT_MS = 25_000
ANSWER_LIMIT = 10  # seconds
ASSIGNMENT = (4, 1)          # fields on the way from a Response to an Assignment
RELAY_URL, LEG_TOKEN = 3, 4  # fields of an Assignment


def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, value):
    """A varint or a length-delimited field."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def fields(data):
    """The values of a message by their field's number, in lists."""
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    while at < len(data):
        key = number()
        value = number()
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        found.setdefault(key >> 3, []).append(value)
    return found


def http(body, close=False):
    connection = b"Connection: close\r\n" if close else b""
    return (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n%bContent-Length: %d\r\n\r\n" % (connection, len(body))) + body


def _request(kind, values):
    return field(1, 1) + field(kind, b"".join(field(number, value) for number, value in values))


def _poll(*more):
    """proxy, self_tag, families IPv4, the common compartment, and what `more` adds."""
    return _request(2, [(1, os.urandom(32)), (2, os.urandom(16)), (5, 1), (6, bytes(16)), *more])


def errand(close=False):
    """A poll without free slots, which is answered at once."""
    return http(_poll(), close)


def poll(slots=1):
    """A poll that waits for a client."""
    return http(_poll((7, slots), (10, WAIT_MS)))


def offer(sdp=b"nobody reads this"):
    return http(_request(3, [(1, os.urandom(16)), (2, bytes(16)), (4, 1), (5, sdp), (7, WAIT_MS)]))


def _whole_answer(connection):
    answer = b""
    while True:
        head, end, body = answer.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length:")[2].split()[0]):
            return head, body
        piece = connection.recv(65536)
        assert piece, f"the broker hung up after {answer!r}"
        answer += piece


def leg_target(host, port, secure=lambda plain: plain):
    """The path of a relay leg with a token nobody has used yet: a volunteer and a client of nobody meet at the broker."""
    with secure(socket.create_connection((host, port), ANSWER_LIMIT)) as volunteer, \
            secure(socket.create_connection((host, port))) as client:
        volunteer.sendall(poll())
        client.sendall(offer())
        head, body = _whole_answer(volunteer)
    assert head.startswith(b"HTTP/1.1 200"), head
    for number in ASSIGNMENT:
        body = fields(body)[number][0]
    assignment = fields(body)
    path = assignment[RELAY_URL][0].decode().partition("://")[2].partition("/")[2]
    return f"/{path}/{base64.urlsafe_b64encode(assignment[LEG_TOKEN][0]).decode()}"
