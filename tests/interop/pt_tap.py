#!/usr/bin/env python3
"""Stands between tor and a managed pluggable transport and writes down what they say, changing only where they meet:

    ClientTransportPlugin dummy exec /usr/bin/python3 pt_tap.py RECORD COMMAND …

tor's connections to the transport's SOCKS port (CMETHOD), and the transport's to tor's extended ORPort, go through ports
of the tap. RECORD gets a line of JSON for each thing said: {"kind": "stdout", "line"}, or {"kind": "socks" or "extor",
"connection", "from": "tor" or "pt", "hex"}; of a connection only the first KEPT_BYTES each way.
"""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading

KEPT_BYTES = 2048
EXTENDED = "TOR_PT_EXTENDED_SERVER_PORT"
PR_SET_PDEATHSIG = 1


class Record:
    def __init__(self, path):
        self.lock = threading.Lock()
        self.file = open(path, "a")
        self.connections = 0

    def write(self, **fields):
        with self.lock:
            self.file.write(json.dumps(fields) + "\n")
            self.file.flush()

    def number(self):
        with self.lock:
            self.connections += 1
            return self.connections


def pump(source, sink, note):
    try:
        while data := source.recv(65536):
            note(data)  # before the answer can come
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def tap_port(record, kind, target, dialler):
    """A port whose connections go to `target`; `dialler`, "tor" or "pt", is who connects to it. "host:port"."""
    host, _, port = target.rpartition(":")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(near, number):
        other = "pt" if dialler == "tor" else "tor"
        kept = {dialler: 0, other: 0}

        def note(who):
            def write(data):
                piece = data[:KEPT_BYTES - kept[who]]
                kept[who] += len(piece)
                if piece:
                    record.write(kind=kind, connection=number, hex=piece.hex(), **{"from": who})
            return write
        with near, socket.create_connection((host.strip("[]"), int(port))) as far:
            back = threading.Thread(target=pump, args=(far, near, note(other)), daemon=True)
            back.start()
            pump(near, far, note(dialler))
            back.join()

    def accept():
        while True:
            near, _ = listener.accept()
            threading.Thread(target=serve, args=(near, record.number()), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


def main():
    record = Record(sys.argv[1])
    environment = dict(os.environ)
    if EXTENDED in environment:
        environment[EXTENDED] = tap_port(record, "extor", environment[EXTENDED], "pt")
    libc = ctypes.CDLL(None)
    child = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, env=environment, text=True,
                             preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    for line in child.stdout:
        line = line.rstrip("\n")
        record.write(kind="stdout", line=line)
        words = line.split()
        if words[:1] == ["CMETHOD"]:
            line = " ".join([*words[:3], tap_port(record, "socks", words[3], "tor")])
        print(line, flush=True)
    sys.exit(child.wait())


if __name__ == "__main__":
    main()
