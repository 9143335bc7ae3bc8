"""The outside programs that targets call: compilers, emulators, tools that reach and flash devices."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Collection, Iterable, Iterator

from edgewright import registry
from edgewright.arch import architecture_of
from edgewright.commands._doctor.finding import MISSING, OK, WRONG, Finding
from edgewright.devices.tools.run import Program
from edgewright.errors import ToolError
from edgewright.spec import Board, ProjectTarget

GROUP = "programs"
HOST = Program("cc", "apt-get install gcc libc6-dev")
_SHOWN = 4
_TIMEOUT_S = 20
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)*")


def findings(targets: Iterable[ProjectTarget], needed: Collection[str]) -> Iterator[Finding]:
    """A line for each program; it counts where one of the targets called `needed` calls it."""
    users: dict[str, tuple[Program, list[str]]] = {}
    flashing: dict[str, tuple[Program, list[str]]] = {}
    for target in targets:
        for program in dict.fromkeys(programs_of(target)):
            users.setdefault(program.name, (program, []))[1].append(target.name)
        for program in _flash_tool(target):
            flashing.setdefault(program.name, (program, []))[1].append(target.name)
    for program, names in users.values():
        yield _looked_at(program, names, needed=not set(needed).isdisjoint(names))
    for program, names in flashing.values():
        yield _looked_at(program, [f"scons flash target={','.join(names)}"], needed=False)


def programs_of(target: ProjectTarget) -> Iterator[Program]:
    """What a build of the target calls, but for the tool that flashes its board."""
    board = target.board
    if board.is_microcontroller:
        architecture = architecture_of(board.core.arch)
        named = target.spec.firmware.cc or board.toolchain.cc
        yield Program(architecture.cc, architecture.hint)
        if named and named != architecture.cc:
            yield Program(named, "put it on the PATH; [firmware] cc or the board's toolchain.cc names it")
        yield HOST
    if target.measure:
        yield from _of_transport(target.measure.transport, board)
    elif target.stand_in and target.stand_in.board.emulator:
        yield from _of_transport(target.stand_in.board.emulator.kind, target.stand_in.board)


def _flash_tool(target: ProjectTarget) -> Iterator[Program]:
    if target.flash:
        tool = registry.programmers.load(target.flash.tool)
        yield Program(tool.PROGRAM, getattr(tool, "HINT", f"[flash] tool = {target.flash.tool!r} calls it"))


def _of_transport(name: str, board: Board) -> tuple[Program, ...]:
    transport = registry.transports.load(name)
    found: tuple[Program, ...] = ()
    if hasattr(transport, "programs"):
        found = transport.programs(board.model_dump(mode="json"))
    return found


def _looked_at(program: Program, targets: list[str], *, needed: bool) -> Finding:
    purpose = ", ".join(targets[:_SHOWN]) + (f" and {len(targets) - _SHOWN} more" if len(targets) > _SHOWN else "")
    path = shutil.which(program.name)
    if path is None:
        return Finding(GROUP, program.name, MISSING, "", purpose, program.hint, needed)
    version = _version(path)
    try:
        if program.check and version:
            program.check(version)
    except ToolError as error:
        problem, _, hint = str(error).partition("\n  hint: ")
        return Finding(GROUP, program.name, WRONG, problem, purpose, hint or program.hint, needed)
    return Finding(GROUP, program.name, OK, version, purpose, needed=needed)


def _version(path: str) -> str:
    """What it says of itself; empty where it says nothing that is a version."""
    for flag in ("--version", "-V"):
        try:
            done = subprocess.run([path, flag], capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        found = _VERSION.search(f"{done.stdout}\n{done.stderr}")
        if done.returncode == 0 and found:
            return found[0]
    return ""
