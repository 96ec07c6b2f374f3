"""What a pluggable transport and tor said to each other (pt_tap.py), without what differs from run to run: addresses,
ports, keys, nonces. Two transports that say the same have equal transcripts."""
import json
import re
import struct

METHOD_NAMES = {0: "none", 1: "GSSAPI", 2: "password", 0xff: "no method"}
EXTENDED_COMMANDS = {0: "DONE", 1: "USERADDR", 2: "TRANSPORT", 0x1000: "OKAY", 0x1001: "DENY"}
ADDRESS_BYTES = {1: 4, 4: 16}
NONCE_BYTES = HASH_BYTES = 32


class Reader:
    """Takes what one side said apart; `short` says that it had not said everything."""

    def __init__(self, data):
        self.data, self.at, self.short = data, 0, False

    def take(self, count):
        piece = self.data[self.at:self.at + count]
        self.short |= len(piece) < count
        self.at += count
        return piece

    def number(self, count=1):
        return int.from_bytes(self.take(count), "big")


def load(path):
    """(lines on standard output, {(kind, connection): {"tor": bytes, "pt": bytes}})."""
    lines, talks = [], {}
    with open(path) as file:
        for row in map(json.loads, file):
            if row["kind"] == "stdout":
                lines.append(row["line"])
            else:
                talk = talks.setdefault((row["kind"], row["connection"]), {"tor": b"", "pt": b""})
                talk[row["from"]] += bytes.fromhex(row["hex"])
    return lines, talks


def stdout_shape(lines, name):
    """The configuration protocol; what follows it (LOG, STATUS) is the transport's own business."""
    shape = []
    for line in lines:
        words = line.split()
        if words[0] in ("LOG", "STATUS"):
            continue
        if words[0] in ("CMETHOD", "SMETHOD"):
            words = ["NAME" if word == name else word for word in words if not word.startswith("ARGS:")]
            words[-1] = re.sub(r"^127\.0\.0\.1:[1-9]\d*$", "LOOPBACK:PORT", words[-1])
        shape.append(" ".join(words))
    return shape


def address(reader):
    kind = reader.number()
    if kind not in ADDRESS_BYTES:
        return f"address of kind {kind}"
    reader.take(ADDRESS_BYTES[kind] + 2)
    return f"address of {ADDRESS_BYTES[kind]} bytes"


def socks_shape(tor, pt):
    """Handshake of RFC 1928 and 1929 up to the reply, in the order in which it has to happen."""
    tor, pt = Reader(tor), Reader(pt)
    said = [f"tor: version {tor.number()}, methods {sorted(tor.take(tor.number()))}"]
    version, method = pt.number(), pt.number()
    said.append(f"pt: version {version}, method {METHOD_NAMES.get(method, method)}")
    if method == 2:
        version, user = tor.number(), tor.take(tor.number())
        password = tor.take(tor.number())
        keys = re.findall(r"(?:^|;)(\w+)=", user.decode(errors="replace"))
        said.append(f"tor: version {version}, arguments {'present' if keys else 'absent'}, rest {password == bytes(1)}")
        said.append(f"pt: version {pt.number()}, status {pt.number()}")
    said.append(f"tor: version {tor.number()}, command {tor.number()}, reserved {tor.number()}, {address(tor)}")
    said.append(f"pt: version {pt.number()}, reply {pt.number()}, reserved {pt.number()}, {address(pt)}")
    return said + (["unfinished"] if tor.short or pt.short else [])


def extended_shape(tor, pt):
    """SAFE_COOKIE and the commands of ext-orport-spec, up to OKAY or DENY."""
    tor, pt = Reader(tor), Reader(pt)
    types = []
    while (kind := tor.number()) and not tor.short:
        types.append(kind)
    said = [f"tor: authentication types {types}", f"pt: type {pt.number()}", f"pt: nonce of {len(pt.take(NONCE_BYTES))} bytes",
            f"tor: hash and nonce of {len(tor.take(HASH_BYTES + NONCE_BYTES))} bytes",
            f"pt: hash of {len(pt.take(HASH_BYTES))} bytes", f"tor: status {tor.number()}"]
    command = None
    while command != "DONE" and not pt.short:
        command, body = EXTENDED_COMMANDS.get(number := pt.number(2), number), pt.take(pt.number(2))
        text = body.decode(errors="replace")
        if command == "USERADDR":
            text = re.sub(r"^(?:\d+\.){3}\d+:\d+$|^\[[0-9a-f:]+\]:\d+$", "ADDRESS:PORT", text)
        elif command == "TRANSPORT":
            text = "NAME"
        said.append(f"pt: {command} {text}".rstrip())
    answer, size = struct.unpack("!HH", tor.take(4).ljust(4, b"\0"))
    said.append(f"tor: {EXTENDED_COMMANDS.get(answer, answer)}, {size} bytes")
    return said + (["unfinished"] if tor.short or pt.short else [])


def shapes(path, name):
    """{"stdout": […], "socks": […], "extor": […]} of one transport; all connections of a kind have to be alike."""
    lines, talks = load(path)
    found = {"stdout": stdout_shape(lines, name)}
    for kind, shape in (("socks", socks_shape), ("extor", extended_shape)):
        for said in (shape(**talk) for (which, _), talk in talks.items() if which == kind and talk["tor"]):
            if said[-1] == "unfinished":
                continue  # given up by one of them on the way, or going on
            assert found.setdefault(kind, said) == said, f"{kind} connections differ: {found[kind]} and {said}"
    return found
