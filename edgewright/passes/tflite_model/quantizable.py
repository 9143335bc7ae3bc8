"""A float .tflite in the form that TensorFlow's quantizer brings to int8 whole, whoever converted it.

It leaves some operators in float that runtimes have in int8, or have in another form: those are written in that form
before. All of it is exact but for rounding.
"""

from __future__ import annotations

from edgewright.passes.tflite_model import directions, forms, repeats, roots
from edgewright.passes.tflite_model.model import Model, Rule, kinds_of
from edgewright.passes.tflite_model.settled import settled

FORMS: tuple[Rule, ...] = (
    *(roots.invert, roots.multiply, roots.negate, forms.slopes, forms.unit, forms.edges, forms.fill),
    *(directions.split, forms.gates, forms.lengths, repeats.nearest),
)
"""What makes new tensors: a model that is calibrated is past these."""

_STARTS = {"SQRT", "SQUARE", "NEG", "PRELU", "RELU_0_TO_1", "PADV2", "TILE", "SLICE"}
_STARTS |= {"BIDIRECTIONAL_SEQUENCE_LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM"}

CALIBRATED: dict[str, Rule] = {"SQUARE": roots.multiply, "NEG": roots.negate, "SLICE": forms.lengths}
"""What leaves all ranges as they are."""


def quantizable(tflite: bytes) -> bytes:
    """A float model before it is calibrated; byte for byte the same where there is nothing to change."""
    return _changed(tflite, _STARTS, FORMS)


def with_ranges(tflite: bytes) -> bytes:
    """A float model that carries ranges of its activations; the same where there is nothing to change."""
    return _changed(tflite, set(CALIBRATED), tuple(CALIBRATED.values()))


def _changed(tflite: bytes, kinds: set[str], rules: tuple[Rule, ...]) -> bytes:
    if not kinds & kinds_of(tflite):
        return tflite
    model = Model(tflite)
    return settled(model, rules).bytes() if model.is_plain else tflite
