"""All rules, until none finds anything."""

from __future__ import annotations

from typing import Any

from edgewright.importers._tidied import forms, layouts, roots
from edgewright.importers._tidied.ends import Turns, free_inputs, free_outputs
from edgewright.importers._tidied.model import Model, Rule

RULES: tuple[Rule, ...] = (
    *(layouts.merge, layouts.past_one, layouts.past_two, layouts.past_concatenation, layouts.past_reduction),
    *(layouts.into_dense, roots.invert, roots.multiply, forms.slopes, forms.unit, forms.edges, forms.fill, forms.gates),
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
    model = _with_copies(_settled(model))
    turns = free_inputs(model), free_outputs(model)
    return _settled(model).bytes(), *turns


def _with_copies(model: Model) -> Model:
    """The same where a TRANSPOSE that several operators read goes down with each, if that leaves fewer of them."""
    copied = Model(model.bytes())
    if not layouts.copy(copied):
        return model
    found = _settled(copied)
    return found if found.count("TRANSPOSE") < model.count("TRANSPOSE") else model


def _settled(model: Model) -> Model:
    for _ in range(MOST_STEPS):
        if not any(_changed(model, node) for node in list(model.graph.operators)):
            break
        model.sweep()
    return model


def _changed(model: Model, node: Any) -> bool:
    return any(rule(model, node) for rule in RULES)
