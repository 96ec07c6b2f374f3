"""What systemd makes of a unit's lines in the process that becomes the service: its user, no rights, a /proc with processes
only, and the filters of system calls, of kinds of sockets and of memory that is written and run. A filter is read from the
unit by its own key, and what its groups mean from systemd-analyze.

Not done, so not seen: IPAddressDeny= (the test is all on loopback), what is mounted away or read-only, private devices and
users, limits of memory and tasks."""
import ctypes
import errno
import functools
import os
import socket
import subprocess

from chain import LIBC, die_with_parent

CLONE_NEWNS = 0x20000
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, CAPABILITIES = 38, 24, 64
ALLOW, ERRNO = 0x7FFF0000, 0x00050000                  # libseccomp's actions,
EQUAL, AT_LEAST, MASKED = 4, 5, 7                      # comparisons
MOST_FAMILIES = 64                                     # of sockets; the kernel knows fewer
WRITE, EXECUTE = 2, 4                                  # protections of memory
PROC = {"ProcSubset": {"all": "", "pid": "subset=pid"}, "ProtectProc": {"default": "", "invisible": "hidepid=invisible"}}


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("value", ctypes.c_uint64), ("other", ctypes.c_uint64)]


class Filter:
    """A seccomp filter: `otherwise` for all that no rule is about."""

    def __init__(self, otherwise):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(otherwise)))

    def rule(self, action, name, *comparisons):
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # this machine has it
            made = (Comparison * len(comparisons))(*comparisons)
            assert self.library.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(comparisons), made) == 0, name

    def load(self):
        assert self.library.seccomp_load(self.context) == 0


@functools.cache
def groups():
    """What systemd calls @system-service and so on: name to members, which may be groups."""
    found = {}
    for line in subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("@"):
            members = found[line.strip()] = []
        elif line.startswith(" ") and not line.strip().startswith("#"):
            members.append(line.strip())
    return found


def calls(name):
    return {call for member in groups()[name] for call in calls(member)} if name.startswith("@") else {name}


def call_filter(lines):
    """Of SystemCallFilter=: the first line allows, those with ~ take away."""
    allowed = calls("@default")
    for line in lines:
        named = {call for name in line.removeprefix("~").split() for call in calls(name)}
        allowed = allowed - named if line.startswith("~") else allowed | named
    made = Filter(ERRNO | errno.EPERM)
    for call in sorted(allowed):
        made.rule(ALLOW, call)
    return made


def family_filter(words):
    """Of RestrictAddressFamilies=."""
    allowed = {getattr(socket, word) for word in words}
    made = Filter(ALLOW)
    for family in set(range(MOST_FAMILIES)) - allowed:
        made.rule(ERRNO | errno.EAFNOSUPPORT, "socket", Comparison(0, EQUAL, family, 0))
    made.rule(ERRNO | errno.EAFNOSUPPORT, "socket", Comparison(0, AT_LEAST, MOST_FAMILIES, 0))
    return made


def memory_filter():
    """Of MemoryDenyWriteExecute=."""
    made = Filter(ALLOW)
    made.rule(ERRNO | errno.EPERM, "mmap", Comparison(2, MASKED, WRITE | EXECUTE, WRITE | EXECUTE))
    for call in ("mprotect", "pkey_mprotect"):
        made.rule(ERRNO | errno.EPERM, call, Comparison(2, MASKED, EXECUTE, EXECUTE))
    return made


def confine(root, unit, folder):
    """For preexec_fn: the process of `unit` (clean_root.py) inside `root`, in `folder` of it."""
    filters = [family_filter(unit.one("RestrictAddressFamilies").split()), call_filter(unit.all("SystemCallFilter"))]
    if unit.one("MemoryDenyWriteExecute") == "yes":
        filters.insert(0, memory_filter())
    proc = ",".join(filter(None, (meant[unit.one(key)] for key, meant in PROC.items())))

    def enter():
        with open(f"/proc/{root.keeper}/ns/mnt") as namespace:
            assert LIBC.setns(namespace.fileno(), CLONE_NEWNS) == 0
        assert LIBC.unshare(CLONE_NEWNS) == 0
        assert LIBC.mount(b"proc", f"{root.path}/proc".encode(), b"proc", 0, proc.encode()) == 0
        os.chroot(root.path)
        os.chdir(folder)
        os.umask(0o077)
        for capability in range(CAPABILITIES):
            LIBC.prctl(PR_CAPBSET_DROP, capability)
        os.setgroups([])
        os.setresgid(unit.user, unit.user, unit.user)
        os.setresuid(unit.user, unit.user, unit.user)
        LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        die_with_parent()
        for filter_ in filters:
            filter_.load()

    return enter
