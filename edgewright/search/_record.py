"""What a search keeps of its trials besides Optuna's storage: a file for pages, and for commands of later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from edgewright.errors import UserError
from edgewright.files import read_json, write_json
from edgewright.report.search import FILE, read_front
from edgewright.search._front import front

Outcome = Literal["full", "infeasible", "dropped", "refused", "failed", "interrupted"]
"""Of a trial: built and within all limits; built and over one; given up after a cheap look; what was chosen is refused;
the build failed; cut off."""

LAST = "last.json"
"""Beside the folders of searches: which was the last."""


@dataclass(frozen=True)
class Found:
    """A trial that has ended.

    Attributes:
        number: Optuna's.
        outcome: how it ended.
        values: what was chosen, by the keys that vary.
        words: the same for people.
        figures: its objectives for people; none where it was not built in full.
        costs: the same as numbers of which less is better.
        message: what it breaks, or why it failed.
        quick: the costs after a cheap look.
        again: the trial before it that was the same.
        on_front: whether no other trial beats it.
    """

    number: int
    outcome: Outcome
    values: Mapping[str, Any]
    words: str
    figures: tuple[str, ...] = ()
    costs: tuple[float, ...] = ()
    message: str = ""
    quick: tuple[float, ...] = ()
    again: int | None = None
    on_front: bool = False

    def as_json(self) -> dict[str, Any]:
        """Of JSON's types alone."""
        return asdict(self)

    @staticmethod
    def read(found: Mapping[str, Any]) -> Found:
        """What `as_json` gave."""
        lists = {name: tuple(found[name]) for name in ("figures", "costs", "quick")}
        return Found(**{**found, **lists})


def with_front(trials: list[Found]) -> list[Found]:
    """The trials, each with whether it is on the front."""
    whole = [number for number, trial in enumerate(trials) if trial.outcome == "full" and trial.again is None]
    best = {whole[number] for number in front([trials[number].costs for number in whole])}
    return [replace(trial, on_front=number in best) for number, trial in enumerate(trials)]


def keep(root: Path, folder: str, facts: Mapping[str, Any]) -> None:
    """Write what was found so far, and that this search is the last."""
    path = root / folder
    write_json(path / FILE, dict(facts))
    write_json(path.parent / LAST, {"folder": folder})


def recalled(root: Path, folder: str | None = None) -> tuple[str, Mapping[str, Any]]:
    """The folder of a search and what it found; of the last one where none is named. UserError where there is none."""
    hint = "a search makes it: edgewright search TARGET MODEL"
    if folder is None:
        last = root / "build" / "search" / LAST
        if not last.is_file():
            raise UserError(str(last.relative_to(root)), "no search was made here", hint=hint)
        folder = str(read_json(last, {"folder": str})["folder"])
    if not (root / folder / FILE).is_file():
        raise UserError(folder, "is no folder of a search", hint=hint)
    return folder, read_front(root / folder / FILE)
