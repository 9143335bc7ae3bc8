"""Ports: what firmware/ports/<port>/port.toml says of one, and whether a board can have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from edgewright.errors import UserError, did_you_mean
from edgewright.home import home
from edgewright.sections.board import Board
from edgewright.sections.port import Port
from edgewright.spec._sources import find, read_all
from edgewright.spec._validate import validate
from edgewright.spec.toml_text import TomlFile

PORTS = "firmware/ports"
"""Where ports lie, in a project and in what comes with Edgewright."""

Ports = Mapping[str, Port | None]
"""Ports by name; None for one whose port.toml has faults, which are told where it stands."""


def ports(folders: Sequence[Path], errors: list[UserError]) -> Ports:
    """The ports of some folders, a project's own first; faults of their files go to `errors`."""
    found = find([folder / PORTS for folder in folders], "*/port.toml", folders[0])
    return {name: validate(Port, file.data, file, (), errors) for name, file in read_all(found, errors).items()}


def own_files(root: Path, name: str | None) -> tuple[str, ...]:
    """Files of a project's own port, relative to the project; none where it is one that comes along."""
    folder = root / PORTS / str(name)
    if name is None or root == home() or not (folder / "port.toml").is_file():
        return ()
    return tuple(sorted(str(path.relative_to(root)) for path in folder.rglob("*") if path.is_file()))


def faults(file: TomlFile, board: Board, known: Ports) -> Iterator[UserError]:
    """Faults of a microcontroller's port, out of those that are known; a board may be without one."""
    where = file.where(("port",))
    if board.port is None:
        yield from _without(file, board)
        return
    if board.port not in known:
        hint = did_you_mean(board.port, known) or "without a port the model is built and sized, and not run"
        yield UserError(where, "no such port", got=board.port, allowed=sorted(known), hint=hint)
        return
    port = known[board.port]
    if port is None:
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
        yield UserError(where, problem, got=f"the chip {board.chip}", hint=_other(board, known) or "leave the port out")
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


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _other(board: Board, known: Ports) -> str | None:
    """The port that is for the board's chip."""
    found = fitting(str(board.chip), known)
    return f"its port is {found[0]}" if found else None


def fitting(chip: str, known: Ports) -> list[str]:
    """The ports that are for a chip."""
    return [name for name, port in known.items() if port and _fits(chip.upper(), port.chips)]
