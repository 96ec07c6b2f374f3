#!/usr/bin/env python3
"""What somebody finds who takes a broker away (threats T8, T20): after its users have gone, the memory of the running
program holds no address of theirs, nothing of their descriptions, and no file of it does either. And what a volunteer could
find who looks into his own program while it carries (threat T7): neither what is said nor to whom.

Addresses are planted twice: as those that connections come from (127.201.0.0/16: each a machine of its own to the
kernel), and as text in descriptions."""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

import curl
import rendezvous_request
import report
import website
from chain import LOOPBACK, Chain, eventually

CLIENTS = 24
LIMIT = 20.0      # seconds
FORGOTTEN = 60.0  # seconds after which nothing may be left
UPLOAD_BYTES = 6_000_000


def planted_address(number):
    """Distinctive in memory: 127.201.x.y with no small byte in it."""
    return f"127.201.{155 + number}.{211 - number}"


def planted_description(number):
    return (f"v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:Planted{number:04}\r\n"
            f"a=candidate:1 1 udp 2122260223 198.51.100.{number} 54321 typ host\r\n").encode()


MARKS = re.compile(rb"Planted\d{4}|198\.51\.100\.\d{1,3}|127\.201\.\d{1,3}\.\d{1,3}|" +
                   b"|".join(re.escape(socket.inet_aton(planted_address(number))) for number in range(CLIENTS)), re.S)


def memory_of(pid):
    """(name, bytes) of all that a process has written to."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            extent, mode, *_, name = [*line.rstrip().split(maxsplit=5), "anonymous"][:6]
            if "w" not in mode:
                continue
            begin, end = (int(part, 16) for part in extent.split("-"))
            with contextlib.suppress(OSError):  # a guard page
                memory.seek(begin)
                yield name, memory.read(end - begin)


def marks_in_memory(pid, marks=MARKS):
    return [(name.rpartition("/")[2], mark) for name, data in memory_of(pid) for mark in marks.findall(data)]


def marks_in_files(folder):
    return [(file.name, mark) for file in folder.rglob("*") if file.is_file() for mark in MARKS.findall(file.read_bytes())]


class MemoryImage(unittest.TestCase):
    def connect(self, port, tls, source=LOOPBACK):
        s = socket.create_connection((LOOPBACK, port), LIMIT, (source, 0))
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without the authorities of the system, which take long to read
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            s = context.wrap_socket(s)
        self.addCleanup(s.close)
        return s

    def come_and_go(self, *broker_options):
        tls = bool(broker_options)
        with Chain(broker_options=broker_options) as self.chain:
            broker = self.chain.broker_program
            self.assertEqual(marks_in_memory(broker.pid), [], "before anybody came")
            asking = []
            for number in range(CLIENTS):  # at once: a connection that says nothing is soon closed
                asking.append(self.connect(broker.port, tls, planted_address(number)))
                asking[-1].sendall(rendezvous_request.offer(planted_description(number)))
            eventually(lambda: broker.metric("footbridge_broker_offers_total") == CLIENTS, "all of them have asked", LIMIT)
            self.assertGreater(len(marks_in_memory(broker.pid)), CLIENTS, "this test does not find what is there")
            polling = [self.connect(broker.port, tls) for _ in range(CLIENTS // 2)]
            for s in polling:  # volunteers that get descriptions, and say nothing more
                s.sendall(rendezvous_request.poll())
                self.assertTrue(s.recv(1 << 16).startswith(b"HTTP/1.1 200"))
            for s in asking:
                s.close()
            eventually(lambda: broker.metric("footbridge_broker_waiting_offers") == 0, "all have gone", FORGOTTEN)
            eventually(lambda: not marks_in_memory(broker.pid),
                       "nothing of them is left", FORGOTTEN)
            self.assertEqual(marks_in_files(self.chain.folder), [])

    def test_of_a_volunteer_holds_neither_what_it_carries_nor_where_it_goes(self):
        site = website.Website(planted_address(0))
        self.addCleanup(site.close)
        host, _, port = site.address.partition(":")
        marks = re.compile(rb"Planted\d{4}|" + re.escape(host.encode()) + b"|" +
                           re.escape(socket.inet_aton(host) + int(port).to_bytes(2, "big")), re.S)
        words = self.enterContext(tempfile.NamedTemporaryFile())
        words.write(b"Planted7701 " * (UPLOAD_BYTES // 12))
        words.flush()
        with Chain([site.address]) as self.chain:
            volunteer, client = self.chain.volunteer(), self.chain.client()
            answers = []
            carried = threading.Thread(target=lambda: answers.append(curl.fetch(
                client.port, "socks5h", site.url("/echo"), "--data-binary", f"@{words.name}", "--limit-rate", str(UPLOAD_BYTES // 4))))
            carried.start()
            found_at_the_client = 0
            while carried.is_alive():
                self.assertEqual(marks_in_memory(volunteer.pid, marks), [])
                found_at_the_client += bool(marks_in_memory(client.pid, marks))
            self.assertEqual(answers[0].sha256, website.sha256(pathlib.Path(words.name).read_bytes()), answers[0].error)
            self.assertGreater(found_at_the_client, 0, "this test does not find what is there")

    def test_of_a_broker_holds_nobody_who_has_gone(self):
        self.come_and_go()

    def test_of_a_broker_with_tls_of_its_own_neither(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fb-image-"))
        self.addCleanup(shutil.rmtree, folder)
        done = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                               "key.pem", "-out", "certificate.pem", "-subj", "/CN=localhost", "-days", "2"],
                              cwd=folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        (folder / "key.pem").chmod(0o600)
        self.come_and_go("--tls-cert", str(folder / "certificate.pem"), "--tls-key", str(folder / "key.pem"))


if __name__ == "__main__":
    report.main()
