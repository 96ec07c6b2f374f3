#!/usr/bin/env python3
"""What was said in this very run is in nothing that anybody wrote (threat T19). privacy_scan.py looks for what an address or a
token looks like; here a tap between the programs learns which addresses, names, descriptions, tokens and keys there really were,
and all that the run leaves is searched for exactly these, in the forms in which a program might print them."""
import base64
import ipaddress
import pathlib
import re
import signal
import socket
import threading
import unittest

import curl
import privacy
import report
import website
from chain import LOOPBACK, Chain, eventually
from connections import serve_each
from joined_network import JoinedChain

SITE_HOST = "127.77.203.19"      # nobody else's address, and one that can be found
NAME = "who-asks-for-this.example"
STUN_NAME = "stun-of-this-run.invalid"
KEPT = 256 * 1024                # bytes of each connection that a tap remembers
SHORTEST = 8                     # characters of what is searched for: an ice-ufrag has 4, and stands in its line as well
LOG_LEAST = 4_000                # characters; less, and hardly anything was searched
DESCRIBED = {"SDP": re.compile(rb"a=(?:candidate:|ice-ufrag:|ice-pwd:|fingerprint:sha-256 )[^\r\n]{4,}"),
             "ice-pwd": re.compile(rb"a=ice-pwd:([!-~]{8,})"), "fingerprint": re.compile(rb"a=fingerprint:sha-256 ([0-9A-F:]{95})"),
             "token": re.compile(rb"GET /leg/([\w-]{16,}) HTTP")}


class Tap:
    """Hands on connections, and remembers what was said on them, both ways."""

    def __init__(self, port):
        self.target, self.heard = port, []
        self.listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        serve_each(self.listener, self._serve)

    def _serve(self, near):
        try:
            far = socket.create_connection((LOOPBACK, self.target))
        except OSError:
            return near.close()
        heard = bytearray(), bytearray()
        self.heard += heard
        back = threading.Thread(target=self._pump, args=(far, near, heard[1]), daemon=True)
        back.start()
        self._pump(near, far, heard[0])
        back.join()
        near.close()
        return far.close()

    @staticmethod
    def _pump(source, sink, heard):
        try:
            while data := source.recv(65536):
                heard += data[:max(0, KEPT - len(heard))]
                sink.sendall(data)
        except OSError:
            pass
        for side in (source, sink):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def found(self):
        """What was described and shown, by kind."""
        return {kind: {(hit.group(hit.lastindex or 0)).decode("ascii", "replace") for said in self.heard
                       for hit in pattern.finditer(bytes(said))} for kind, pattern in DESCRIBED.items()}

    def close(self):
        self.listener.close()


class TappedChain(Chain):
    """A chain in which everybody talks to broker and egress through a tap."""

    egress_tap = broker_tap = None

    def start_broker(self, port=0):
        self.egress_tap = Tap(self.egress_program.port)
        program = super().start_broker(port)
        self.broker_tap = Tap(program.port)
        return program

    @property
    def relay_url(self):
        return f"ws://{LOOPBACK}:{self.egress_tap.port}/leg"

    @property
    def broker_url(self):
        return f"http://{LOOPBACK}:{self.broker_tap.port}/"


def forms(secret):
    """As a program might print it, all in lower case."""
    raw = secret.encode()
    out = {secret, raw.hex(), base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    try:
        packed = ipaddress.ip_address(secret).packed
        out |= {packed.hex(), packed[::-1].hex(), str(int.from_bytes(packed, "big")), f"::ffff:{packed[:2].hex()}:{packed[2:].hex()}"}
    except ValueError:
        pass
    return {form.lower() for form in out if len(form) >= SHORTEST}


def hits(text, secrets):
    """(kind, secret) of everything that `text` gives away. What connect tells the person in front of it is no log."""
    text = privacy.PUBLIC_PIN.sub("pin=", privacy.ANNOUNCED.sub("", text)).lower()
    return [(kind, secret) for kind, each in secrets.items() for secret in each if any(form in text for form in forms(secret))]


def key_texts(paths):
    """Words of key files that are long enough to be keys; what begins with ----- is the same in all of them."""
    return {word for path in paths for word in re.findall(r"[\w+/=-]{16,}", path.read_text(errors="replace"))
            if not word.startswith("-----")}


def written(chain):
    """Everything that came out of a run, by where it was found: logs, and each page of each admin socket."""
    out = {}
    for program in chain.programs:
        out[f"{program.name}.log"] = program.log()
        for page in ("/metrics", "/status", "/readyz", "/debug/scopes") if program.running else ():
            out[f"{program.name}{page}"] = program.admin("GET", page)[1]
    return out


def kept(chain):
    """Files of the state directories, by name."""
    return {str(path.relative_to(chain.folder)): path.read_bytes().decode("latin-1") for folder in chain.folder.iterdir()
            if folder.is_dir() and "state" in folder.name for path in folder.rglob("*") if path.is_file()}


class KnownSecrets(unittest.TestCase):
    def site(self):
        site = website.Website(SITE_HOST)
        self.addCleanup(site.close)
        return site

    def live(self, chain, site, *programs):
        """A day in short: pages, pages that there are not, a volunteer that is lost, one that comes, a reload."""
        client, volunteer = programs
        fetched = lambda: curl.fetch(client.port, "socks5h", site.url("/bytes/100000")).size == 100_000  # noqa: E731
        eventually(fetched, "the chain works")
        for url in (f"http://{NAME}/", f"http://{SITE_HOST}:1/", "http://10.11.12.13/"):
            curl.fetch(client.port, "socks5h", url)
        volunteer.kill()
        chain.volunteer("--stun", f"{STUN_NAME}:3478", name="volunteer-after")
        eventually(fetched, "the chain goes on")
        for program in chain.programs:
            if program.running:
                program.signal(signal.SIGHUP)

    def check(self, texts, secrets, least=1):
        for kind, each in secrets.items():
            self.assertGreaterEqual(len(each), least, f"no {kind} is known, so that none could be found")
        self.assertEqual({where: found for where, text in texts.items() if (found := hits(text, secrets))}, {})
        # What is not found has to be what would be: each of them is, in the form in which it is least like itself.
        for kind, each in secrets.items():
            for secret in each:
                for form in forms(secret):
                    self.assertIn((kind, secret), hits(f"level=debug event=x why={form} scope=0a1b2c3d\n", secrets))

    def test_nothing_that_a_tap_heard_is_in_a_log_a_metric_or_a_state_directory(self):
        site = self.site()
        with TappedChain([site.address]) as self.chain:
            self.addCleanup(self.chain.egress_tap.close)
            self.addCleanup(self.chain.broker_tap.close)
            volunteer = self.chain.volunteer("--stun", f"{STUN_NAME}:3478")
            client = self.chain.client("--stun", f"{STUN_NAME}:3478", "--timeout", "10s")
            self.live(self.chain, site, client, volunteer)
            heard = {kind: self.chain.broker_tap.found()[kind] | self.chain.egress_tap.found()[kind] for kind in DESCRIBED}
            secrets = heard | {"address": {SITE_HOST, LOOPBACK, "10.11.12.13"}, "host name": {NAME, STUN_NAME, "localhost"}}
            keys = {"key": key_texts(self.chain.folder / name for name in ("egress.pem", "leg.key"))}
            texts = written(self.chain)
            self.assertGreater(sum(map(len, texts.values())), LOG_LEAST)
            self.check(texts, secrets | keys)
            self.check(kept(self.chain), secrets | keys)
            self.assertEqual([path.name for path in self.chain.folder.rglob("core*")], [])

    def test_nor_what_an_invite_and_the_keys_of_a_network_are_made_of(self):
        site = self.site()
        with JoinedChain(allow=[site.address]) as self.chain:
            volunteer = self.chain.volunteer("--stun", f"{STUN_NAME}:3478")
            client = self.chain.client("--stun", f"{STUN_NAME}:3478", "--timeout", "10s")
            self.live(self.chain, site, client, volunteer)
            folder = pathlib.Path(self.chain.path("net"))
            public = {"root.pub", "network.toml", "directory.signed"}
            keys = key_texts([path for path in folder.iterdir() if path.is_file() and path.name not in public]
                             + [pathlib.Path(self.chain.path(name)) for name in ("egress.pem", "leg.key", "tls.key")])
            visited = {"address": {SITE_HOST}, "host name": {NAME, STUN_NAME}}
            invite = {word for word in re.findall(r"footbridge1[a-z2-7]+", self.chain.invite)}
            texts = written(self.chain)
            self.assertGreater(sum(map(len, texts.values())), LOG_LEAST)
            self.check(texts, visited | {"key": keys, "invite": invite} | {"address": {SITE_HOST, LOOPBACK}})
            self.check(kept(self.chain), visited)  # who joined has to keep what he joined with


if __name__ == "__main__":
    report.main()
