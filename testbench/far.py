"""A connection over which everything takes its time: a TCP proxy on loopback, where the system has no tool for it.

Bytes are passed on in their order, each block a fixed time after it came; how many pass a second is not bounded.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_BLOCK = 1 << 16
_ACCEPTED_S = 0.1  # in which a connection that was accepted last becomes one that can be given up


@contextmanager
def far(port: int, delay_s: float) -> Iterator[int]:
    """A port of loopback that leads to another one.

    Args:
        port: where it leads.
        delay_s: seconds that each byte takes, both ways.

    Yields:
        The port that is to be connected to.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_listen(port, delay_s), loop).result()
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(port: int, delay_s: float) -> asyncio.Server:
    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            back, on = await asyncio.open_connection("127.0.0.1", port)
            writers.append(on)
            await asyncio.gather(_pass_on(reader, on, delay_s), _pass_on(back, writer, delay_s))
        except (OSError, asyncio.CancelledError):
            return  # either end is gone, or the link is
        finally:
            for each in writers:
                each.transport.abort()

    return await asyncio.start_server(joined, "127.0.0.1")


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    """One way, to its end: what is on its way has a time at which it arrives."""
    clock = asyncio.get_running_loop().time
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        block = b"-"
        while block:
            when, block = await under_way.get()
            await asyncio.sleep(when - clock())
            writer.write(block)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    arriving = asyncio.ensure_future(arrive())
    block = b"-"
    while block:
        block = await _read(reader)
        under_way.put_nowait((clock() + delay_s, block))
    await arriving


async def _read(reader: asyncio.StreamReader) -> bytes:
    """A block; an empty one at the end, however it came."""
    try:
        return await reader.read(_BLOCK)
    except ConnectionError:
        return b""


async def _end(server: asyncio.Server) -> None:
    """Give up all connections."""
    await asyncio.sleep(_ACCEPTED_S)
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # in which transports end that were given up
