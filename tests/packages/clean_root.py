"""A Debian to install packages into, of which nothing is left afterwards, and its units run as systemd would, as far as
confined.py says.

    with clean_root(debian=False) as root:
        root.run("apt-get", "install", …)
        with root.unit("footbridge-egress") as egress:
            egress.hear("READY=1")

It is this machine's own, with everything that is written going to memory; or, from nothing, a minimal one, whose base is
kept as build/debian-12.tar. It is seen in a mount namespace that ends with the block. Needs root.
"""
import contextlib
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from chain import EXIT_LIMIT, POLL, READY_LIMIT, die_with_parent
from confined import confine

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASE = ROOT / "build/debian-12.tar"
UNIT_PATH = "/lib/systemd/system"
WATCHDOG_USEC = 400_000   # of our units: soon enough to be seen, late enough for a busy machine
FIRST_USER = 61_184       # of those that systemd gives to DynamicUser=
STATE, RUNTIME, CREDENTIALS, CREDSTORE = "/var/lib", "/run", "/run/credentials", "/etc/credstore"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
LIMIT = 600               # seconds for one command; apt with a slow archive
INSTALL = ["apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends"]


def why_not():
    """Why there can be none on this machine; empty: there can."""
    if os.geteuid() != 0:
        return "installing packages needs root"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["unshare", "--mount", "sh", "-ec", own_root(folder)], capture_output=True, text=True, check=False)
    return f"no overlay of this machine's files: {tried.stderr.strip()}" if tried.returncode else ""


def own_root(folder):
    return f"""mount -t tmpfs tmpfs {folder}
mkdir {folder}/new {folder}/work {folder}/debian
mount -t overlay overlay -o lowerdir=/,upperdir={folder}/new,workdir={folder}/work {folder}/debian
"""


def minimal_root(folder):
    return f"mount -t tmpfs tmpfs {folder}\nmkdir {folder}/debian\ntar -xpf {BASE} -C {folder}/debian\ncp -L /etc/resolv.conf {folder}/debian/etc/resolv.conf\n"


def make_base():
    if BASE.exists():
        return
    BASE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="fb-debian-") as folder:
        subprocess.run([ROOT / "scripts/debian_root", f"{folder}/debian"], check=True, timeout=LIMIT)
        subprocess.run(["tar", "-cf", f"{folder}/tar", "-C", f"{folder}/debian", "."], check=True)
        shutil.move(f"{folder}/tar", BASE)


@contextlib.contextmanager
def clean_root(debian=False):
    if debian:
        make_base()
    with tempfile.TemporaryDirectory(prefix="fb-root-") as folder:
        mounts = (minimal_root if debian else own_root)(folder) + f"""mount -t proc proc {folder}/debian/proc
mount --rbind --make-rslave /dev {folder}/debian/dev
mount -t tmpfs tmpfs {folder}/debian/run
mount -t tmpfs -o mode=1777 tmpfs {folder}/debian/tmp
echo made
exec cat
"""
        keeper = subprocess.Popen(["unshare", "--mount", "sh", "-ec", mounts], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  preexec_fn=die_with_parent)
        try:
            assert keeper.stdout.readline() == b"made\n", "the root could not be made"
            root = Root(keeper.pid, f"{folder}/debian")
            if debian:  # the base may be old, and the archive has only what is new
                root.run("apt-get", "-q", "update")
            yield root
        finally:
            keeper.stdin.close()
            keeper.wait()
            keeper.stdout.close()


class Root:
    """What stands in the mount namespace of process `keeper` at `path`."""

    def __init__(self, keeper, path):
        self.keeper, self.path = keeper, path

    def beside(self, *words):
        """A command of this machine that sees the root at `path`."""
        return ["nsenter", f"--mount=/proc/{self.keeper}/ns/mnt", "--", *words]

    def inside(self, *words, user=None, **environment):
        """The words of a command in it, with nothing in its environment but this."""
        values = ENVIRONMENT | {"DEBIAN_FRONTEND": "noninteractive"} | environment
        drop = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
        return self.beside("chroot", self.path, "env", "-i", *(f"{k}={v}" for k, v in values.items()), *(drop if user else []), *words)

    def run(self, *words, text=None, **more):
        done = subprocess.run(self.inside(*words, **more), input=text, stdin=None if text else subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, timeout=LIMIT)
        assert done.returncode == 0, f"{shlex.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def write(self, path, text, mode=0o600, owner=0):
        self.run("sh", "-ec", 'mkdir -p "${1%/*}"; cat >"$1"; chmod "$2" "$1"; chown "$3" "$1"', "sh", path, f"{mode:o}", str(owner), text=text)

    def take(self, files, folder):
        """Copies files of this machine into it."""
        self.run("mkdir", "-p", folder)
        subprocess.run(self.beside("cp", *map(str, files), self.path + folder), check=True)

    def files(self):
        """All there is, where packages put things; what dpkg, apt and the linker note for themselves left out."""
        found = self.run("find", "/etc", "/usr", "/var", "/lib", "-xdev", "(", "-path", "/var/lib/dpkg", "-o", "-path", "/var/cache", "-o",
                         "-path", "/var/log", "-o", "-path", "/var/lib/apt", ")", "-prune", "-o", "-print")
        return set(found.splitlines())

    def unit(self, name):
        return Unit(self, name)


class Unit:
    """A unit's ExecStart with what its lines promise: directories, credentials, the sockets of notify and watchdog, and what
    confined.py takes away from it."""

    def __init__(self, root, name):
        self.root, self.name = root, name
        self.lines = [line.partition("=")[::2] for line in root.run("cat", f"{UNIT_PATH}/{name}.service").splitlines()
                      if "=" in line and not line.startswith("#")]
        self.user = FIRST_USER + sum(name.encode()) % 1000
        self.state, self.heard, self.process = f"{STATE}/{name}", [], None

    def all(self, key):
        return [value for name, value in self.lines if name == key]

    def one(self, key):
        values = self.all(key)
        assert len(values) == 1, f"{self.name}: {key}={values}"
        return values[0]

    def may_start(self):
        """Its ConditionPathExists=."""
        return all(subprocess.run(self.root.inside("test", "-e", path), check=False).returncode == 0 for path in self.all("ConditionPathExists"))

    def make_places(self):
        """As systemd does: state that was there already becomes the unit's user's."""
        script = 'for place in "$@"; do mkdir -p -m 700 "$place"; chown -R "$0:$0" "$place"; done'
        self.root.run("sh", "-ec", script, str(self.user), f"{STATE}/{self.one('StateDirectory')}",
                      f"{RUNTIME}/{self.one('RuntimeDirectory')}", f"{CREDENTIALS}/{self.name}")
        for credential in self.all("LoadCredential"):
            name, _, kept = credential.partition(":")
            self.root.run("sh", "-ec", '[ ! -e "$0" ] || install -m 400 -o "$2" "$0" "$1"', f"{CREDSTORE}/{kept}",
                          f"{CREDENTIALS}/{self.name}/{name}", str(self.user))

    def environment(self):
        return {"STATE_DIRECTORY": self.state, "RUNTIME_DIRECTORY": f"{RUNTIME}/{self.one('RuntimeDirectory')}",
                "CREDENTIALS_DIRECTORY": f"{CREDENTIALS}/{self.name}"}

    def as_service(self, *words, text=None):
        """What `systemd-run -p DynamicUser=yes -p User=NAME -p StateDirectory=NAME` does."""
        self.make_places()
        return self.root.run(*words, text=text, user=self.user, STATE_DIRECTORY=self.state)

    def begin(self, *words, **environment):
        """Starts a command as the service's process."""
        self.make_places()
        self.log = tempfile.TemporaryFile()
        enter = confine(self.root, self, self.one("WorkingDirectory").replace("%S", STATE))
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, preexec_fn=enter,
                                env=ENVIRONMENT | self.environment() | environment)

    def try_out(self, *words):
        """What a command says as the service's process."""
        process = self.begin(*words)
        process.wait(EXIT_LIMIT)
        with self.log:
            return self.said()

    def __enter__(self):
        assert self.one("Type") == "notify" and self.one("WatchdogSec") == "30s" and self.one("DynamicUser") == "yes"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = f"fb-{os.getpid()}-{self.name}"
        self.notify.bind("\0" + address)
        self.notify.settimeout(POLL)
        self.process = self.begin(*shlex.split(self.one("ExecStart")), NOTIFY_SOCKET=f"@{address}", WATCHDOG_USEC=str(WATCHDOG_USEC))
        return self

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def hear(self, word, limit=READY_LIMIT):
        """Waits for a line of what it tells systemd from here on."""
        give_up = time.monotonic() + limit
        while time.monotonic() < give_up:
            with contextlib.suppress(TimeoutError):
                self.heard = self.notify.recv(4096).decode().splitlines()
                if any(line.startswith(word) for line in self.heard):
                    return
            if self.process.poll() is not None and word != "STOPPING=1":
                break
        raise AssertionError(f"{self.name} did not say {word} (exit {self.process.poll()}):\n{self.said()}")

    def forget(self):
        """Reads what was said meanwhile: a socket that nobody reads takes ten messages, and what follows is lost."""
        self.notify.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while self.notify.recv(4096):
                pass
        self.notify.settimeout(POLL)

    def reload(self):
        self.forget()
        self.process.send_signal(signal.SIGHUP)
        self.hear("RELOADING=1")
        self.hear("READY=1")

    def stop(self):
        self.forget()
        self.process.send_signal(signal.SIGTERM)
        self.hear("STOPPING=1")
        return self.process.wait(EXIT_LIMIT)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.notify.close()
        self.log.close()
