"""The command `edgewright`: what is asked of a finished build. Building is SCons's."""

from __future__ import annotations

import sys

from edgewright import interrupts

if sys.argv[:1] and sys.argv[0].endswith("edgewright"):  # it is the program, and no part of another
    interrupts.end_quietly("interrupted")

from collections.abc import Sequence

from edgewright import __version__, command_line
from edgewright.errors import UserError, did_you_mean
from edgewright.registry import commands


def main(argv: Sequence[str] | None = None) -> int:
    """Run `edgewright COMMAND ...`; the exit code."""
    return command_line.guarded(_answered, sys.argv[1:] if argv is None else argv, sys.stderr)


def _answered(argv: Sequence[str] | None) -> int:
    """A command that Ctrl-C ends is told of here, unless it has told of it itself, and then how it goes on."""
    try:
        return _dispatch(argv)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return command_line.INTERRUPTED


def _dispatch(argv: Sequence[str] | None) -> int:
    words = list(argv or ())
    if not words or words[0] in {"-h", "--help"}:
        print(_help())
        return 0
    if words[0] == "--version":
        print(f"edgewright {__version__}")
        return 0
    known = commands.names()
    if words[0] not in known:
        hint = did_you_mean(words[0], known)
        raise UserError("edgewright", "no such command", got=words[0], allowed=known, hint=hint)
    return int(commands.load(words[0]).main(words[1:]))


def _help() -> str:
    lines = [f"  {name:<12}{commands.load(name).SUMMARY}" for name in commands.names()]
    return "\n".join(["usage: edgewright COMMAND ...", "", "commands (each has --help):", *lines])
