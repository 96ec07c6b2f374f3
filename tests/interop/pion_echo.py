#!/usr/bin/env python3
"""Echo between echo_peer and pion: pion_echo.py ECHO_PEER BUILD_DIR offer|answer reliable|unreliable COUNT
The role is ours. Builds pion_echo.go with Debian's packages only, once. Exit status 77 (skipped) with a reason when Go
or pion is absent."""
import os
import pathlib
import shutil
import subprocess
import sys

LIMIT_SECONDS = 90
SKIPPED = 77
LARGEST = "65535"  # pion 3 reads into a buffer of that size and closes the channel on a longer message
DEBIAN_GO = pathlib.Path("/usr/share/gocode")
SOURCE = pathlib.Path(__file__).with_name("pion_echo.go")


def build(folder):
    """GOPATH mode; the go.mod is there because only then do import paths ending in /v3 find Debian's sources."""
    package = folder / "gopath" / "src" / "pion_echo"
    program = folder / "pion_echo"
    if program.exists() and program.stat().st_mtime > SOURCE.stat().st_mtime:
        return program
    package.mkdir(parents=True, exist_ok=True)
    (package / "go.mod").write_text("module pion_echo\n")
    shutil.copy(SOURCE, package / "main.go")
    environment = dict(os.environ, GO111MODULE="off", GOFLAGS="", GOPATH=f"{folder / 'gopath'}:{DEBIAN_GO}",
                       GOCACHE=str(folder / "cache"), CGO_ENABLED="0", GOMAXPROCS="2", GOTOOLCHAIN="local")
    subprocess.run(["go", "build", "-p", "2", "-o", str(program), "."], cwd=package, env=environment, check=True)
    return program


def start(program, *arguments):
    return subprocess.Popen([str(program), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def carry(source, target):
    target.stdin.write(source.stdout.readline())
    target.stdin.flush()


def main():
    program, folder, role, kind, count = sys.argv[1], pathlib.Path(sys.argv[2]), *sys.argv[3:6]
    if not shutil.which("go") or not (DEBIAN_GO / "src/github.com/pion/webrtc").is_dir():
        print("SKIPPED: no Go or no pion on this machine (scripts/setup interop installs both)")
        return SKIPPED
    folder.mkdir(parents=True, exist_ok=True)
    their_role = "answer" if role == "offer" else "offer"
    theirs = start(build(folder), their_role, kind, count, LARGEST)
    ours = start(program, role, kind, count, LARGEST)
    offerer, answerer = (ours, theirs) if role == "offer" else (theirs, ours)
    try:
        carry(offerer, answerer)
        carry(answerer, offerer)
        lines = [peer.stdout.readline().strip() for peer in (ours, theirs)]
        status = [peer.wait(timeout=LIMIT_SECONDS) for peer in (ours, theirs)]
    finally:
        ours.kill()
        theirs.kill()
    print("ours:", lines[0])
    print("pion:", lines[1])
    return 0 if status == [0, 0] else 1


if __name__ == "__main__":
    sys.exit(main())
