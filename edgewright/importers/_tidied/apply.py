"""All rules, until none finds anything."""

from __future__ import annotations

from edgewright.importers._tidied import layouts
from edgewright.importers._tidied.ends import Turns, free_inputs, free_outputs
from edgewright.passes.tflite_model.model import Model, Rule
from edgewright.passes.tflite_model.quantizable import FORMS
from edgewright.passes.tflite_model.settled import settled

RULES: tuple[Rule, ...] = (
    *(layouts.merge, layouts.past_one, layouts.past_two, layouts.past_concatenation, layouts.past_reduction),
    *(layouts.into_dense, *FORMS),
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
    copied = Model(model.bytes())
    if not layouts.copy(copied):
        return model
    found = settled(copied, RULES)
    return found if found.count("TRANSPOSE") < model.count("TRANSPOSE") else model
