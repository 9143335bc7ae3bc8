"""What `edgewright advise` finds, as the trials that a search begins with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.files import read_json, write_json
from edgewright.search._space import Dimension, Values

FILE = "advice.json"


@dataclass(frozen=True)
class Advised:
    """A trial that is begun with.

    Attributes:
        what: for people.
        values: what is chosen in it, by the keys that vary; the sampler chooses the others.
    """

    what: str
    values: Values

    def parameters(self, dimensions: Sequence[Dimension]) -> dict[str, Any]:
        """The values as Optuna knows them."""
        return {each.name: each.parameter(self.values[each.name]) for each in dimensions if each.name in self.values}

    def is_in(self, values: Values) -> bool:
        """Whether a trial is this one."""
        return all(name in values and values[name] == value for name, value in self.values.items())


def first_trials(folder: Path, advise: Callable[[], Sequence[Advised]] | None) -> list[Advised]:
    """What was advised when the search began; a new one asks, and remembers what it is told."""
    path = folder / FILE
    if path.is_file():
        kept = read_json(path, {"first": [{"what": str, "values": {}}]})["first"]
        return [Advised(each["what"], each["values"]) for each in kept]
    if advise is None:
        return []
    found = list(advise())
    write_json(path, {"first": [{"what": each.what, "values": dict(each.values)} for each in found]})
    return found


def passes_of(base: Mapping[str, Any], dimensions: Sequence[Dimension]) -> set[str]:
    """The passes that a trial may have."""
    entries = [*base.get("compress", [])]
    for each in dimensions:
        if each.key[0] == "compress":
            values = [value for value in each.examples() if not isinstance(value, bool)]
            entries += [entry for value in values for entry in (value if isinstance(value, list) else [value])]
            entries += [{"pass": value} for value in values if each.key[-1] == "pass"]
    return {str(entry["pass"]) for entry in entries if isinstance(entry, dict) and "pass" in entry}


def trial_of(
    entries: Sequence[Mapping[str, Any]],
    scheme: str,
    base: Mapping[str, Any],
    dimensions: Sequence[Dimension],
    layers: Mapping[str, Mapping[str, Any]],
) -> Values | None:
    """A recipe as what is chosen in a trial; None where the search has no such trial.

    Args:
        entries: of `compress`, each with "pass".
        scheme: of `[quantize]`.
        base: data of the target's file.
        dimensions: what varies.
        layers: of a pass by its name, what the scan found for each layer.
    """
    wanted = {str(entry["pass"]): _with_layers(entry, layers.get(str(entry["pass"]), {})) for entry in entries}
    values: dict[str, Any] = {}
    for each in dimensions:
        found = _value(each, wanted, scheme, base)
        if found is not None:
            values[each.name] = found
    kept = _kept(base, dimensions, values)
    return values if sorted(kept) == sorted(wanted) else None


def _with_layers(entry: Mapping[str, Any], layers: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "layers": {**layers, **entry.get("layers", {})}}


def _value(each: Dimension, wanted: Mapping[str, Mapping[str, Any]], scheme: str, base: Mapping[str, Any]) -> Any:
    """Of one key; None where the sampler may choose."""
    if each.key == ("quantize", "scheme"):
        return each.nearest(scheme)
    if each.key == ("compress",):
        return next((chain for chain in each.examples() if [*map(_pass, chain)] == list(wanted)), None)
    if each.key[0] != "compress":
        return each.nearest(_at(base, each.key))
    number = each.key[1]
    entries = base.get("compress", [])
    name = _pass(entries[number]) if isinstance(number, int) and number < len(entries) else ""
    if each.is_entry:
        return name in wanted
    if len(each.key) == 2:  # the choices are whole entries
        alike = [choice for choice in each.examples() if _pass(choice) in wanted]
        return min(alike, key=lambda choice: _distance(choice, wanted[_pass(choice)]), default=None)
    return each.nearest(_at(wanted[name], each.key[2:])) if name in wanted else None


def _kept(base: Mapping[str, Any], dimensions: Sequence[Dimension], values: Values) -> list[str]:
    """The passes that a trial with these values has."""
    chain = next((values[each.name] for each in dimensions if each.key == ("compress",) and each.name in values), None)
    entries = base.get("compress", []) if chain is None else chain
    entries = list(entries)
    for each in dimensions:
        if len(each.key) == 2 and isinstance(values.get(each.name), dict):
            entries[int(each.key[1])] = values[each.name]
    gone = {each.key[1] for each in dimensions if each.is_entry and values.get(each.name) is False}
    return [_pass(entry) for number, entry in enumerate(entries) if number not in gone]


def _pass(entry: Any) -> str:
    return str(entry.get("pass", "")) if isinstance(entry, dict) else ""


def _distance(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """How far the options are apart that both have: numbers by their ratio, others by whether they are equal."""
    total = 0.0
    for key in one.keys() & other.keys():
        a, b = one[key], other[key]
        if isinstance(a, dict) and isinstance(b, dict):
            total += _distance(a, b)
        elif isinstance(a, (int, float)) and isinstance(b, (int, float)) and a > 0 and b > 0:
            total += abs(math.log(a / b))
        else:
            total += a != b
    return total


def _at(data: Any, key: Sequence[str | int]) -> Any:
    for part in key:
        try:
            data = data[part]
        except (LookupError, TypeError):
            return None
    return data
