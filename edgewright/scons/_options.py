"""The variables of the command line, `scons target=rpi VERBOSE=1`: one table is help, defaults and check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgewright.errors import UserError, did_you_mean


@dataclass(frozen=True)
class Option:
    """One variable.

    Attributes:
        name: as it is typed.
        help: one line for `scons -h`.
        default: its value when it is not given.
        values: what it may be; anything when empty.
    """

    name: str
    help: str
    default: str
    values: tuple[str, ...] = ()


def options(target: str, model: str) -> tuple[Option, ...]:
    """The variables, with a project's defaults for target and model."""
    return (
        Option("target", "what to build for: names or files of targets with commas between them, or all", target),
        Option(
            "model",
            "what to build: names or files of models with commas between them (\\, in a path), or all",
            model,
        ),
        Option("calibration", "inputs that set the ranges of a float model given by its path: a .npy or .npz file", ""),
        Option("budget", "what a broken budget does: fail the build, or only warn", "fail", ("fail", "warn")),
        Option(
            "cache",
            "where finished artifacts are shared: on (the user's cache folder), off, a folder, or http://host:port",
            "on",
        ),
        Option("executor", "where stages run: local, or the address of an engine, dask://host:port", ""),
        Option("VERBOSE", "1 shows the command lines, to be pasted into a shell", "0", ("0", "1")),
    )


def read_options(table: Sequence[Option], given: Mapping[str, str]) -> tuple[dict[str, str], list[UserError]]:
    """The value of every option, and the faults of what was given."""
    names = [option.name for option in table]
    errors = [
        UserError(f"{name}={value}", "no such option", allowed=names, hint=did_you_mean(name, names))
        for name, value in given.items()
        if name not in names
    ]
    values = {option.name: given.get(option.name, option.default) for option in table}
    for option in table:
        value = values[option.name]
        if option.values and value not in option.values:
            hint = did_you_mean(value, option.values)
            errors.append(UserError(f"{option.name}={value}", "no such value", allowed=option.values, hint=hint))
    return values, errors


def help_text(table: Sequence[Option]) -> str:
    """The options for `scons -h`."""
    lines = []
    for option in table:
        values = f" ({' | '.join(option.values)})" if option.values else ""
        lines.append(f"  {option.name + '=':<10} {option.help}{values}; default {option.default}")
    return "\n".join(lines)
