"""What model.py's `build()` gives is held against its data before a training begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.datasets import Split

LARGE = 10.0
"""A mean or a standard deviation beyond this is of raw readings; scaled inputs have about 0 and 1."""

SCALING = ("Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "Embedding")
"""First layers that take inputs of any size."""

_PASSING = ("InputLayer", "Reshape", "Permute", "Flatten", "ZeroPadding1D", "ZeroPadding2D")


def check(tf: Any, model: Any, data: Split, where: str) -> None:
    """UserError where `model` is nothing that can be trained on `data`: one input [N, ...], classes as outputs."""
    _check_kind(tf, model, where)
    _check_ends(model, where)
    _check_input(model.input_shape, data.train_x.shape[1:], where)
    _check_output(model.output_shape, data, where)


def raw_inputs(model: Any, train_x: NDArray[np.float32]) -> str | None:
    """A warning where inputs are far from what networks learn from, and no layer of the model scales them."""
    import numpy as np

    mean, deviation = float(np.mean(train_x, dtype=np.float64)), float(np.std(train_x, dtype=np.float64))
    if max(abs(mean), deviation) <= LARGE or _scales(model):
        return None
    told = f"inputs look unscaled, their mean is {mean:,.4g} and their standard deviation {deviation:,.4g}"
    return f"warning: {told}; networks learn from about 0 and 1: scale them in load(), or begin with Rescaling"


def _scales(model: Any) -> bool:
    kinds = (type(layer).__name__ for layer in model._flatten_layers(include_self=False, recursive=True))
    known = ("Sequential", "Functional", *_PASSING)
    return next((kind for kind in kinds if kind not in known), "") in SCALING


def _check_kind(tf: Any, model: Any, where: str) -> None:
    if model is None:
        raise UserError(where, "build() gives nothing", allowed="a tf.keras model", hint="end it with return model")
    if not isinstance(model, tf.keras.Model):
        got = f"{type(model).__module__}.{type(model).__name__}"
        hint = "import it from tensorflow: from tensorflow import keras" if "keras" in got else None
        raise UserError(where, "build() gives no tf.keras model", got=got, allowed="a tf.keras model", hint=hint)
    if isinstance(model, tf.keras.Sequential) and not model.built:
        hint = "begin with keras.layers.InputLayer(shape)"
        raise UserError(where, "build() gives a model of unknown input shape", hint=hint)
    if not model._is_graph_network:
        allowed = "keras.Sequential, or keras.Model(inputs, outputs)"
        hint = "a subclass of keras.Model cannot be stored or compressed: call its layers in build()"
        raise UserError(where, "build() gives a subclassed model", got=type(model).__name__, allowed=allowed, hint=hint)


def _check_ends(model: Any, where: str) -> None:
    for what, tensors in (("input", model.inputs), ("output", model.outputs)):
        if len(tensors) != 1:
            names = ", ".join(tensor.name.split("/")[0].split(":")[0] for tensor in tensors)
            problem = f"build() gives a model with {len(tensors)} {what}s"
            raise UserError(where, problem, got=names, allowed=f"one {what}")
    if not isinstance(model.output_shape, tuple):
        raise UserError(where, "build() gives a model whose output is a list or dict", allowed="one tensor as output")


def _check_input(wanted: Any, found: tuple[int, ...], where: str) -> None:
    shape = wanted[0] if isinstance(wanted, list) else wanted
    shape = tuple(shape[1:])
    if len(shape) == len(found) and all(a in (None, b) for a, b in zip(shape, found, strict=True)):
        return
    axis_missing = shape[:-1] == found and shape[-1:] == (1,)
    hint = "give the examples their channel axis in load(): x[..., np.newaxis]" if axis_missing else None
    problem = "the model's input has another shape than the examples"
    raise UserError(where, problem, got=f"{shape}", allowed=f"{found}, as load() gives them", hint=hint)


def _check_output(shape: tuple[int | None, ...], data: Split, where: str) -> None:
    if len(shape) != 2 or shape[1] is None:
        problem = "the model's output is not one score a class"
        raise UserError(where, problem, got=f"{shape}", allowed="(None, classes)", hint="end with Flatten and Dense")
    least = min(int(labels.min()) for labels in (data.train_y, data.validation_y))
    most = max(int(labels.max()) for labels in (data.train_y, data.validation_y))
    if most < shape[1]:
        return
    hint = "labels count from 0: y - 1" if (least, most) == (1, shape[1]) else None
    problem = f"the model has too few outputs for labels {least} to {most}"
    raise UserError(where, problem, got=shape[1], allowed=f"{most + 1} or more", hint=hint)
