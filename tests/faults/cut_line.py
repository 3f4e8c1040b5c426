"""A line to PostgreSQL that breaks right after a commit: the server has done it, and nobody hears so."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

COMMIT = b"COMMIT"
HEARS = 0.3  # seconds that the server is given for its commit


class CutLine:
    """Breaks once, in the next transaction whose statements hold `words`."""

    def __init__(self, port: int) -> None:
        self._port, self.words, self.cuts = port, b"", 0
        self.port = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._port)
        back = asyncio.create_task(self._pass(from_server, writer))
        seen = False
        try:
            while data := await reader.read(65536):
                seen = seen or (bool(self.words) and self.words in data)
                if seen and COMMIT in data:
                    back.cancel()
                    to_server.write(data)
                    await to_server.drain()
                    await asyncio.sleep(HEARS)
                    self.words, self.cuts = b"", self.cuts + 1
                    break
                to_server.write(data)
                await to_server.drain()
        except ConnectionError:
            pass
        finally:
            back.cancel()
            for line in (writer, to_server):
                line.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def cut_line(port: int) -> AsyncIterator[CutLine]:
    line = CutLine(port)
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
