#!/usr/bin/env python3
"""Noise with an implementation that is not ours, Debian's python3-dissononce, at the other end: three patterns, both
roles, keys, prologues and payloads by chance: noise_dissononce.py NOISE_PEER ROUNDS
`--vectors` instead prints tests/vectors/noise.json, with that implementation at both ends and keys that never change.
Exit status 77 (skipped) with a reason when the package is not installed."""
import hashlib
import json
import os
import random
import subprocess
import sys

try:
    from dissononce.cipher.chachapoly import ChaChaPolyCipher
    from dissononce.dh.x25519.private import PrivateKey
    from dissononce.dh.x25519.public import PublicKey
    from dissononce.dh.x25519.x25519 import X25519DH
    from dissononce.extras.dh.dangerous.dh_nogen import NoGenDH
    from dissononce.hash.blake2b import Blake2bHash
    from dissononce.processing.handshakepatterns.interactive.IK import IKHandshakePattern
    from dissononce.processing.handshakepatterns.interactive.NK import NKHandshakePattern
    from dissononce.processing.handshakepatterns.interactive.XK import XKHandshakePattern
    from dissononce.processing.impl.cipherstate import CipherState
    from dissononce.processing.impl.handshakestate import HandshakeState
    from dissononce.processing.impl.symmetricstate import SymmetricState
except ImportError:
    print("skipped: python3-dissononce is not installed")
    sys.exit(77)

PATTERNS = {"IK": (IKHandshakePattern, 2), "NK": (NKHandshakePattern, 2), "XK": (XKHandshakePattern, 3)}


def rekey(cipher):
    """Theirs keeps the tag as part of the new key, and begins to count again; Noise (4.2, 11.3) does neither."""
    # pylint: disable=protected-access
    number, key = cipher._nonce, cipher.cipher.rekey(cipher._key)[:32]
    cipher.initialize_key(key)
    cipher.set_nonce(number)


class Theirs:
    """One end in their implementation."""

    def __init__(self, pattern, initiator, prologue, mine=None, peers=None, ephemeral=None):
        dh = X25519DH() if ephemeral is None else NoGenDH(X25519DH(), PrivateKey(ephemeral))
        self.initiator = initiator
        self.handshake = HandshakeState(SymmetricState(CipherState(ChaChaPolyCipher()), Blake2bHash()), dh)
        self.handshake.initialize(PATTERNS[pattern][0](), initiator, prologue,
                                  s=mine and X25519DH().generate_keypair(PrivateKey(mine)),
                                  rs=peers and PublicKey(peers))
        self.ciphers = None

    def write(self, payload):
        if self.ciphers:
            return self.ciphers[0 if self.initiator else 1].encrypt_with_ad(b"", payload)
        message = bytearray()
        self.ciphers = self.handshake.write_message(payload, message)
        return bytes(message)

    def read(self, message):
        if self.ciphers:
            return self.ciphers[1 if self.initiator else 0].decrypt_with_ad(b"", message)
        payload = bytearray()
        self.ciphers = self.handshake.read_message(message, payload)
        return bytes(payload)

    def hash(self):
        return bytes(self.handshake.symmetricstate.get_handshake_hash())

    def peer(self):
        return self.handshake.rs.data if self.handshake.rs else b""

    def rekey(self):
        for cipher in self.ciphers:
            rekey(cipher)


class Ours:
    """One end in ours: a process that is asked line by line."""

    def __init__(self, program, pattern, initiator, prologue, mine=None, peers=None):
        words = [pattern, "initiator" if initiator else "responder", *map(text, (prologue, mine, peers))]
        self.process = subprocess.Popen([program, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def bytes(self, *words):
        answer = self.ask(*words)
        assert answer and answer != "refused", f"{words[0]}: {answer or 'our end is gone'}"
        return b"" if answer == "-" else bytes.fromhex(answer)

    def write(self, payload):
        return self.bytes("write", text(payload))

    def read(self, message):
        return self.bytes("read", text(message))

    def hash(self):
        return self.bytes("hash")

    def peer(self):
        return self.bytes("peer")

    def rekey(self):
        assert self.ask("rekey") == "ok"

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(20) == 0


def text(value):
    return value.hex() if value else "-"


def public(secret):
    return X25519DH().generate_keypair(PrivateKey(secret)).public.data


def converse(pattern, initiator, responder, payload):
    """Handshake, then messages both ways, a change of keys, and more of them."""
    count = PATTERNS[pattern][1]
    for index in range(count + 8):
        if index == count:
            assert initiator.hash() == responder.hash(), "the hashes differ"
        if index == count + 4:
            initiator.rekey()
            responder.rekey()
        writer, reader = (initiator, responder) if index % 2 == 0 else (responder, initiator)
        said = payload()
        assert reader.read(writer.write(said)) == said, f"message {index} came back different"


def meet(program, pattern, we_begin):
    prologue, ours, theirs = os.urandom(random.randrange(300)), os.urandom(32), os.urandom(32)
    mine = {True: ours, False: theirs}
    initiators = None if pattern == "NK" else mine[we_begin]
    responders = mine[not we_begin]
    if we_begin:
        us = Ours(program, pattern, True, prologue, initiators, public(responders))
        them = Theirs(pattern, False, prologue, responders)
    else:
        us = Ours(program, pattern, False, prologue, responders)
        them = Theirs(pattern, True, prologue, initiators, public(responders))
    ends = (us, them) if we_begin else (them, us)
    converse(pattern, *ends, lambda: os.urandom(random.choice((0, 1, random.randrange(2000), random.randrange(30000)))))
    # In any order, and nothing that was touched.
    number = them.ciphers[0 if them.initiator else 1]._nonce  # pylint: disable=protected-access
    sealed = [them.write(bytes([index])) for index in range(4)]
    for index in (2, 0, 3, 1):
        assert us.bytes("read_at", number + index, text(sealed[index])) == bytes([index])
    assert us.ask("read_at", number, text(sealed[1])) == "refused"
    assert us.ask("read", text(sealed[0][:-1] + bytes([sealed[0][-1] ^ 1]))) == "refused"
    for end, known in ((ends[0], public(responders)), (ends[1], initiators and public(initiators))):
        assert end.peer() == (known or b""), "an end knows somebody else"
    us.end()


def vector(pattern):
    def key(name):
        return hashlib.sha256(f"footbridge noise vector {pattern} {name}".encode()).digest()

    entry = {"protocol_name": f"Noise_{pattern}_25519_ChaChaPoly_BLAKE2b",
             "init_prologue": b"footbridge".hex(), "resp_prologue": b"footbridge".hex()}
    initiators = None if pattern == "NK" else key("initiator")
    if initiators:
        entry["init_static"] = initiators.hex()
    entry |= {"init_ephemeral": key("e of initiator").hex(), "init_remote_static": public(key("responder")).hex(),
              "resp_static": key("responder").hex(), "resp_ephemeral": key("e of responder").hex()}
    initiator = Theirs(pattern, True, b"footbridge", initiators, public(key("responder")), key("e of initiator"))
    responder = Theirs(pattern, False, b"footbridge", key("responder"), None, key("e of responder"))
    messages = []
    count = PATTERNS[pattern][1]
    for index in range(count + 6):
        writer, reader = (initiator, responder) if index % 2 == 0 else (responder, initiator)
        message = {}
        if index in (count + 4, count + 5):  # each direction once
            message["rekeyed"] = True
            direction = 0 if writer.initiator else 1
            rekey(writer.ciphers[direction])
            rekey(reader.ciphers[direction])
        payload = f"payload {index}".encode() * index  # the first is empty
        message |= {"payload": payload.hex(), "ciphertext": writer.write(payload).hex()}
        assert reader.read(bytes.fromhex(message["ciphertext"])) == payload
        messages.append(message)
    return entry | {"handshake_hash": initiator.hash().hex(), "messages": messages}


def main():
    if sys.argv[1] == "--vectors":
        about = "Written by python3-dissononce at both ends: tests/interop/noise/noise_dissononce.py --vectors"
        print(json.dumps({"about": about, "vectors": [vector(pattern) for pattern in PATTERNS]}, indent=1))
        return
    program, rounds = sys.argv[1], int(sys.argv[2])
    for pattern in PATTERNS:
        for we_begin in (True, False):
            for _ in range(rounds):
                meet(program, pattern, we_begin)
            print(f"{pattern}, {'we' if we_begin else 'they'} begin: {rounds} conversations")


if __name__ == "__main__":
    main()
