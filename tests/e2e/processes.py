"""What running processes have used, as the kernel counts it: CPU time to the nanosecond, memory in bytes."""
import ctypes
import time

from chain import LIBC


def cpu_seconds(pid):
    """User and system time of all threads so far, those that ended included: clock_getcpuclockid(3)."""
    clock = ctypes.c_int()
    error = LIBC.clock_getcpuclockid(pid, ctypes.byref(clock))
    assert error == 0, f"no CPU clock of process {pid}: errno {error}"
    return time.clock_gettime(clock.value)


def memory_bytes(pid, line):
    """A line of /proc/PID/status: VmRSS (resident now), VmHWM (the most there ever was)."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(text.split()[1]) * 1024 for text in status if text.startswith(line + ":"))


def resident_kib(program):
    return memory_bytes(program.pid, "VmRSS") / 1024


class Meter:
    """CPU seconds of groups of programs, and the time that passed, inside a with block."""

    def __init__(self, **groups):
        self.groups = groups  # name → programs
        self.cpu = {}
        self.seconds = 0.0

    def _read(self):
        return {name: sum(cpu_seconds(program.pid) for program in programs) for name, programs in self.groups.items()}

    def __enter__(self):
        self._before, self._began = self._read(), time.monotonic()
        return self

    def __exit__(self, kind, error, trace):
        self.seconds = time.monotonic() - self._began
        self.cpu = {name: after - self._before[name] for name, after in self._read().items()}

    @property
    def total(self):
        return sum(self.cpu.values())
