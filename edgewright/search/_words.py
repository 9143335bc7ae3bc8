"""What was chosen in a trial, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edgewright.search._plan import Plan
from edgewright.search._space import Dimension
from edgewright.spec.toml_write import value_text


def words(plan: Plan, values: Mapping[str, Any]) -> str:
    """One line: "prune_channels keep 0.5, quantize.scheme int8"."""
    base = next(iter(plan.bases.values()))
    known = {each.name: each for each in plan.dimensions}
    ordered = [known[each.name] for each in plan.dimensions if each.name in values]
    return ", ".join(_told(base, ordered, values)) or "as the target is"


def _told(base: Mapping[str, Any], ordered: list[Dimension], values: Mapping[str, Any]) -> Iterator[str]:
    before = ""
    for each in ordered:
        name, value = _name(base, each), values[each.name]
        head, layers, layer = name.rpartition(" layers.")
        if layers and head == before:  # of many layers the pass is named once
            name = layer
        before = head if layers else ""
        if each.is_entry:
            yield name if value else f"no {name}"
        elif len(each.key) == 2 and isinstance(value, dict) and "pass" in value:  # a whole entry of compress
            options = {key: option for key, option in value.items() if key != "pass"}
            yield f"{value['pass']} {value_text(options)}" if options else str(value["pass"])
        else:
            yield f"{name} {value if isinstance(value, str) else value_text(value)}"


def _name(base: Mapping[str, Any], each: Dimension) -> str:
    """The key, a pass by its name."""
    head, *rest = each.key
    if head == "compress" and rest and isinstance(rest[0], int):
        entries = base.get("compress", [])
        entry = entries[rest[0]] if rest[0] < len(entries) else {}
        return " ".join([str(entry.get("pass", each.name)), *([".".join(map(str, rest[1:]))] if rest[1:] else [])])
    return each.name
