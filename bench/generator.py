"""A load program of bench/*.cpp: it is asked a line and answers a line (console.hpp)."""
import os
import pathlib
import select
import subprocess

from chain import die_with_parent

ANSWER_LIMIT = 60.0  # seconds; many sessions take a while to begin


class Generator:
    def __init__(self, name, *arguments):
        program = pathlib.Path(os.environ["FOOTBRIDGE"]).parent / "bench" / name
        if not program.exists():
            raise SystemExit(f"{program} is not there; scripts/bench builds it beside the footbridge that it measures")
        self.process = subprocess.Popen([program, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=die_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.process.stdin.close()
        if kind is None:
            assert self.process.wait(ANSWER_LIMIT) == 0, f"exit code {self.process.returncode}"
        else:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def ask(self, line=""):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], ANSWER_LIMIT)
        answer = self.process.stdout.readline() if ready else ""
        assert answer, f"no answer to {line!r}; its own words, if any, are above"
        return answer.strip()
