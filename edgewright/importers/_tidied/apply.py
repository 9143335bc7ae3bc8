"""All rules, until none finds anything."""

from __future__ import annotations

from edgewright.importers._tidied import along, layouts
from edgewright.importers._tidied.ends import Turns, free_inputs, free_outputs
from edgewright.passes.tflite_model.model import Model, Rule
from edgewright.passes.tflite_model.quantizable import FORMS
from edgewright.passes.tflite_model.settled import settled

RULES: tuple[Rule, ...] = (
    *(layouts.merge, layouts.past_one, layouts.past_two, layouts.past_concatenation, layouts.past_reduction),
    *(along.past_axes, layouts.into_dense, *FORMS),
)


def tidied(tflite: bytes) -> tuple[bytes, Turns, Turns]:
    """The model with fewer operators, and how its inputs and outputs are turned against what they were.

    Args:
        tflite: a float .tflite with a batch of one.
    """
    model = Model(tflite)
    if not model.is_plain:
        return tflite, {}, {}
    model = _with_copies(settled(model, RULES))
    turns = free_inputs(model), free_outputs(model)
    return settled(model, RULES).bytes(), *turns


def _with_copies(model: Model) -> Model:
    """The same where a TRANSPOSE that several operators read goes down with each, if that leaves fewer of them."""
    best, tried = model, Model(model.bytes())
    while best.count("TRANSPOSE"):
        copied = layouts.copy(tried, along.KINDS)
        tried = settled(tried, (*RULES, along.past_splits))
        if tried.count("TRANSPOSE") < best.count("TRANSPOSE"):
            best, tried = tried, Model(tried.bytes())
        elif not copied or tried.count("TRANSPOSE") > best.count("TRANSPOSE"):
            break
    return best
