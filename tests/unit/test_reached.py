"""What a pass reached in each layer is noted, told where it is less than asked, and refused where it is nothing."""

from __future__ import annotations

from typing import Any

import pytest

from edgewright.errors import UserError
from edgewright.passes import _reached
from edgewright.passes._reached import Reached


class Told:
    """A context that keeps what a pass notes and says."""

    def __init__(self) -> None:
        self.notes: dict[str, Any] = {}
        self.lines: list[str] = []

    def note(self, name: str, value: Any) -> None:
        self.notes[name] = value

    def say(self, line: str) -> None:
        self.lines.append(line)


def report(**rows: Reached) -> Told:
    told = Told()
    _reached.report(told, "pass prune", "sparsity", rows)  # type: ignore[arg-type]
    return told


def test_all_is_noted_and_what_is_less_is_told() -> None:
    told = report(conv=Reached(0.5, 0.5, enough=True), classes=Reached(0.5, 0.25, enough=False))
    assert told.notes["reached"]["conv"] == {"asked": 0.5, "reached": 0.5}
    assert told.lines == ["classes: sparsity 0.25, asked for 0.5"]


def test_nothing_is_refused() -> None:
    with pytest.raises(UserError, match=r"pass prune: layer conv: its sparsity did not change, got 0, allowed: 0\.5"):
        report(conv=Reached(0.5, 0, enough=False, nothing=True))


def test_what_the_user_skipped_is_not_told() -> None:
    told = Told()
    reasons = {"a": None, "b": _reached.SKIPPED, "c": "a GRU is not split"}
    _reached.left_alone(told, reasons)  # type: ignore[arg-type]
    assert told.lines == ["c is left as it is: a GRU is not split"]
