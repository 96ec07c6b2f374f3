#!/usr/bin/env python3
"""Echo between ws_echo_peer and Python's websockets: websockets_echo.py WS_ECHO_PEER accept|dial COUNT
The role is ours. Exit status 77 (skipped) with a reason when the package is not installed."""
import asyncio
import subprocess
import sys

try:
    import websockets
except ImportError:
    print("skipped: python3-websockets is not installed")
    sys.exit(77)

LIMIT_SECONDS = 60


async def they_dial(peer, count):
    process = subprocess.Popen([peer, "accept"], stdout=subprocess.PIPE, text=True)
    port = int(process.stdout.readline())
    # Their default offers permessage-deflate: our end must decline it.
    async with websockets.connect(f"ws://127.0.0.1:{port}/leg", max_size=65536) as socket:
        assert not socket.extensions, socket.extensions
        for index in range(count):
            message = bytes([index % 256]) * (index * 131 % 65537)
            await socket.send(message)
            assert await socket.recv() == message, f"message {index} came back different"
        await (await socket.ping())
        await socket.send([b"frag", b"men", b"ted"])
        assert await socket.recv() == b"fragmented"
    assert socket.close_code == 1000, socket.close_code
    assert process.wait(LIMIT_SECONDS) == 0

    # A message that is too large, and text, are answered with the codes of the specification.
    for bad, code in ((bytes(65537), 1009), ("text", 1003)):
        process = subprocess.Popen([peer, "accept"], stdout=subprocess.PIPE, text=True)
        port = int(process.stdout.readline())
        try:
            async with websockets.connect(f"ws://127.0.0.1:{port}/leg") as socket:
                await socket.send(bad)
                await socket.recv()
            raise AssertionError("the leg stayed open")
        except websockets.ConnectionClosed as closed:
            assert closed.rcvd and closed.rcvd.code == code, closed
        process.wait(LIMIT_SECONDS)


async def we_dial(peer, count):
    codes = []

    async def echo(socket, path=None):
        try:
            async for message in socket:
                await socket.send(message)
        finally:
            codes.append((socket.close_code, list(socket.extensions)))

    async with websockets.serve(echo, "127.0.0.1", 0, max_size=65536) as server:
        port = server.sockets[0].getsockname()[1]
        process = await asyncio.create_subprocess_exec(peer, "dial", f"ws://127.0.0.1:{port}/leg", str(count))
        status = await asyncio.wait_for(process.wait(), LIMIT_SECONDS)
        assert status == 0, f"ws_echo_peer ended with {status}"
    assert codes == [(1000, [])], codes


def main():
    peer, role, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    asyncio.run(asyncio.wait_for((they_dial if role == "accept" else we_dial)(peer, count), LIMIT_SECONDS))
    print(f"ok: {role}, {count} messages, websockets {websockets.__version__}")


main()
