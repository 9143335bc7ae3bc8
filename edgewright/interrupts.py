"""Ctrl-C while a program still imports: it ends at once and without a traceback, as nothing was begun.

To be imported and called before what takes long to import; it imports next to nothing itself.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

INTERRUPTED = 128 + signal.SIGINT
"""Exit code, as shells report a program that Ctrl-C ended."""

_said: list[str] = []


def end_quietly(say: str = "") -> None:
    """From now on Ctrl-C ends the process, with a line; nothing is changed where it is ignored or caught."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        _said[:] = [say]
        signal.signal(signal.SIGINT, _end)


def raise_again(first: Callable[[], None] | None = None) -> None:
    """From now on Ctrl-C is a KeyboardInterrupt again, for a program that cleans up after itself.

    Args:
        first: called before it is raised.
    """
    if signal.getsignal(signal.SIGINT) in (_end, signal.default_int_handler):
        signal.signal(signal.SIGINT, _raiser(first) if first else signal.default_int_handler)


def end_alike(*numbers: signal.Signals) -> None:
    """From now on these signals are a KeyboardInterrupt, also one that was ignored: programs that serve end so."""
    for number in numbers:
        signal.signal(number, signal.default_int_handler)


def _raiser(first: Callable[[], None]) -> Callable[[int, FrameType | None], None]:
    def handler(number: int, frame: FrameType | None) -> None:
        first()
        signal.default_int_handler(number, frame)

    return handler


def _end(*_: Any) -> None:
    if _said[0]:
        os.write(2, f"{_said[0]}\n".encode())
    os._exit(INTERRUPTED)
