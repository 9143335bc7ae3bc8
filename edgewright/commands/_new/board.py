"""The file of a board, of what is known of its chip and of its core."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgewright.commands._new.chip import Facts, Place
from edgewright.errors import UserError, did_you_mean
from edgewright.sections.board import Board
from edgewright.templates import render
from edgewright.text import Safe, plain
from edgewright.units import parse_hertz

FEATURES = ("fpu", "dsp", "mve")
_WITHOUT = {"dsp": "+nodsp", "mve": "+nomve"}
_SINGLE = {"-mfpu=fpv5-d16": "-mfpu=fpv5-sp-d16"}
"""The unit of a core that computes in single precision alone, where others of the same core have both."""


@dataclass(frozen=True)
class Asked:
    """A board to be written.

    Attributes:
        name: of the board.
        answers: to the questions of `ask`.
        chip: what the user calls it.
        facts: what files tell of it.
        like: a board with the same core: it tells how code is built for it.
        ports: ports that come along and are for the chip.
    """

    name: str
    answers: Mapping[str, str]
    chip: str | None
    facts: Facts
    like: Board
    ports: Sequence[str]


def text_of(asked: Asked) -> str:
    """The text of the board's file."""
    answers, facts, like = asked.answers, asked.facts, asked.like
    has = {feature: getattr(like.core, feature) and _present(facts, feature) for feature in FEATURES}
    return render(
        "new/board.toml.j2",
        name=asked.name,
        chip=asked.chip and _quoted(asked.chip),
        source=_quoted("; ".join(facts.sources)) if facts.sources else None,
        core={"cpu": like.core.cpu, "arch": like.core.arch, "cycle_model": like.core.cycle_model},
        features=[feature for feature in FEATURES if has[feature]],
        flags=Safe(json.dumps(_flags(like, facts, has))[1:-1]),
        **{key: answers[key] for key in ("clock", "flash", "ram")},
        **{key: f"0x{int(answers[key], 0):08X}" for key in ("flash_origin", "ram_origin")},
        fast=_region(facts.fast) if facts.fast else None,
        others=[_told(place) for place in facts.others],
        ports=asked.ports,
        hertz=f"{round(parse_hertz(answers['clock'])):_}",
    )


def alike(cpu: str, boards: Sequence[Board]) -> Board:
    """A board with this core; UserError where there is none."""
    known = {board.core.cpu: board for board in reversed(boards) if board.memory}
    if cpu not in known:
        hint = did_you_mean(cpu, known) or "write the file by hand, after one of another core"
        raise UserError("--cpu", "no board has this core", got=cpu, allowed=sorted(known), hint=hint)
    return known[cpu]


def bytes_text(size: int) -> str:
    """A size as a board's file has it."""
    units = ((1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))
    unit, name = next((unit, name) for unit, name in units if size % unit == 0)
    return f"{size // unit} {name}"


def _present(facts: Facts, feature: str) -> bool:
    """Whether a chip has what others of its core have, as far as anything says."""
    found = getattr(facts, feature)
    return found is None or bool(found)


def _flags(like: Board, facts: Facts, has: Mapping[str, bool]) -> list[str]:
    """Those of a board of the same core, without what this chip has not."""
    missing = "".join(text for each, text in _WITHOUT.items() if getattr(like.core, each) and not has[each])
    flags = [f"{flag}{missing}" if flag.startswith("-mcpu=") else flag for flag in like.toolchain.cpu_flags]
    if like.core.fpu and not has["fpu"]:
        return [flag for flag in flags if not flag.startswith(("-mfpu=", "-mfloat-abi="))]
    return [_SINGLE.get(flag, flag) for flag in flags] if facts.fpu == "sp" else flags


def _quoted(text: str) -> Safe:
    """A text of TOML, in its quotes."""
    return Safe(json.dumps(plain(text), ensure_ascii=False))


def _region(place: Place) -> Mapping[str, str]:
    return {"origin": f"0x{place.origin:08X}", "size": bytes_text(place.size)}


def _told(place: Place) -> Safe:
    return Safe(plain(f"{place.name}: 0x{place.origin:08X}, {bytes_text(place.size)}"))
