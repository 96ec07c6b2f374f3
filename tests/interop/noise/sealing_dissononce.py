#!/usr/bin/env python3
"""The seal around rendezvous bodies (docs/spec/10-sealing.md) written a second time, from the specification, over
Debian's python3-dissononce and python3-cryptography: `sealing_dissononce.py --vectors` prints tests/vectors/sealing.json,
`sealing_dissononce.py` checks that this is what stands there, and itself with a published vector.
Exit status 77 (skipped) with a reason when a package is not installed."""
import hashlib
import json
import pathlib
import struct
import sys

import noise_dissononce as noise  # ends with 77 where dissononce is missing

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

FILE = pathlib.Path(__file__).resolve().parents[2] / "vectors/sealing.json"
CLASSES = [2048, 4096, 8192, 16384, 32768, 65536, 81921]  # where each begins, and behind the last
DIRECTORY, CLIENT, PROXY, RESUMED = 1, 2, 3, 4
STARTED, NOW = 1_800_000_000 - 1800, 1_800_000_000 + 1000  # the hour begins between them: one step of the ratchet


def blake(label, key):
    return hashlib.blake2b(label, key=key, digest_size=32).digest()


def hchacha20(key, nonce):
    """draft-irtf-cfrg-xchacha 2.2"""
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = state[x] + state[y] & 0xffffffff
            mixed = state[z] ^ state[x]
            state[z] = (mixed << turn | mixed >> 32 - turn) & 0xffffffff

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        for i in range(4):
            quarter(i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12)
    return struct.pack("<8I", *state[:4], *state[12:])


def xseal(key, nonce, plain, associated):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], plain, associated)


def once(key, plain):
    return ChaCha20Poly1305(key).encrypt(bytes(12), plain, b"")


class Draws:
    """Chance that is written down: what an end drew, in order."""

    def __init__(self, name):
        self.name, self.drawn = name, b""

    def take(self, count):
        bits = hashlib.shake_256(f"footbridge sealing vector {self.name} {len(self.drawn)}".encode()).digest(count)
        self.drawn += bits
        return bits

    def size(self, needed):
        which = next(i for i, least in enumerate(CLASSES) if needed <= least)
        return CLASSES[which] + int.from_bytes(self.take(8), "big") % (CLASSES[which + 1] - CLASSES[which])


class Least(Draws):
    """Chance that draws the least length."""

    def take(self, count):
        return bytes(count)


def binding(kind, stamp, nonce):
    return b"footbridge request 1" + struct.pack(">BBQ", 1, kind, stamp) + nonce


def padded(head, message, draws):
    plain = head + struct.pack(">I", len(message)) + message
    return plain.ljust(draws.size(len(plain) + 40) - 40, b"\0")


def request(secret, kind, stamp, nonce, message, draws):
    plain = padded(struct.pack(">BBQ", 1, kind, stamp), message, draws)
    return nonce + xseal(blake(b"footbridge envelope request", secret), nonce, plain, b"")


def response(secret, asked, message, draws):
    plain = padded(b"\x01", message, draws)
    nonce = draws.take(24)
    return nonce + xseal(blake(b"footbridge envelope response", secret), nonce, plain, asked)


def ticket(ratchet, proxy, keys, begun, draws):
    plain = struct.pack(">BB", 1, 1 if proxy else 0) + (proxy or bytes(32)) + keys[0] + keys[1] + struct.pack(">Q", begun)
    plain += draws.take(14)
    nonce = draws.take(24)
    return nonce + xseal(ratchet, nonce, plain, b"footbridge resumption ticket")


def key(name):
    return hashlib.sha256(f"footbridge sealing vector {name}".encode()).digest()


class Conversation:
    """A broker and one asker."""

    def __init__(self, name, proxy):
        self.name, self.secret, self.static = name, key("secret"), key("broker")
        self.mine = key("proxy") if proxy else None
        draws = Draws(f"{name} start")
        self.ratchet = blake(b"footbridge ticket ratchet", draws.take(32))
        draws.take(64)  # the keys of two replay tables
        self.entry = {"name": name, "secret": self.secret.hex(), "broker": self.static.hex(), "started": STARTED,
                      "now": NOW, "start_draws": draws.drawn.hex(), "exchanges": []}
        if proxy:
            self.entry["proxy"] = self.mine.hex()
        self.held = None  # a ticket and its keys

    def exchange(self, body, answer, stamp=NOW):
        number = len(self.entry["exchanges"])
        asker, broker = Draws(f"{self.name} asker {number}"), Draws(f"{self.name} broker {number}")
        nonce = asker.take(24)
        kind = RESUMED if self.held else PROXY if self.mine else CLIENT
        bound = binding(kind, stamp, nonce)
        proxy = noise.public(self.mine) if self.mine else None
        if self.held:
            sealed, keys = self.held
            message = sealed + once(blake(b"footbridge resumed" + bound, keys[0]), body)
            following = [blake(b"footbridge next" + bound, each) for each in keys]
            fresh = ticket(self.ratchet, proxy, following, NOW, broker)
            reply = once(blake(b"footbridge resumed" + bound, keys[1]), b"\x01" + fresh + answer)
        else:
            pattern, ephemerals = ("IK" if self.mine else "NK"), (asker.take(32), broker.take(32))
            near = noise.Theirs(pattern, True, bound, self.mine, noise.public(self.static), ephemerals[0])
            far = noise.Theirs(pattern, False, bound, self.static, None, ephemerals[1])
            message = near.write(body)
            assert far.read(message) == body
            reply = far.write(answer)
            assert near.read(reply) == answer
            following = [blake(b"footbridge resumption", cipher._key)  # pylint: disable=protected-access
                         for cipher in far.ciphers]
            fresh = ticket(self.ratchet, proxy, following, NOW, broker)
            reply += far.write(fresh)
        self.held = fresh, following
        self.entry["exchanges"].append({
            "kind": kind, "stamp": stamp, "body": body.hex(), "answer": answer.hex(),
            "request": request(self.secret, kind, stamp, nonce, message, asker).hex(),
            "response": response(self.secret, nonce, reply, broker).hex(),
            "asker_draws": asker.drawn.hex(), "broker_draws": broker.drawn.hex()})
        return self


def directory():
    """What nobody seals but the envelope."""
    asker, broker = Draws("directory asker"), Draws("directory broker")
    nonce = asker.take(24)
    return {"secret": key("secret").hex(), "stamp": NOW, "body": b"which?".hex(), "answer": b"these".hex(),
            "request": request(key("secret"), DIRECTORY, NOW, nonce, b"which?", asker).hex(),
            "response": response(key("secret"), nonce, b"these", broker).hex(),
            "asker_draws": asker.drawn.hex(), "broker_draws": broker.drawn.hex()}


def refused():
    """Genuine but for one thing, which is named."""
    client = Conversation("refused", False).exchange(b"question", b"answer").entry["exchanges"][0]
    nonce = bytes.fromhex(client["request"])[:24]
    near = noise.Theirs("NK", True, binding(CLIENT, NOW, nonce), None, noise.public(key("broker")), key("ephemeral"))
    message = near.write(b"question")

    def sealed(kind=CLIENT, stamp=NOW, inside=message, secret=key("secret"), own=nonce):
        return request(secret, kind, stamp, own, inside, Least("refused")).hex()

    assert sealed() != sealed(kind=PROXY)
    return {"taken": sealed(), "cases": {
        "stamped another second than what is inside": sealed(stamp=NOW + 1),
        "of another kind than what is inside": sealed(kind=PROXY),
        "a ticket that is none": sealed(kind=RESUMED),
        "of no kind": sealed(kind=0),
        "of a kind that is not known": sealed(kind=5),
        "in another envelope": sealed(own=key("nonce")[:24]),
        "stamped 121 s ago": sealed(stamp=NOW - 121),
        "stamped 11 s ahead": sealed(stamp=NOW + 11),
        "of another network": sealed(secret=key("another")),
        "of a cut handshake": sealed(inside=message[:-1]),
        "empty": sealed(inside=b"")}}


def text():
    about = ("Written by another implementation: tests/interop/noise/sealing_dissononce.py --vectors. *_draws is all that "
             "an end draws, in order")
    conversations = [Conversation("client", False).exchange(b"", b"").exchange(b"question", b"answer", NOW + 100),
                     Conversation("proxy", True).exchange(b"a poll " * 250, b"nothing yet", NOW + 10)
                     .exchange(b"a poll", b"an offer " * 200, NOW - 120).exchange(b"errand", b"")]
    vectors = {"about": about, "conversations": [each.entry for each in conversations], "directory": directory(),
               "refused": refused() | {"secret": key("secret").hex(), "broker": key("broker").hex(), "started": STARTED,
                                       "now": NOW}}
    return json.dumps(vectors, indent=1) + "\n"


def main():
    # draft-irtf-cfrg-xchacha 2.2.1
    assert hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927")) == bytes.fromhex(
        "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"), "HChaCha20"
    if sys.argv[1:] == ["--vectors"]:
        print(text(), end="")
        return
    assert FILE.read_text(encoding="utf-8") == text(), f"{FILE.name} is not what this writes"
    print("the vectors are what another implementation writes")


if __name__ == "__main__":
    main()
