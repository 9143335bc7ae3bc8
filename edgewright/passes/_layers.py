"""The layers of a Keras model by name, those of models inside it too, and models with some layers wrapped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from edgewright.errors import UserError, UserErrors, did_you_mean
from edgewright.passes.keras_model import masks


def with_kernels(tf: Any, model: Any) -> dict[str, Any]:
    """The layers that multiply by weights, by name, in the order of the model."""
    return {layer.name: layer for layer in _flat(tf, model) if masks.kernels(layer)}


def _flat(tf: Any, model: Any) -> Iterator[Any]:
    for layer in model.layers:
        if isinstance(layer, tf.keras.Model):
            yield from _flat(tf, layer)
        else:
            yield layer


def check_names(names: Iterable[str], known: Iterable[str], where: str) -> None:
    """UserErrors for names that no layer with weights has; `where` is the key they stand in."""
    known = list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        problem = "the model has no such layer with weights"
        raise UserErrors(
            [UserError(where, problem, got=name, allowed=known, hint=did_you_mean(name, known)) for name in unknown]
        )


def wrapped(tf: Any, model: Any, wrap: Callable[[Any], Any], where: str) -> Any:
    """A model with the layers, and the variables, of `model`, each layer replaced by what `wrap` gives for it.

    Raises:
        UserError: the model is a class of its own, whose layers cannot be replaced.
    """

    def replace(layer: Any) -> Any:
        return clone(layer) if isinstance(layer, tf.keras.Model) else wrap(layer)

    def clone(part: Any) -> Any:
        return tf.keras.models.clone_model(part, clone_function=replace)

    try:
        return clone(model)
    except ValueError as error:
        gist = str(error).splitlines()[0]
        hint = "build it with keras.Sequential or keras.Model(inputs, outputs)"
        raise UserError(where, f"the layers of the model cannot be wrapped: {gist}", hint=hint) from error
