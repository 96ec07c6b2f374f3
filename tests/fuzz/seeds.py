#!/usr/bin/env python3
"""Seeds of a fuzz target out of tests/vectors and the example files of docs/ops: seeds.py TARGET FOLDER.

Each valid and invalid encoding there is an input worth starting from; written anew for every run, so they cannot grow
old. A target without vectors gets an empty folder; what was found by fuzzing is in tests/fuzz/corpus.
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def dictionaries(node):
    """Every JSON object below node."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from dictionaries(child)


def vectors(name, *keys):
    """The bytes under these keys, wherever they stand in a vector file; hexadecimal where they can be."""
    tree = json.loads((ROOT / "tests/vectors" / f"{name}.json").read_text(encoding="utf-8"))
    for entry in dictionaries(tree):
        for key in keys:
            value = entry.get(key)
            if isinstance(value, str):
                try:
                    yield bytes.fromhex(value)
                except ValueError:
                    yield value.encode()


def texts(name):
    """Every string of a vector file."""
    def strings(node):
        if isinstance(node, str):
            yield node.encode()
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from strings(child)
    yield from strings(json.loads((ROOT / "tests/vectors" / f"{name}.json").read_text(encoding="utf-8")))


def websocket():
    tree = json.loads((ROOT / "tests/vectors/websocket.json").read_text(encoding="utf-8"))
    for entry in dictionaries(tree):
        if "bytes" in entry:
            yield bytes([1 if entry.get("peer") == "client" else 0, 7]) + bytes.fromhex(entry["bytes"])


def legs():
    for seed in websocket():
        yield bytes([seed[0] ^ 1, 0, 0]) + seed[2:]


def ext_or_port():
    tree = json.loads((ROOT / "tests/vectors/ext_or_port.json").read_text(encoding="utf-8"))
    yield bytes.fromhex(tree["cookie_file"])
    for conversation in tree["conversations"]:
        yield b"".join(bytes.fromhex(step["hear"]) for step in conversation["steps"])


def noise():
    """As the target reads them: the pattern; for each message a payload and what becomes of it."""
    for pattern in range(3):
        run = b"\x00\x04four"
        for messages in (2, 3, 9):
            yield bytes([pattern]) + (run + b"\x00") * messages  # as it was written
        # Changed in what is sealed, or in the one bit of a key that X25519 does not look at; cut; longer.
        for fate in (b"\x01\x00\x20\x80", b"\x01\x00\x1f\x80", b"\x02\x00\x30", b"\x03" + run):
            yield bytes([pattern]) + run + fate
            yield bytes([pattern]) + (run + b"\x00") * 3 + (run + fate + b"\x01\x00\x00") * 3
    for number, message in enumerate(vectors("noise", "ciphertext")):
        yield bytes([number % 3, 0, 0, 4]) + len(message).to_bytes(2, "big") + message


def envelopes():
    """Raw, and what stands inside an envelope, as the target seals it: mode, then a request or an answer."""
    for body in vectors("sealing", "request", "response"):
        yield b"\x00" + body
    for kind in range(6):
        head = bytes([1, kind]) + (1_800_000_000).to_bytes(8, "big")
        yield b"\x01\x00" + head + (5).to_bytes(4, "big") + b"inner"
        yield b"\x01\x00" + head + (2**32 - 1).to_bytes(4, "big")
    yield b"\x01\x01\x01" + (5).to_bytes(4, "big") + b"inner"
    yield b"\x01\x01\x02" + (5).to_bytes(4, "big")


def frames():
    """As the target cuts them: one byte of length, so many times four bytes."""
    for datagram in vectors("session_frames", "hex"):
        padded = datagram + bytes(-len(datagram) % 4)
        if len(padded) < 1024:
            yield bytes([len(padded) // 4]) + padded


def control():
    for name in ("session_control", "session_records", "session_open"):
        yield from vectors(name, "hex")


def candidates():
    for text in vectors("sdp", "sdp"):
        for line in text.decode(errors="replace").splitlines():
            if line.startswith("a=candidate:"):
                yield line[len("a=candidate:"):].encode()


def options():
    for program, name in enumerate(("broker", "connect", "egress", "volunteer")):
        page = (ROOT / f"docs/ops/config-{name}.toml").read_text(encoding="utf-8")
        yield bytes([program, 0]) + page.encode()
        # The example file sets nothing; each of its lines without the mark does.
        lines = [line.lstrip("# ") for line in page.splitlines()]
        yield bytes([program, 0]) + "\n".join(line for line in lines if line[:1] == "[" or " = " in line).encode()


EGRESS = b'[[egress]]\nid = "one"\nrelay = "ws://127.0.0.1:8901/leg"\nspki_sha256 = "' + b"0f" * 32 + b'"\n'
LEG = (b"GET /leg HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
       b"dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
CHUNKED = b"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
LENGTH = b"\r\nContent-Length: 4\r\n\r\nbody"
ANSWER = b"HTTP/1.1 200 OK"
PT_COMMON = b"TOR_PT_MANAGED_TRANSPORT_VER=1,1a\0TOR_PT_STATE_LOCATION=/s\0TOR_PT_EXIT_ON_STDIN_CLOSE=1\0"
PT_CLIENT = (b"TOR_PT_CLIENT_TRANSPORTS=obfs4,footbridge\0TOR_PT_PROXY=socks5://u:p@127.0.0.1:1080\0"
             b"TOR_PT_OUTBOUND_BIND_ADDRESS_V4=127.0.0.9\0TOR_PT_OUTBOUND_BIND_ADDRESS_V6=[::1]\0")
PT_SERVER = (b"TOR_PT_SERVER_TRANSPORTS=footbridge\0TOR_PT_SERVER_BINDADDR=footbridge-127.0.0.1:0\0"
             b"TOR_PT_ORPORT=127.0.0.1:5301\0TOR_PT_EXTENDED_SERVER_PORT=[::1]:42\0TOR_PT_AUTH_COOKIE_FILE=/c\0"
             b"TOR_PT_SERVER_TRANSPORT_OPTIONS=footbridge:relay-url=ws\\://a\\:80;footbridge:x=a\\;b\0")

NETWORK = (b'name = "N"\n[[broker]]\nname = "b"\n[[broker.address]]\nurl = "https://b.example/"\nfront = "f.example"\n'
           b'[[egress]]\nid = "one"\nrelay = "wss://e.example/leg"\nspki_sha256 = "' + b"0f" * 32 + b'"\n'
           b'[stun]\nservers = ["s.example:1"]\n[tactics]\ndtls_sensitive = ["IR"]\nmost_paths = 2\nudp_legs_off = true\n')
LEDGER = b'[[invite]]\nname = "sara"\nid = "' + b"0f" * 16 + b'"\nmade = 1\nuntil = 9\nuses = 1\nrevoked = 2\n'
BROKER_KEYS = b'[[key]]\nsecret = "' + b"0f" * 32 + b'"\nfrom = 1\nuntil = 9\n'
INVITE_RULES = (b'network = "0123456789abcdef"\ninvites = "needed"\nentries = 1\n[[invite]]\nmark = "' + b"0f" * 16 +
                b'"\nuntil = 9\nuses = 2\nrevoked = true\n')
REPORT = (b"\x0a\x08bootboot\x10\x01\x18\x80\xa4\xa7\xda\x06\x20\x02\x28\x01\x30\x01"
          b"\x3a\x16\x0a\x10" + b"a mark of sixteen"[:16] + b"\x10\x01\x18\x14")

SEEDS = {
    "addresses": lambda: list(texts("hostile_targets")) + list(texts("ice_candidate_filter")),
    "dcep": lambda: vectors("dcep", "hex"),
    "egress_file": lambda: [EGRESS, EGRESS.replace(b"one", b"two") + EGRESS],
    "envelope": envelopes,
    "ext_or_port": ext_or_port,
    "flow_messages": lambda: list(vectors("session_flow", "hex")) + list(vectors("socks_udp", "hex")),
    "http_answer": lambda: [b"\x01" + ANSWER + tail + b"\x01" for tail in (CHUNKED, LENGTH, b"\r\n\r\nuntil the end")],
    "http_client": lambda: [bytes([which, 0]) + ANSWER + tail for which in (0, 1) for tail in (CHUNKED, LENGTH)],
    "http_server": lambda: [b"\x00" + text for text in (LEG, POST, b"POST / HTTP/1.1\r\nHost: a" + CHUNKED)],
    "heartbeat": lambda: [b"\x00" + REPORT, b"\x01" + REPORT, b"\x02\x00\x01\x07", b"\x02\x01\x01\x07"],
    "ice_candidate": candidates,
    "key_files": lambda: list(vectors("path", "pem")) + [b"0f" * 32 + b"\n"],
    "leg_token": lambda: [b"\x00" + text for text in texts("rendezvous-leg-token")] + [b"\x01\x80", b"\x01\x80\x05\x01"],
    "local_request": lambda: [b"GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
                              b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"],
    "netstate_report": lambda: vectors("netstate", "hex", "chain"),
    "network": lambda: [*vectors("network", "hex"), *vectors("network", "text")],
    "nat_discovery": lambda: [*vectors("stun_discovery", "hex"), *(bytes([0, 1]) + bytes([n]) * 200 for n in range(1, 9))],
    "network_files": lambda: [b"\0" + NETWORK, b"\1" + LEDGER, b"\2" + BROKER_KEYS, b"\3" + INVITE_RULES],
    "noise": noise,
    "options": options,
    "protobuf": lambda: vectors("rendezvous", "hex"),
    "pt_arguments": lambda: vectors("pt_arguments", "text", "json"),
    "pt_environment": lambda: [PT_COMMON + PT_CLIENT, PT_COMMON + PT_SERVER],
    "pt_flags": lambda: [b"-ptversion\0003.0\0-transport\0footbridge\0-state\0/s\0--broker\0b\0-options\0{}\0",
                         b"-transports=footbridge\0-bindhost=::1\0-bindport=1\0-target=127.0.0.1:1\0"],
    "quic_stretch": lambda: vectors("path", "hex"),
    "rendezvous": lambda: vectors("rendezvous", "hex"),
    "resumption_ticket": lambda: [b"\x00", b"\x00\x01\x09\x80", b"\x00\x00\x50", b"\x01\x01\x01\x01" + bytes(range(112)),
                                  b"\x01\x00\x01\x00" + bytes(72), b"\x01\x01\x02\x00", b"\x01\x01\x01\x02"],
    "sdp": lambda: vectors("sdp", "sdp"),
    # Which answer, whether of its own making, and bytes that change; which request, two changes, the clock, a last byte.
    "sealed_answer": lambda: [bytes([which]) + rest for which in (0, 1) for rest in (b"\x01", b"\x01\x01\x09\x80",
                                                                                b"\x01\x00\xe0\x00\x00", b"\x00inner")],
    "sealed_request": lambda: [bytes([which]) + rest + bytes([which, 0, 0, 128, 1])
                               for which in range(4) for rest in (b"\x00\x00\x80\x01", b"\x01\x81\x00\x80\x01",
                                                                  b"\x02\x05\x01\x00\x80\x01", b"\x03\x02\x00\x80\x01",
                                                                  b"\x04\xa0\x06\x05\x80\x80\x01",
                                                                  b"\x05\x04tail\x00\x80\x01")],
    "session_control": control,
    "session_frames": frames,
    "site": lambda: [b"/", b"/style.css?v=2", b"/a/../index.html", b"/a/b/./page.html", b"//a//", b"/%2e%2e/%41", b"/.."],
    "socks5": lambda: [*vectors("socks", "bytes"), *vectors("socks_arguments", "bytes")],
    "stun": lambda: vectors("stun", "hex"),
    "ticket": lambda: [bytes([1, 0]) + bytes(256), bytes([1, 1, 0x80]), bytes([1, 1, 0x80, 5, 1]), bytes([0, 1, 0x80])],
    "url": lambda: [b"wss://egress.example/leg", b"http://[2001:db8::1]:80/a?b=c"],
    "websocket": websocket,
    "ws_leg": legs,
}


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS.get(target, list)()):
        (folder / f"vector-{number}").write_bytes(seed)


if __name__ == "__main__":
    main()
