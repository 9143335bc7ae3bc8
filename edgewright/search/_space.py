"""What may vary: keys of a target file with their choices, and a target file with one of each."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from edgewright.errors import UserError
from edgewright.files import canonical_json
from edgewright.sections.search import Range

Key = tuple["str | int", ...]
Values = Mapping[str, Any]
"""What was chosen of each key that varies, by the key's text."""

_PART = re.compile(r"([A-Za-z0-9_-]+)((?:\[\d+\])*)")


class Chooser(Protocol):
    """What chooses: a trial of Optuna."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of them."""

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """A whole number."""

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        """A number."""


@dataclass(frozen=True)
class Dimension:
    """A key that varies.

    Attributes:
        name: the key's text, as it was written.
        key: its parts.
        choices: what it may be.
    """

    name: str
    key: Key
    choices: Range | Sequence[Any]

    @property
    def is_entry(self) -> bool:
        """Whether it says if a whole entry of a list is there."""
        return isinstance(self.key[-1], int) and all(isinstance(each, bool) for each in self.examples())

    def examples(self) -> Sequence[Any]:
        """All its values, or its ends."""
        return (self.choices.low, self.choices.high) if isinstance(self.choices, Range) else self.choices

    def nearest(self, value: Any) -> Any:
        """The choice that is nearest to a value; None where none is near."""
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        found = self.choices
        if isinstance(found, Range):
            return _within(found, value) if is_number else None
        if any(canonical_json(each) == canonical_json(value) for each in found):
            return value
        numbers = [each for each in found if isinstance(each, (int, float)) and not isinstance(each, bool)]
        return min(numbers, key=lambda each: abs(each - value)) if is_number and numbers else None

    def parameter(self, value: Any) -> Any:
        """A choice as Optuna knows it."""
        return value if isinstance(self.choices, Range) else canonical_json(value)

    def chosen(self, chooser: Chooser) -> Any:
        """One of its values."""
        found = self.choices
        if not isinstance(found, Range):
            return json.loads(chooser.suggest_categorical(self.name, [canonical_json(each) for each in found]))
        if found.is_whole:
            return chooser.suggest_int(
                self.name, int(found.low), int(found.high), step=int(found.step or 1), log=found.log
            )
        value = chooser.suggest_float(self.name, found.low, found.high, step=found.step, log=found.log)
        return float(f"{value:.6g}")  # as many digits as a person would write


def _within(allowed: Range, value: float) -> float:
    """The number of a range that is nearest."""
    inside = min(max(value, allowed.low), allowed.high)
    step = allowed.step or (1 if allowed.is_whole else None)
    if step is None:
        return float(inside)
    steps = min(round((inside - allowed.low) / step), int((allowed.high - allowed.low) / step + 1e-9))
    at = allowed.low + steps * step
    return int(at) if allowed.is_whole else float(f"{at:.6g}")


def dimension(name: str, choices: Range | Sequence[Any], where: str) -> Dimension:
    """A key that varies; UserError where its text is no key."""
    parts = [_PART.fullmatch(part) for part in name.split(".")]
    if not all(parts):
        raise UserError(where, "is no key of a target file", got=name, allowed='"quantize.scheme", "compress[0].keep"')
    key = tuple(each for part in parts if part for each in (part[1], *map(int, re.findall(r"\d+", part[2]))))
    return Dimension(name, key, choices)


EVERY = "*"
_BY_LAYER = re.compile(r"compress\[(?P<entry>\d+)\]\.layers\.\*(?P<rest>\.[A-Za-z0-9_-]+)?")


def entry_by_layer(name: str) -> int | None:
    """Of a key such as "compress[0].layers.*", one choice for each layer, the number of the entry; None of another."""
    found = _BY_LAYER.fullmatch(name)
    return int(found["entry"]) if found else None


def by_layer(name: str, choices: Range | Sequence[Any], layers: Sequence[str]) -> list[Dimension]:
    """What such a key stands for."""
    found = _BY_LAYER.fullmatch(name)
    entry, rest = (int(found["entry"]), found["rest"] or "") if found else (0, "")
    return [
        Dimension(name.replace(EVERY, layer), ("compress", entry, "layers", layer, *rest.split(".")[1:]), choices)
        for layer in layers
    ]


def choose(dimensions: Sequence[Dimension], chooser: Chooser) -> dict[str, Any]:
    """One value of each key; of entries that are left out nothing is chosen."""
    ordered = sorted(dimensions, key=lambda each: not each.is_entry)
    values: dict[str, Any] = {}
    left_out: list[Key] = []
    for each in ordered:
        if any(each.key[: len(entry)] == entry for entry in left_out):
            continue
        values[each.name] = each.chosen(chooser)
        if each.is_entry and not values[each.name]:
            left_out.append(each.key)
    return values


def changed(base: Mapping[str, Any], dimensions: Sequence[Dimension], values: Values) -> dict[str, Any]:
    """`base`, the data of a target file, with the chosen values in it.

    Raises:
        LookupError: there is no such entry of a list.
    """
    data = copy.deepcopy(dict(base))
    known = {each.name: each for each in dimensions}
    gone: list[Key] = []
    for each in sorted(map(known.__getitem__, values), key=lambda each: len(each.key)):  # what holds others first
        value = values[each.name]
        if each.is_entry:
            _inner(data, each.key[:-1])[each.key[-1]]  # it must be there
            gone += [] if value else [each.key]
        else:
            _inner(data, each.key[:-1])[each.key[-1]] = copy.deepcopy(value)
    for key in sorted(gone, key=lambda key: key[-1], reverse=True):
        del _inner(data, key[:-1])[key[-1]]
    return data


def _inner(data: Any, key: Key) -> Any:
    for part in key:
        data = data.setdefault(part, {}) if isinstance(data, dict) else data[part]
    return data


def overrides(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What of `data` a file has to say that extends `base`."""
    return dict(_overrides(base, data))


def _overrides(base: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        before = base.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            if inner := overrides(before, value):
                yield key, inner
        elif before != value or type(before) is not type(value):
            yield key, value
