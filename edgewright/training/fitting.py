"""What model.py's `build()` gives is held against its data before a training begins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.sections.task import Learning
from edgewright.several import Several, each, named

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.several import Values

LARGE = 10.0
"""A mean or a standard deviation beyond this is of raw readings; scaled inputs have about 0 and 1."""

SCALING = ("Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "Embedding")
"""First layers that take inputs of any size."""

_PASSING = ("InputLayer", "Reshape", "Permute", "Flatten", "ZeroPadding1D", "ZeroPadding2D")


def check(tf: Any, model: Any, data: Split, task: Learning, where: str) -> None:
    """UserError where `model` is nothing that can be trained on `data` for `task`."""
    _check_kind(tf, model, where)
    _check_inputs(model, data, where)
    _check_outputs(model, data, task, where)
    _check_range(model, task, where)


def raw_inputs(model: Any, train_x: Values) -> str | None:
    """A warning where inputs are far from what networks learn from, and no layer of the model scales them."""
    import numpy as np

    inputs = each(train_x)
    mean = max((float(np.mean(x, dtype=np.float64)) for x in inputs), key=abs)
    deviation = max(float(np.std(x, dtype=np.float64)) for x in inputs)
    if max(abs(mean), deviation) <= LARGE or _scales(model):
        return None
    told = f"inputs look unscaled, their mean is {mean:,.4g} and their standard deviation {deviation:,.4g}"
    return f"warning: {told}; networks learn from about 0 and 1: scale them in load(), or begin with Rescaling"


def no_scores(model: Any, task: Learning) -> str | None:
    """A warning where classes are told by a layer that gives any numbers, and learned by their probabilities."""
    for goal, layer in zip(task.goals, _makers(model, task), strict=True):
        classes = goal.kind in ("classification", "sequence") and goal.minimised.endswith("crossentropy")
        if classes and _activation(layer) == "linear":
            told = f"the output {layer.name} has no softmax, and its loss takes probabilities"
            return f'warning: {told}; it may learn nothing: activation="softmax"'
    return None


def _activation(layer: Any) -> str | None:
    return getattr(getattr(layer, "activation", None), "__name__", None)


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
    layers = model._flatten_layers(include_self=False, recursive=True)
    lambdas = [layer.name for layer in layers if type(layer) is tf.keras.layers.Lambda]
    if lambdas:
        hint = "a class of its own, registered with tf.keras.utils.register_keras_serializable(), or layers of Keras"
        problem = "build() gives a model with a Lambda, whose code no model file may hold"
        raise UserError(where, problem, got=", ".join(lambdas), hint=hint)


def _check_inputs(model: Any, data: Split, where: str) -> None:
    wanted = dict(zip(model.input_names, _shapes(model.input_shape), strict=True))
    given = data.train_x.arrays if isinstance(data.train_x, Several) else None
    if given is None and len(wanted) > 1:
        problem, hint = f"build() gives a model with {len(wanted)} inputs", "give load() a dictionary of them for x"
        raise UserError(where, problem, got=", ".join(wanted), allowed="one, or as many as load() gives", hint=hint)
    if given is not None and set(given) != set(wanted):
        problem = "load() gives other inputs than the model has"
        raise UserError(where, problem, got=", ".join(given), allowed=", ".join(wanted))
    for name, shape in wanted.items():
        _check_input(shape, (given[name] if given else data.train_x).shape[1:], where)


def _shapes(shapes: Any) -> list[tuple[int | None, ...]]:
    """Of one input or output, or of several: Keras gives a list, a dictionary or the shape itself."""
    if isinstance(shapes, dict):
        return list(shapes.values())
    several = isinstance(shapes, list) or (shapes and isinstance(shapes[0], tuple))
    return list(shapes) if several else [shapes]


def _check_input(wanted: tuple[int | None, ...], found: tuple[int, ...], where: str) -> None:
    shape = tuple(wanted[1:])
    if len(shape) == len(found) and all(a in (None, b) for a, b in zip(shape, found, strict=True)):
        return
    axis_missing = shape[:-1] == found and shape[-1:] == (1,)
    hint = "give the examples their channel axis in load(): x[..., np.newaxis]" if axis_missing else None
    problem = "the model's input has another shape than the examples"
    raise UserError(where, problem, got=f"{shape}", allowed=f"{found}, as load() gives them", hint=hint)


def _check_outputs(model: Any, data: Split, task: Learning, where: str) -> None:
    names, shapes = list(model.output_names), _shapes(model.output_shape)
    if isinstance(model.output_shape, dict):
        raise UserError(where, "build() gives a model whose output is a dict", allowed="a tensor, or a list of them")
    if len(names) != len(task.goals) or (task.names and set(task.names) != set(names)):
        hint = "each has a table [[task.outputs]] in model.toml, with the name of its layer"
        problem = f"build() gives a model with {len(names)} output{'s' * (len(names) != 1)}"
        allowed = ", ".join(task.names) or "one, as [task] says"
        raise UserError(where, problem, got=", ".join(names), allowed=allowed, hint=hint)
    if not task.names and isinstance(model.output_shape, list):
        raise UserError(where, "build() gives a model whose output is a list", allowed="one tensor as output")
    found = dict(zip(names, shapes, strict=True))
    truths = named(data.train_y, names), named(data.validation_y, names)
    for goal, name in zip(task.goals, task.names or names, strict=True):
        x = each(data.train_x)[0]
        _check_output(goal.kind, found[name], (truths[0][name], truths[1][name]), x.shape[1:], where)


def _check_output(
    kind: str, shape: tuple[int | None, ...], truth: tuple[Any, Any], inputs: tuple[int, ...], where: str
) -> None:
    """`truth`: of training and validation; `inputs`: the shape of an example, which a reconstruction gives again."""
    if kind in ("classification", "sequence"):
        _check_classes(kind, shape, truth, where)
        return
    wanted = inputs if kind == "reconstruction" else truth[0].shape[1:] or (1,)
    if math.prod(wanted) == math.prod(size or 0 for size in shape[1:]):
        return
    endings = {"binary": 'Dense(1, activation="sigmoid")', "multi-label": f'Dense({wanted[0]}, activation="sigmoid")'}
    ending = endings.get(kind)
    hint = f"end with {ending}" if ending else None
    allowed = f"{(None, *wanted)}"
    raise UserError(where, f"the model's output does not fit a {kind}", got=f"{shape}", allowed=allowed, hint=hint)


def _check_classes(kind: str, shape: tuple[int | None, ...], truth: tuple[Any, Any], where: str) -> None:
    steps = truth[0].shape[1:]
    if len(shape) != 2 + len(steps) or shape[-1] is None or (steps and shape[1] not in (None, steps[0])):
        per = "step" if kind == "sequence" else "class"
        allowed = f"(None, {steps[0]}, classes)" if steps else "(None, classes)"
        hint = "end with Dense on every step" if steps else "end with Flatten and Dense"
        raise UserError(
            where, f"the model's output is not one score a {per}", got=f"{shape}", allowed=allowed, hint=hint
        )
    least, most = min(int(y.min()) for y in truth), max(int(y.max()) for y in truth)
    if most < shape[-1]:
        return
    counting = "labels count from 0: y - 1" if (least, most) == (1, shape[-1]) else None
    if (shape[-1], most) == (1, 1):
        counting = 'one score for yes or no is [task] kind = "binary"'
    problem = f"the model has too few outputs for labels {least} to {most}"
    raise UserError(where, problem, got=shape[-1], allowed=f"{most + 1} or more", hint=counting)


def _check_range(model: Any, task: Learning, where: str) -> None:
    """A yes or no is a score in 0..1: what a layer without a sigmoid gives is none."""
    for goal, layer in zip(task.goals, _makers(model, task), strict=True):
        activation = _activation(layer)
        if goal.kind in ("binary", "multi-label") and goal.minimised.startswith("binary") and activation == "linear":
            hint = 'activation="sigmoid"'
            raise UserError(where, f"the output {layer.name} is no score in 0..1", got=activation, hint=hint)


def _makers(model: Any, task: Learning) -> list[Any]:
    """The layers that give the outputs of the task."""
    return [model.get_layer(name) for name in task.names or model.output_names]
