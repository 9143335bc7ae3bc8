"""Ports: what firmware/ports/<port>/port.toml says of one, and whether a board can have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache

from edgewright.errors import UserError, did_you_mean
from edgewright.home import home
from edgewright.sections.board import Board
from edgewright.spec.toml_text import TomlFile, read_toml


@dataclass(frozen=True)
class Port:
    """A port.

    Attributes:
        description: one line.
        arch: patterns of the `core.arch` that it runs on.
        chips: patterns of the chips that it is for; none where it is for a board that is emulated.
        config: keys of `[port_config]` that it needs.
        allowed: the values of those of them that are a choice.
    """

    description: str
    arch: tuple[str, ...]
    chips: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    allowed: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """What it is for."""
        return ", ".join(self.chips or self.arch)


@cache
def ports() -> Mapping[str, Port]:
    """All ports for boards, by name."""
    paths = sorted((home() / "firmware" / "ports").glob("*/port.toml"))
    return {path.parent.name: _port(read_toml(path, str(path)).data) for path in paths}


def _port(data: Mapping[str, object]) -> Port:
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    allowed = data.get("allowed", {})
    return Port(description=str(data["description"]), allowed=allowed if isinstance(allowed, dict) else {}, **lists)


def faults(file: TomlFile, board: Board) -> Iterator[UserError]:
    """Faults of a microcontroller's port; a board may be without one."""
    where = file.where(("port",))
    if board.port is None:
        yield from _without(file, board)
        return
    port = ports().get(board.port)
    if port is None:
        hint = did_you_mean(board.port, ports()) or "without a port the model is built and sized, and not run"
        yield UserError(where, "no such port", got=board.port, allowed=sorted(ports()), hint=hint)
        return
    if not _fits(board.core.arch, port.arch):
        problem = f"the port {board.port} is for {port.what}"
        yield UserError(where, problem, got=f"a core of {board.core.arch}", allowed=", ".join(port.arch))
        return
    if port.chips and board.chip is None:
        hint = 'for instance chip = "STM32L4R5ZIT6": a port of another chip would hang before the first line'
        yield UserError(file.where(("chip",)), f"is missing: the port {board.port} is for {port.what}", hint=hint)
    elif port.chips and not _fits(str(board.chip).upper(), port.chips):
        problem = f"the port {board.port} is for {port.what}"
        yield UserError(where, problem, got=f"the chip {board.chip}", hint=_other(board) or "leave the port out")
    missing = [key for key in port.config if key not in board.port_config]
    for key in missing:
        yield UserError(file.where(("port_config", key)), f"is missing: the port {board.port} needs it")
    for key, values in port.allowed.items():
        got = board.port_config.get(key)
        if got is not None and got not in values:
            allowed = ", ".join(map(str, values))
            yield UserError(file.where(("port_config", key)), f"no choice of {board.port}", got=got, allowed=allowed)


def _without(file: TomlFile, board: Board) -> Iterator[UserError]:
    if board.emulator is not None:
        problem = "the emulator has nothing to say without a port"
        yield UserError(file.where(("emulator",)), problem, hint="name a port, or leave out [emulator]")
    if board.flash:
        problem = "without a port there is no firmware to program"
        yield UserError(file.where(("flash",)), problem, hint="name a port, or leave out [flash]")


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _other(board: Board) -> str | None:
    """The port that is for the board's chip."""
    found = [name for name, port in ports().items() if _fits(str(board.chip).upper(), port.chips)]
    return f"its port is {found[0]}" if found else None
