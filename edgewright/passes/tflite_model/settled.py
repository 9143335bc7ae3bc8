"""Rules one after the other, until none finds anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from edgewright.passes.tflite_model.model import Model, Rule

MOST_STEPS = 20_000


def settled(model: Model, rules: Iterable[Rule]) -> Model:
    """The model, changed in place, without what nobody reads."""
    rules = tuple(rules)
    for _ in range(MOST_STEPS):
        if not any(_changed(model, node, rules) for node in list(model.graph.operators)):
            break
        model.sweep()
    return model


def _changed(model: Model, node: Any, rules: Iterable[Rule]) -> bool:
    return any(rule(model, node) for rule in rules)
