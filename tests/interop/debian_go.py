"""Builds a Go program out of Debian's packages only: no module is fetched, none of another Go in the PATH is used."""
import fcntl
import os
import pathlib
import shutil
import subprocess

DEBIAN_GO = pathlib.Path("/usr/share/gocode")


def go():
    """Debian's own compiler if it is there: older libraries refuse a newer one."""
    return "/usr/bin/go" if os.access("/usr/bin/go", os.X_OK) else shutil.which("go")


def has(package):
    return go() is not None and (DEBIAN_GO / "src" / package).is_dir()


def build(source, folder):
    """The program, built now unless it is there. Several tests want the same one, and may run at once."""
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return build_alone(source, folder)


def build_alone(source, folder):
    """GOPATH mode; the go.mod is there because only then do import paths ending in /v3 find Debian's sources."""
    name = source.stem
    package = folder / "gopath" / "src" / name
    program = folder / name
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    package.mkdir(parents=True, exist_ok=True)
    (package / "go.mod").write_text(f"module {name}\n")
    shutil.copy(source, package / "main.go")
    environment = dict(os.environ, GO111MODULE="off", GOFLAGS="", GOPATH=f"{folder / 'gopath'}:{DEBIAN_GO}",
                       GOCACHE=str(folder / "cache"), CGO_ENABLED="0", GOMAXPROCS="2", GOTOOLCHAIN="local")
    environment.pop("GOROOT", None)
    subprocess.run([go(), "build", "-p", "2", "-o", str(program), "."], cwd=package, env=environment, check=True)
    return program
