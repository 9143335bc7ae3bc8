"""Keras models that were opened, as what an importer gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.hidden import hidden
from edgewright.importers import Brought, Input
from edgewright.importers._functions import to_tflite
from edgewright.importers._keras3.known import stops
from edgewright.importers._keras3.precision import in_float32
from edgewright.importers._keras3.rebuild import rebuilt

if TYPE_CHECKING:
    from numpy.typing import NDArray


def keras_3() -> Any:
    """The package Keras 3, without scikit-learn, which it would import for wrappers: most of what its import takes."""
    with hidden("sklearn"):
        import keras
    return keras


def from_keras_2(tf: Any, model: Any, where: str) -> Brought:
    """A model of tf-keras, which is taken as it is."""
    _refuse_unbuilt(model, where)
    model, halves = in_float32(model)
    origin, inputs = f"Keras {version('tf-keras')}", _inputs(model, where)
    return Brought(origin, inputs, _answers(tf, model), keras=model, facts=_was(halves))


def from_keras_3(tf: Any, keras: Any, model: Any, where: str, form: str) -> Brought:
    """A model of Keras 3: rebuilt where tf-keras has all of its layers, else as a float .tflite."""
    _refuse_unbuilt(model, where)
    model, halves = in_float32(model)
    origin, inputs, answer = f"Keras {keras.__version__}", _inputs(model, where), _answers(tf, model)
    found = stops(keras.saving.serialize_keras_object(model))
    if not found:
        facts = {"layers": len(model.layers), **_was(halves)}
        return Brought(origin, inputs, answer, keras=rebuilt(tf, keras, model, where), facts=facts)
    if form == "keras":
        raise UserError(where, f"tf-keras lacks {', '.join(found)}", hint="no pass works on it without")
    tflite = to_tflite(tf, lambda *values: _call(model, values), inputs, where)
    return Brought(origin, inputs, answer, tflite=tflite, facts={"stops": found, **_was(halves)})


def _was(halves: list[str]) -> dict[str, Any]:
    return {"float32_for": halves} if halves else {}


def _refuse_unbuilt(model: Any, where: str) -> None:
    if not getattr(model, "inputs", None):
        hint = "save one that was called on data, or made of keras.Input and calls of layers"
        raise UserError(where, "the model's inputs are not known", got=type(model).__name__, hint=hint)


def _inputs(model: Any, where: str) -> tuple[Input, ...]:
    return tuple(_input(tensor, where) for tensor in model.inputs)


def _input(tensor: Any, where: str) -> Input:
    batch, *shape = tuple(tensor.shape)
    name = tensor.name.partition(":")[0]
    if None in shape or batch not in {None, 1}:
        hint = "save it with the whole shape of one example, and the batch left open"
        raise UserError(
            where, f"the input {name} has an open length, or a batch of more", got=(batch, *shape), hint=hint
        )
    dtype = tensor.dtype if isinstance(tensor.dtype, str) else tensor.dtype.name
    return Input(name, (1, *shape), dtype)


def _answers(tf: Any, model: Any) -> Callable[[Sequence[NDArray[Any]]], Sequence[NDArray[Any]]]:
    def answer(inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        outputs = _call(model, [tf.constant(value) for value in inputs])
        return [tensor.numpy() for tensor in tf.nest.flatten(outputs)]

    return answer


def _call(model: Any, values: Sequence[Any]) -> Any:
    return model(values[0] if len(values) == 1 else list(values), training=False)
