"""A Keras model as the graph of one example, which is what a device runs.

With the batch left open TensorFlow's converter writes SHAPE, PACK and FILL for what depends on it, splits dilated
convolutions into SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND, and has no form for recurrent layers at all. With a batch of
one an LSTM becomes its operator. Other recurrent layers have none: they are unrolled, step by step, which gives the
same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from edgewright.errors import ToolError, UserError
from edgewright.training.quiet import say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOLERANCE = 1e-3
"""Largest difference between a model and its unrolled form, of the largest value: sums in another order, no more."""

_LOOPS = ("While", "StatelessWhile")
_STEPWISE: WeakSet[Any] = WeakSet()


def converter(tf: Any, model: Any, where: str) -> Any:
    """A TFLiteConverter of the model with a batch of one.

    Args:
        tf: the module `tensorflow`.
        model: a Keras model.
        where: place for messages.

    Raises:
        UserError: an input has a length that is open, or the batch is fixed to another number.
        ToolError: the unrolled form gives other numbers.
    """
    function = traced(tf, model, where)
    return tf.lite.TFLiteConverter.from_concrete_functions([function], _holder(tf, function, model))


def _holder(tf: Any, function: Any, model: Any) -> Any:
    """What the converter saves to have what the function reads: its variables, where it reads no more.

    Of a Keras model TensorFlow would save each layer as well, traced anew in four forms that nothing reads: half of
    what a conversion takes, and nine tenths of it where layers are recurrent.
    """
    variables = list(function.graph.variables)
    handles = {id(variable.handle) for variable in variables}
    if any(tensor.dtype == tf.resource and id(tensor) not in handles for tensor, _ in function.graph.captures):
        return model
    holder = tf.Module()
    holder.held = variables
    return holder


@lru_cache(maxsize=4)
def traced(tf: Any, model: Any, where: str) -> Any:
    """The model as a concrete function of one example."""
    specs = specs_of(tf, model, where)
    layers = without_operator(tf, model)
    with _unrolled(layers):
        function = tf.function(_call(model, len(specs)), input_signature=specs).get_concrete_function()
    if layers:
        named = ", ".join(f"{layer.name} ({type(layer).__name__})" for layer in layers)
        say(f"{where}: {named}: unrolled, step by step")
        _compare(tf, model, function, specs, where)
    return function


def specs_of(tf: Any, model: Any, where: str) -> list[Any]:
    """Its inputs with a batch of one, a tf.TensorSpec each. UserError: a length is open, or the batch is another."""
    return [_spec(tf, tensor, where) for tensor in model.inputs]


def _call(model: Any, inputs: int) -> Any:
    return lambda *values: model(values[0] if inputs == 1 else list(values), training=False)


def _spec(tf: Any, tensor: Any, where: str) -> Any:
    batch, *shape = tensor.shape
    name = tensor.name.partition(":")[0]
    if None in shape:
        hint = "give keras.Input its whole shape: a device has its memory planned before it runs"
        raise UserError(where, f"the input {name} has a length that is open", got=(None, *shape), hint=hint)
    if batch not in {None, 1}:
        hint = "leave batch_size out of keras.Input: a device runs one example at a time"
        raise UserError(where, f"the batch of the input {name} is fixed", got=batch, allowed="1", hint=hint)
    return tf.TensorSpec((1, *shape), tensor.dtype, name=name)


def stepwise(model: Any) -> None:
    """Have LSTMs of the model unrolled as well, for runtimes that keep no state within a model."""
    _STEPWISE.add(model)


def without_operator(tf: Any, model: Any) -> list[Any]:
    """Recurrent layers that TFLite has no operator for: all but LSTMs of the usual activations, without a mask."""
    every = model in _STEPWISE or any(
        getattr(layer, "mask_zero", False) or _is(layer, "Masking") for layer in layers_of(model)
    )
    return [layer for layer in layers_of(model) if _loops(tf, layer) and (every or not _has_operator(layer))]


def layers_of(model: Any) -> Iterator[Any]:
    """All layers, those of models and wrappers inside the model too."""
    return model._flatten_layers(include_self=False, recursive=True)  # type: ignore[no-any-return]


def _is(layer: Any, name: str) -> bool:
    return type(layer).__name__ == name


def _loops(tf: Any, layer: Any) -> bool:
    is_recurrent = isinstance(layer, tf.keras.layers.RNN) and not type(layer).__name__.startswith("ConvLSTM")
    return is_recurrent and not layer.unroll


def _masks(layer: Any) -> bool:
    return _is(layer, "Masking") or getattr(layer, "mask_zero", False)


def _has_operator(layer: Any) -> bool:
    return _is(layer, "LSTM") and getattr(layer, "_could_use_gpu_kernel", False)


@contextmanager
def _unrolled(layers: list[Any]) -> Iterator[None]:
    """While it lasts, these layers are traced step by step."""
    fused = "_could_use_gpu_kernel"  # of GRU and LSTM: the form with a loop inside
    kept = [(layer, getattr(layer, fused, None)) for layer in layers]
    try:
        for layer, may_fuse in kept:
            layer.unroll = True
            if may_fuse is not None:
                setattr(layer, fused, False)
        yield
    finally:
        for layer, may_fuse in kept:
            layer.unroll = False
            if may_fuse is not None:
                setattr(layer, fused, may_fuse)


def _compare(tf: Any, model: Any, function: Any, specs: list[Any], where: str) -> None:
    """ToolError when the traced form is not equal to the model."""
    import numpy as np

    random = np.random.default_rng(0)
    inputs = [tf.constant(_example(random, spec), spec.dtype) for spec in specs]
    for ours, own in zip(_flat(tf, function(*inputs)), _flat(tf, _call(model, len(specs))(*inputs)), strict=True):
        error = float(np.max(np.abs(ours - own), initial=0.0))
        if not error <= TOLERANCE * max(1.0, float(np.max(np.abs(own), initial=0.0))):
            raise ToolError(f"{where}: unrolled, the model gives other numbers, by up to {error:g}")


def _example(random: Any, spec: Any) -> NDArray[Any]:
    if spec.dtype.is_floating:
        return random.standard_normal(spec.shape)  # type: ignore[no-any-return]
    return random.integers(0, 2, spec.shape)  # type: ignore[no-any-return]


def _flat(tf: Any, values: Any) -> list[NDArray[np.float32]]:
    return [tensor.numpy() for tensor in tf.nest.flatten(values)]


def has_loop(function: Any) -> bool:
    """Whether a loop is left in the graph of a traced model, fused operators included."""
    graph = function.graph.as_graph_def()
    nodes = [*graph.node, *(node for inner in graph.library.function for node in inner.node_def)]
    return any(node.op in _LOOPS for node in nodes)
