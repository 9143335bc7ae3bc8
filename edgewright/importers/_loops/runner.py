"""Runs a graph of TensorFlow, operator by operator, while another one is traced.

What depends on no input is computed at once. So it is known how often a loop runs, and its steps come one after the
other; lists of tensors, which loops gather their answers in, are lists of Python.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from edgewright.errors import UserError
from edgewright.importers._loops import lists, lstm

MOST_STEPS = 512
"""Of a loop that is written out: what comes of it grows with each."""

LOOPS = ("While", "StatelessWhile")
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
_HINT = (
    "export it with the whole shape of one example; an LSTM of Keras' own, without mask and stateful, needs no steps"
)


def has_loop(graph: Any) -> bool:
    """Whether a loop is left in a graph, or in what it calls."""
    nodes = [graph.as_graph_def(), *graph.as_graph_def().library.function]
    return any(node.op in LOOPS for part in nodes for node in getattr(part, "node", None) or part.node_def)


class Runner:
    """Runs graphs that share one library of functions.

    Args:
        tf: the module `tensorflow`.
        graph: where the functions are.
        where: place for messages.
    """

    def __init__(self, tf: Any, graph: Any, where: str) -> None:
        self._tf, self._outer, self._where = tf, graph, where
        self._functions = {each.signature.name: each for each in graph.as_graph_def().library.function}
        self._graphs: dict[str, Any] = {}
        self._own = {"NoOp": _same, "Identity": _same, "Const": self._constant, "Shape": self._shape}
        self._own |= dict.fromkeys(LOOPS, self._loop) | dict.fromkeys(_CALLS, self._call)
        self._own |= dict.fromkeys(lists.KINDS, self._listed)
        self._layers: dict[str, Any] = {}  # a function that is traced twice may not make them twice

    def run(self, graph: Any, values: Sequence[Any]) -> list[Any]:
        """What a graph with inputs and outputs makes of values.

        Raises:
            UserError: the length of a loop depends on its inputs, or a loop does what cannot be written out.
        """
        known = {tensor.ref(): value for tensor, value in zip(graph.inputs, values, strict=True)}
        for operation in graph.get_operations():
            if operation.type != "Placeholder":
                found = self._done(operation, [known[tensor.ref()] for tensor in operation.inputs])
                known |= {tensor.ref(): value for tensor, value in zip(operation.outputs, found, strict=True)}
        return [known[tensor.ref()] for tensor in graph.outputs]

    def _done(self, operation: Any, values: list[Any]) -> Sequence[Any]:
        kind = operation.type
        if kind in self._own:
            return self._own[kind](operation, values)
        if any(isinstance(value, lists.Items) for value in values):
            raise self._refused(operation)
        if all(map(self._is_known, values)):
            return self._now(lambda: self._called(operation, values))  # type: ignore[no-any-return]
        return self._called(operation, values)

    def _constant(self, operation: Any, _values: list[Any]) -> Sequence[Any]:
        return [self._now(lambda: self._tf.constant(self._tf.make_ndarray(operation.get_attr("value"))))]

    def _shape(self, operation: Any, values: list[Any]) -> Sequence[Any]:
        shape = values[0].shape
        if not shape.is_fully_defined():
            return self._called(operation, values)
        return [self._now(lambda: self._tf.constant(shape.as_list(), operation.get_attr("out_type")))]

    def _call(self, operation: Any, values: list[Any]) -> Sequence[Any]:
        return self.run(self._function(operation.get_attr("f").name), values)

    def _listed(self, operation: Any, values: list[Any]) -> Sequence[Any]:
        return lists.done(self._tf, operation, values, self._refused(operation))

    def _loop(self, operation: Any, values: list[Any]) -> Sequence[Any]:
        cond, body = (self._function(operation.get_attr(part).name) for part in ("cond", "body"))
        unread = {place for place, tensor in enumerate(operation.outputs) if not tensor.consumers()}
        found = lstm.of_keras(self._tf, body, values, unread, self._layers)
        if found is not None:
            return found
        for _ in range(MOST_STEPS):
            goes_on = self.run(cond, values)[0]
            if not self._is_known(goes_on):
                raise self._refused(operation, "how often a loop runs depends on what the model is given")
            if not bool(goes_on):
                return values
            values = self.run(body, values)
        raise self._refused(operation, f"a loop of more than {MOST_STEPS} steps")

    def _function(self, name: str) -> Any:
        from tensorflow.python.framework.function_def_to_graph import function_def_to_graph

        if name not in self._graphs:
            with self._outer.as_default():
                self._graphs[name] = function_def_to_graph(self._functions[name])
        return self._graphs[name]

    def _called(self, operation: Any, values: Sequence[Any]) -> list[Any]:
        called = getattr(self._tf.raw_ops, operation.type)
        found = called(**_named(called, {**_inputs(operation, values), **_attributes(operation)}))
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def _now(self, compute: Callable[[], Any]) -> Any:
        with self._tf.init_scope():
            return compute()

    def _is_known(self, value: Any) -> bool:
        return hasattr(value, "numpy")

    def _refused(self, operation: Any, problem: str = "a loop does what cannot be written out") -> UserError:
        name = operation.name.replace("StatefulPartitionedCall/", "")
        return UserError(self._where, problem, got=f"{name} ({operation.type})", hint=_HINT)


def _same(_operation: Any, values: list[Any]) -> Sequence[Any]:
    return values


def _named(called: Callable[..., Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the names that TensorFlow's function has for them: some are not those of the definition."""
    names = [name for name in inspect.signature(called).parameters if name != "name"]
    others = iter([name for name in names if name not in given])
    return {name if name in names else next(others): value for name, value in given.items()}


def _inputs(operation: Any, values: Sequence[Any]) -> Mapping[str, Any]:
    """By their names in the definition of the operator; some are lists."""
    left, found = list(values), {}
    for argument in operation.op_def.input_arg:
        if argument.number_attr or argument.type_list_attr:
            count = operation.get_attr(argument.number_attr or argument.type_list_attr)
            count = count if isinstance(count, int) else len(count)
            found[argument.name], left = left[:count], left[count:]
        else:
            found[argument.name] = left.pop(0)
    return found


def _attributes(operation: Any) -> Mapping[str, Any]:
    """Those that inputs do not tell."""
    arguments = operation.op_def.input_arg
    told = {name for each in arguments for name in (each.type_attr, each.number_attr, each.type_list_attr)}
    names = [each.name for each in operation.op_def.attr if each.name not in told and not each.name.startswith("_")]
    return {name: operation.get_attr(name) for name in names}
