"""Each layer of a Keras 3 model as that of tf-keras, called in the same graph, with the same weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edgewright.errors import UserError
from edgewright.importers._keras3 import functions
from edgewright.importers._keras3.configs import activation_apart, translated
from edgewright.importers._keras3.known import LAYERS, OPERATIONS

Call = Callable[..., Any]


def rebuilt(tf: Any, keras: Any, model: Any, where: str) -> Any:
    """The model in tf-keras; its outputs stand in one list where there are several.

    Args:
        tf: the module `tensorflow`.
        keras: the module `keras`, of version 3.
        model: a functional or sequential model of Keras 3 that has its shapes.
        where: place for messages.

    Raises:
        UserError: a layer that tf-keras has not, or with other weights; it is named.
    """
    return _Rebuild(tf, keras, where).model(model)


class _Rebuild:
    def __init__(self, tf: Any, keras: Any, where: str) -> None:
        self._tf, self._keras, self._where = tf, keras, where
        self._made: dict[int, Call] = {}

    def model(self, model: Any) -> Any:
        """A model, or one inside it."""
        graph = model._functional if isinstance(model, self._keras.Sequential) else model
        if graph is None or not hasattr(graph, "_run_through_graph"):
            raise self._error(
                model, "has no graph of layers", "call its layers in a function, or save it as SavedModel"
            )
        inputs = [self._input(tensor) for tensor in graph.inputs]
        outputs = self._keras.tree.flatten(graph._run_through_graph(inputs, self._counterpart, _call))
        one = outputs[0] if len(outputs) == 1 else outputs
        return self._tf.keras.Model(inputs[0] if len(inputs) == 1 else inputs, one, name=model.name)

    def _input(self, tensor: Any) -> Any:
        batch, *shape = tensor.shape
        return self._tf.keras.Input(shape, batch, name=tensor.name, dtype=tensor.dtype)

    def _counterpart(self, op: Any) -> Call:
        """What stands for a layer or an operation: the same each time, as its weights are shared."""
        if id(op) not in self._made:
            self._made[id(op)] = self._new(op)
        return self._made[id(op)]

    def _new(self, op: Any) -> Call:
        kind = type(op).__name__
        if isinstance(op, self._keras.Model):
            return self.model(op)  # type: ignore[no-any-return]
        if not isinstance(op, self._keras.Layer):
            if kind not in OPERATIONS or not type(op).__module__.startswith("keras."):
                raise self._error(op, "is no operation that tf-keras has", "write it with layers")
            return functions.operation(self._tf, op)
        if kind not in LAYERS or not type(op).__module__.startswith("keras."):
            raise self._error(op, "is no layer that tf-keras has", "take one of its layers")
        return self._layer(op, kind)

    def _layer(self, op: Any, kind: str) -> Call:
        config = op.get_config()
        apart = activation_apart(config)
        if apart and kind == "Activation":
            return functions.activation(self._tf, apart, op.name)
        if kind.startswith("Random"):  # changes pictures in training alone; tf-keras' own cannot be converted
            return self._tf.keras.layers.Activation("linear", name=op.name)  # type: ignore[no-any-return]
        layer = self._from_config(op, kind, {**config, "activation": "linear"} if apart else config)
        weighted = self._with_weights(op, layer)
        if not apart:
            return weighted
        after = functions.activation(self._tf, apart, f"{op.name}_{apart}")
        return lambda *args, **kwargs: after(weighted(*args, **kwargs))

    def _from_config(self, op: Any, kind: str, config: dict[str, Any]) -> Any:
        ours, keys = getattr(self._tf.keras.layers, kind), translated(self._tf, kind, config)
        try:
            return ours.from_config(keys) if "layer" in keys else ours(**keys)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise self._error(op, f"tf-keras takes none like it: {error}", None) from error

    def _with_weights(self, op: Any, layer: Any) -> Call:
        """The layer, which gets the weights of the other once it is built."""

        def call(*args: Any, **kwargs: Any) -> Any:
            outputs = layer(*args, **kwargs)
            self._set_weights(op, layer)
            return outputs

        return call

    def _set_weights(self, op: Any, layer: Any) -> None:
        values = [variable.numpy() for variable in op.weights]
        own, given = [tuple(variable.shape) for variable in layer.weights], [value.shape for value in values]
        if own != given:
            raise self._error(op, f"has weights {given}, and tf-keras' has {own}", None)
        layer.set_weights(values)

    def _error(self, op: Any, problem: str, hint: str | None) -> UserError:
        return UserError(f"{self._where}: layer {op.name!r} ({type(op).__name__})", problem, hint=hint)


def _call(function: Call, *args: Any, **kwargs: Any) -> Any:
    """Arguments that are left at None are Keras 3's own, or the default."""
    return function(*args, **{name: value for name, value in kwargs.items() if value is not None})
