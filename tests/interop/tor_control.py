"""A tor's control port (control-spec.txt), as much as tests ask: commands, and events that arrived between them."""
import socket

TIMEOUT = 10.0  # seconds for an answer; tor is on this machine


class Control:
    """An authenticated connection; tor's control ports here ask for no secret."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=TIMEOUT)
        self.file = self.socket.makefile("rb")
        self.events = []  # lines after "650 ", as they came
        self.command("AUTHENTICATE")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def command(self, text):
        """Data lines of the answer; fails when tor refuses."""
        self.socket.sendall(text.encode() + b"\r\n")
        lines = []
        while True:
            line = self._line()
            if line.startswith("650"):
                self.events.append(line[4:])
                continue
            assert line.startswith("250"), f"{text}: {line}"
            if line[3] == "+":
                lines.append(line[4:])
                while (data := self._line()) != ".":
                    lines.append(data)
            elif line != "250 OK":
                lines.append(line[4:])
            if line[3] == " ":
                return lines

    def _line(self):
        line = self.file.readline()
        assert line, "tor closed its control port"
        return line.decode().rstrip("\r\n")

    def collect(self):
        """All events so far, in order."""
        self.command("GETINFO version")
        return self.events

    def circuits(self):
        """{id: (state, hops)} of all circuits."""
        rows = self._rows("circuit-status")
        return {row[0]: (row[1], row[2].split(",") if len(row) > 2 and row[2].startswith("$") else []) for row in rows}

    def streams(self):
        """{id: (state, circuit, target)} of all streams."""
        return {row[0]: tuple(row[1:4]) for row in self._rows("stream-status")}

    def _rows(self, name):
        lines = self.command(f"GETINFO {name}")
        lines[0] = lines[0].partition("=")[2]
        return [line.split() for line in lines if line.strip()]

    def close(self):
        self.file.close()
        self.socket.close()
