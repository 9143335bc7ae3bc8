"""The command `edgewright`: what is asked of a finished build. Building is SCons's."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from edgewright import __version__
from edgewright.errors import UserError, did_you_mean
from edgewright.stages import _cli

# name: the module whose main() it is, and a line for the help
COMMANDS = {
    "advise": ("edgewright.stages.advise", "a short scan, and which compression a model needs for a target"),
    "compare": ("edgewright.stages.compare", "reports of several builds beside each other, as a table or a page"),
    "devices": ("edgewright.stages.devices", "the devices of devices.toml, and whether they answer and are free"),
    "infer": ("edgewright.stages.infer", "run inputs through a built model, here, emulated or on a board"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run `edgewright COMMAND ...`; the exit code."""
    return _cli.guarded(_dispatch, sys.argv[1:] if argv is None else argv, sys.stderr)


def _dispatch(argv: Sequence[str] | None) -> int:
    words = list(argv or ())
    if not words or words[0] in {"-h", "--help"}:
        print(_help())
        return 0
    if words[0] == "--version":
        print(f"edgewright {__version__}")
        return 0
    if words[0] not in COMMANDS:
        hint = did_you_mean(words[0], COMMANDS)
        raise UserError("edgewright", "no such command", got=words[0], allowed=COMMANDS, hint=hint)
    return int(importlib.import_module(COMMANDS[words[0]][0]).main(words[1:]))


def _help() -> str:
    lines = [f"  {name:<12}{text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(["usage: edgewright COMMAND ...", "", "commands (each has --help):", *lines])
