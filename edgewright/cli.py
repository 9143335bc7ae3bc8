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
    status = command_line.guarded(_dispatch, sys.argv[1:] if argv is None else argv, sys.stderr)
    if status == command_line.INTERRUPTED:
        print("interrupted", file=sys.stderr)
    return status


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
