#!/usr/bin/env python3
"""Echo between echo_peer and pion: pion_echo.py ECHO_PEER BUILD_DIR offer|answer reliable|unreliable COUNT
The role is ours. Builds pion_echo.go with Debian's packages only, once. Exit status 77 (skipped) with a reason when Go
or pion is absent."""
import pathlib
import subprocess
import sys

import debian_go

LIMIT_SECONDS = 90
SKIPPED = 77
LARGEST = "65535"  # pion 3 reads into a buffer of that size and closes the channel on a longer message
SOURCE = pathlib.Path(__file__).with_name("pion_echo.go")


def start(program, *arguments):
    return subprocess.Popen([str(program), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def carry(source, target):
    target.stdin.write(source.stdout.readline())
    target.stdin.flush()


def main():
    program, folder, role, kind, count = sys.argv[1], pathlib.Path(sys.argv[2]), *sys.argv[3:6]
    if not debian_go.has("github.com/pion/webrtc"):
        print("SKIPPED: no Go or no pion on this machine (scripts/setup interop installs both)")
        return SKIPPED
    folder.mkdir(parents=True, exist_ok=True)
    their_role = "answer" if role == "offer" else "offer"
    theirs = start(debian_go.build(SOURCE, folder), their_role, kind, count, LARGEST)
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
