#!/usr/bin/env python3
"""How the real program answers a parent that starts it as a managed transport: each vector of
tests/vectors/managed_transport.json, standard output to the byte and the exit code (docs/spec/09-managed-transport.md).

The programs find nobody to talk to: their broker is not there. What they do for tor has its own tests."""
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

import report
from chain import LOOPBACK, binary

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = json.loads((ROOT / "tests/vectors/managed_transport.json").read_text(encoding="utf-8"))
LIMIT = 30       # seconds from a start to an end, on a machine that does everything else at once
AT_ONCE = 4      # programs
QUIET = 0.5      # seconds in which a program that takes an end of standard input for a goodbye has ended
DONE = ("CMETHODS DONE", "SMETHODS DONE")
PLACES = {"@PORT": r"\d+", "@PIN": "[0-9a-f]{64}", "@VERSION": r"[0-9.]+\S*", "…": ".*"}
# Lines of the protocol that version 3.0 wants on standard error, where our own log is too.
ERRORS = re.compile(r"(VERSION|ENV|PROXY|CMETHOD|SMETHOD)-ERROR ")


def pattern(line):
    return "".join(PLACES.get(piece, re.escape(piece)) for piece in re.split(r"(@PORT|@PIN|@VERSION|…)", line))


def environment(vector, folder):
    out = {name: value for name, value in os.environ.items() if not name.startswith("TOR_PT_")}
    out["XDG_STATE_HOME"] = str(folder)
    told = dict(FILE["environments"][vector["program"]], **vector["environment"]) if "environment" in vector else {}
    out.update((name, value.replace("@DIR", str(folder))) for name, value in told.items() if value is not None)
    return out


def collect(stream, lines, done):
    """Whatever comes until the end; `done` is set when all was said, or the end came."""
    for line in stream:
        lines.append(line.rstrip("\n"))
        if lines[-1] in DONE:
            done.set()
    done.set()


def answer(vector):
    """What is wrong with the answer to it; nothing when all is well."""
    with tempfile.TemporaryDirectory() as folder:
        flags = [flag.replace("@DIR", folder) for flag in vector.get("flags", [])]
        program = subprocess.Popen([binary(), vector["program"], *flags], env=environment(vector, folder), cwd=folder,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said, errors, done = [], [], threading.Event()
        readers = [threading.Thread(target=collect, args=(program.stdout, said, done)),
                   threading.Thread(target=collect, args=(program.stderr, errors, threading.Event()))]
        for reader in readers:
            reader.start()
        try:
            done.wait(LIMIT)
            program.stdin.close()
            wrong = stop_otherwise(program, vector["stop"]) if "stop" in vector else ""
            code = program.wait(LIMIT)
        finally:
            program.kill()
            program.wait()
            for reader in readers:
                reader.join()
    return wrong + differences(vector, said, errors, code)


def stop_otherwise(program, name):
    """The end of standard input means nothing here: it goes on until the signal comes. Answers what is wrong."""
    try:
        return f"ended with {program.wait(QUIET)} when its standard input did; "
    except subprocess.TimeoutExpired:
        program.send_signal(getattr(signal, name))
        return ""


def differences(vector, said, errors, code):
    version = said.index(vector["lines"][0]) if vector["lines"] and vector["lines"][0] in said else -1
    later = [line for number, line in enumerate(said)
             if not line.startswith("LOG ") and not (line.startswith("STATUS ") and number > version + 1)]
    protocol = [line for line in errors if ERRORS.match(line)]
    wrong = []
    for what, seen, expected in (("standard output", later, vector["lines"]),
                                 ("standard error", protocol, vector.get("errors", []))):
        if len(seen) != len(expected) or not all(re.fullmatch(pattern(e), s) for s, e in zip(seen, expected)):
            wrong.append(f"{what}: {seen}, expected {expected}")
    if code != vector["exit"]:
        wrong.append(f"exit code {code}, expected {vector['exit']}")
    return "; ".join(wrong + ([f"log: {errors}"] if wrong else []))


class Vectors(unittest.TestCase):
    def test_each_is_answered_as_it_says(self):
        vectors = FILE["vectors"]
        self.assertGreaterEqual(len(vectors), 40)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for vector, wrong in zip(vectors, pool.map(answer, vectors)):
                with self.subTest(vector["name"]):
                    self.assertEqual(wrong, "")


class OptionsOfAClient(unittest.TestCase):
    """-options of version 3.0: arguments of every connection, unless the connection brings its own."""

    GOOD = f"broker=http://{LOOPBACK}:1/;pin={'ab' * 32}"

    def start(self, options):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        program = subprocess.Popen(
            [binary(), "connect", "-transport", "footbridge", "-state", folder.name, "-exit-on-stdin-close",
             "-ipcLogLevel", "DEBUG", "-options", json.dumps(options)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for pipe in (program.stdin, program.stdout):
            self.addCleanup(pipe.close)
        self.addCleanup(program.wait, LIMIT)
        self.addCleanup(program.kill)
        return program

    def connect(self, program, arguments):
        """The next LOG line about a connection with these arguments: "WARN …", "INFO …"."""
        line = ""
        while not line.startswith("CMETHOD "):
            line = program.stdout.readline()
        self.assertEqual(program.stdout.readline(), "CMETHODS DONE\n")
        host, port = line.split()[-1].split(":")
        with socket.create_connection((host, int(port)), LIMIT) as connection:
            if arguments:
                connection.sendall(b"\5\1\2" + b"\1" + bytes([len(arguments)]) + arguments.encode() + b"\1\0")
            else:
                connection.sendall(b"\5\1\0")
            connection.sendall(b"\5\1\0\1\xc0\0\2\3\0\x50")
            line = program.stdout.readline()
            while not line.startswith("LOG "):
                line = program.stdout.readline()
            return line[len("LOG "):]

    def test_count_for_a_connection_without_arguments(self):
        program = self.start({"broker": "http://broker.example/"})
        self.assertRegex(self.connect(program, ""), "^WARN .*broker=")

    def test_give_way_to_those_of_a_connection(self):
        program = self.start({"broker": "http://broker.example/", "paths": "2"})
        self.assertRegex(self.connect(program, self.GOOD), "^INFO ")

    def test_stand_beside_those_of_a_connection(self):
        program = self.start({"paths": "99"})
        self.assertRegex(self.connect(program, self.GOOD), "^WARN .*paths=")


if __name__ == "__main__":
    report.main()
