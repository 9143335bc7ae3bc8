"""What a search keeps of its trials besides Optuna's storage: a file for pages, and for commands of later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from edgewright.errors import UserError
from edgewright.files import read_json, write_json
from edgewright.report.search import FILE, read_front
from edgewright.search._front import front

Outcome = Literal["full", "some", "infeasible", "dropped", "refused", "failed", "interrupted"]
"""Of a trial: built and within all limits; within those of some of its targets; over a limit of each; given up after a
cheap look; what was chosen is refused; the build failed; cut off."""

LAST = "last.json"
"""Beside the folders of searches: which was the last."""


@dataclass(frozen=True)
class OnTarget:
    """What a trial is on one of several targets.

    Attributes:
        figures, costs: those objectives that the target can have, as in `Found`; none where it could not be built.
        holds: whether it is within the limits of the target.
        message: what it breaks there, or why it could not be built.
        on_front: whether no other trial that holds there beats it there.
    """

    figures: tuple[str, ...] = ()
    costs: tuple[float, ...] = ()
    holds: bool = False
    message: str = ""
    on_front: bool = False

    @staticmethod
    def read(found: Mapping[str, Any]) -> OnTarget:
        """What `asdict` gave."""
        return OnTarget(**{**found, "figures": tuple(found["figures"]), "costs": tuple(found["costs"])})


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
        on_front: whether no other trial beats it that is within all limits.
        targets: what it is on each target by name, where several are searched.
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
    targets: Mapping[str, OnTarget] = field(default_factory=dict)

    @property
    def is_built(self) -> bool:
        """Whether it was built in full, for one of its targets at least."""
        return bool(self.figures or any(each.figures for each in self.targets.values()))

    @property
    def holds_on(self) -> tuple[str, ...]:
        """The targets whose limits it is within, where several are searched."""
        return tuple(name for name, each in self.targets.items() if each.holds)

    def as_json(self) -> dict[str, Any]:
        """Of JSON's types alone."""
        return asdict(self)

    @staticmethod
    def read(found: Mapping[str, Any]) -> Found:
        """What `as_json` gave."""
        lists = {name: tuple(found[name]) for name in ("figures", "costs", "quick")}
        targets = {name: OnTarget.read(each) for name, each in found.get("targets", {}).items()}
        return Found(**{**found, **lists, "targets": targets})


def with_front(trials: list[Found]) -> list[Found]:
    """The trials, each with whether it is on the front, and on that of each target."""
    best = _best([trial.costs if trial.outcome == "full" and trial.again is None else () for trial in trials])
    found = [replace(trial, on_front=number in best) for number, trial in enumerate(trials)]
    for name in dict.fromkeys(name for trial in trials for name in trial.targets):
        on = [trial.targets.get(name, OnTarget()) for trial in found]
        best = _best([each.costs if each.holds and t.again is None else () for t, each in zip(found, on, strict=True)])
        marked = [replace(each, on_front=number in best) for number, each in enumerate(on)]
        found = [
            replace(trial, targets={**trial.targets, name: each}) if name in trial.targets else trial
            for trial, each in zip(found, marked, strict=True)
        ]
    return found


def _best(costs: Sequence[tuple[float, ...]]) -> set[int]:
    """The numbers of the costs that no others beat; those that are empty do not count."""
    whole = [number for number, each in enumerate(costs) if each]
    return {whole[number] for number in front([costs[number] for number in whole])}


def keep(root: Path, folder: str, facts: Mapping[str, Any]) -> None:
    """Write what was found so far, and that this search is the last."""
    path = root / folder
    write_json(path / FILE, dict(facts))
    write_json(path.parent / LAST, {"folder": folder})


def recalled(root: Path, folder: str | None = None) -> tuple[str, Mapping[str, Any]]:
    """The folder of a search and what it found; of the last one where none is named. UserError where there is none."""
    hint = (
        "a search makes it: edgewright search TARGET MODEL; "
        "with --storage URL --trials 1 it takes over what other folders have found there, and builds nothing"
    )
    if folder is None:
        last = root / "build" / "search" / LAST
        if not last.is_file():
            raise UserError(str(last.relative_to(root)), "no search was made here", hint=hint)
        folder = str(read_json(last, {"folder": str})["folder"])
    if not (root / folder / FILE).is_file():
        raise UserError(folder, "is no folder of a search", hint=hint)
    return folder, read_front(root / folder / FILE)
