#!/usr/bin/env python3
"""tcp_forward.py ADDRESS:PORT ADDRESS:PORT: whoever connects to the first is connected to the second. Until it is killed."""
import asyncio
import sys


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main(listen, connect):
    async def join(reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(*connect)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    server = await asyncio.start_server(join, *listen)
    await server.serve_forever()


def endpoint(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    asyncio.run(main(endpoint(sys.argv[1]), endpoint(sys.argv[2])))
