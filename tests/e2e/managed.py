"""A parent of a managed transport, as tor is one: starts the real binary with TOR_PT_* and reads what it says.

    with Managed(["connect", "--allow-private-candidates"], client_environment(folder / "state"), folder) as transport:
        transport.wait_for("CMETHODS DONE")
        … transport.port …

Lines of standard output come in `lines`, its log (standard error) in `log()`. Leaving the block closes its standard
input, which means "end" to it, and fails when it does not end by itself within EXIT_LIMIT or not with status 0.
"""
import os
import pathlib
import subprocess
import threading

from chain import EXIT_LIMIT, READY_LIMIT, binary, die_with_parent, eventually

TRANSPORT = "footbridge"


def common_environment(state):
    return {"TOR_PT_MANAGED_TRANSPORT_VER": "1", "TOR_PT_STATE_LOCATION": str(state), "TOR_PT_EXIT_ON_STDIN_CLOSE": "1"}


def client_environment(state):
    """What tor 0.4.9 sets for a client."""
    return {**common_environment(state), "TOR_PT_CLIENT_TRANSPORTS": TRANSPORT}


class Managed:
    def __init__(self, arguments, environment, folder, name="transport", wrapper=()):
        self.name = name
        self.lines = []
        self.log_path = pathlib.Path(folder) / f"{name}.log"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("TOR_PT_")}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([*wrapper, binary(), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                            env={**inherited, **environment}, start_new_session=True, preexec_fn=die_with_parent)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        code = self.end()
        if kind is None:
            assert code == 0, f"the {self.name} ended with {code}:\n{self.log()}"

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.decode("ascii", errors="backslashreplace").rstrip("\n"))

    def end(self):
        """Closes its standard input and answers its exit status; "did not stop" when it had to be killed."""
        self.process.stdin.close()
        try:
            return self.process.wait(EXIT_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "did not stop"
        finally:
            self._reader.join()

    @property
    def pid(self):
        return self.process.pid

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def log(self):
        return self.log_path.read_text(errors="replace")

    def line(self, beginning):
        """The first line that begins so; nothing yet: None."""
        return next((line for line in self.lines if line.startswith(beginning)), None)

    def wait_for(self, beginning, limit=READY_LIMIT):
        def look():
            ended = self.process.poll() is not None
            if ended:
                self._reader.join(limit)  # its last words may still be in the pipe
            found = self.line(beginning)
            if found is None and ended:
                raise AssertionError(f"the {self.name} ended with {self.process.returncode} after {self.lines}:\n{self.log()}")
            return found
        return eventually(look, f"a line {beginning!r}", limit)

    @property
    def port(self):
        """Where a client's transport listens for tor."""
        return int(self.wait_for(f"CMETHOD {TRANSPORT} socks5 127.0.0.1:").rsplit(":", 1)[1])
