"""All rules, until none finds anything."""

from __future__ import annotations

from typing import Any

from edgewright.importers._tidied import forms, layouts, roots
from edgewright.importers._tidied.ends import Turns, free_inputs, free_outputs
from edgewright.importers._tidied.model import Model, Rule

RULES: tuple[Rule, ...] = (
    *(layouts.merge, layouts.past_one, layouts.past_two, layouts.past_concatenation, layouts.past_reduction),
    *(layouts.into_dense, roots.invert, roots.multiply, forms.slopes, forms.gates),
)
MOST_STEPS = 20_000


def tidied(tflite: bytes) -> tuple[bytes, Turns, Turns]:
    """The model with fewer operators, and how its inputs and outputs are turned against what they were.

    Args:
        tflite: a float .tflite with a batch of one.
    """
    model = Model(tflite)
    if not model.is_plain:
        return tflite, {}, {}
    _settle(model)
    turns = free_inputs(model), free_outputs(model)
    _settle(model)
    return model.bytes(), *turns


def _settle(model: Model) -> None:
    for _ in range(MOST_STEPS):
        if not any(_changed(model, node) for node in list(model.graph.operators)):
            return
        model.sweep()


def _changed(model: Model, node: Any) -> bool:
    return any(rule(model, node) for rule in RULES)
