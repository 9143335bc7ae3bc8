"""The batches of an epoch, many steps in one call of a compiled function.

The steps are those of Keras' own loop, with the same bytes as their result. What is spared is that loop: a call for
each batch, a pipeline made anew for each epoch's data, and a second trace of the step.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

SHOWN_S = 0.25
"""Steps run together for about so long: then progress is shown, and Ctrl-C is heard."""

_NO_CHANCE = re.compile(
    r"\w*Variable\w*|VarHandleOp|Resource(Apply|Gather|Scatter)\w*|Tensor(Array|List)\w*|CudnnRNN\w*|Assert|Print\w*"
    r"|While|If|Case|(Stateful)?PartitionedCall"
)
"""Operations of TensorFlow that keep something between two runs, and draw no random numbers."""

Each = Callable[[int, dict[str, float]], bool | None]
"""Is told of a batch; whether this is the end."""


class Batches:
    """Runs a model's `train_step` or `test_step` over whole data.

    Args:
        tf: the module `tensorflow`.
        model: a compiled Keras model.
        step: its `train_step` or `test_step`.
        size: examples a batch; the last one may have fewer.
        after: functions that are traced behind each step, such as projections of weights.
    """

    def __init__(
        self, tf: Any, model: Any, step: Callable[[Any], Any], size: int, after: Sequence[Callable[[], None]] = ()
    ) -> None:
        self._tf = tf
        self._model = model
        self._size = size
        self._together = 1
        self._stretch = _stretch(tf, step, size, after)
        self._compiled = tf.function(self._stretch)
        self.draws: bool | None = None
        """Whether steps may draw random numbers of TensorFlow's, such as noise; None until the first have run."""

    def renew(self) -> None:
        """Forget the compiled function, and with it the random numbers that its operations have drawn."""
        self._compiled = self._tf.function(self._stretch)

    def run(self, data: tuple[Any, ...], begin: Callable[[int], None] | None, each: Each | None) -> dict[str, float]:
        """One pass over the data.

        Args:
            data: (x, y) or (x, y, sample weights), arrays with the examples along the first axis, or dicts of them.
            begin: called before each batch with its number; None lets many batches run between two calls of `each`.
            each: called with the number of the last batch that is done, or of the first one whose loss is no number,
                and the metrics so far. Batches behind the one for which it gives True are left out.

        Returns:
            The metrics over all examples, by Keras' names.
        """
        tensors = self._tf.nest.map_structure(self._tensor, data)
        self._model.reset_metrics()
        logs: dict[str, float] = {}
        for first, last in self._stretches(len(self._tf.nest.flatten(tensors)[0]), one_by_one=begin is not None):
            if begin:
                begin(first)
            stretch = (tensors, self._tf.constant(first), self._tf.constant(last))
            losses = self._compiled(*stretch).numpy()
            if self.draws is None:
                self.draws = _draws(self._compiled.get_concrete_function(*stretch).graph.as_graph_def())
            logs = {name: float(value) for name, value in self._model.get_metrics_result().items()}
            if each:
                told = next((step for step, loss in enumerate(losses) if not math.isfinite(loss)), len(losses) - 1)
                if each(first + told, logs | {"loss": float(losses[told])}):
                    break
        return logs

    def _stretches(self, examples: int, one_by_one: bool) -> Iterator[tuple[int, int]]:
        """Numbers of batches from and to, each stretch about SHOWN_S long by what the one before took."""
        steps = math.ceil(examples / self._size)
        first = 0
        while first < steps:
            last = min(steps, first + (1 if one_by_one else self._together))
            before = time.monotonic()
            yield first, last
            self._together = max(1, int((last - first) * SHOWN_S / max(1e-6, time.monotonic() - before)))
            first = last

    def _tensor(self, array: Any) -> Any:
        """As Keras takes it: floats of any width become float32."""
        tensor = self._tf.convert_to_tensor(array)
        return self._tf.cast(tensor, self._tf.float32) if tensor.dtype.is_floating else tensor


def _stretch(tf: Any, step: Callable[[Any], Any], size: int, after: Sequence[Callable[[], None]]) -> Callable[..., Any]:
    """The function to compile: batches `first` to `last`; gives the mean loss so far after each."""

    def stretch(data: Any, first: Any, last: Any) -> Any:
        losses = tf.TensorArray(tf.float32, size=last - first)
        for number in tf.range(first, last):
            logs = step(_rows(tf, data, number * size, size))
            for function in after:
                function()
            losses = losses.write(number - first, logs["loss"])
        return losses.stack()

    return stretch


def _draws(graph: Any) -> bool:
    """Whether a graph, or a function of it, has an operation whose numbers may follow from those before.

    What TensorFlow registers as stateful counts, but for what is known better: a name too many costs time and no more.
    """
    from tensorflow.python.framework import op_def_registry

    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    known = {kind: op_def_registry.get(kind) for kind in {node.op for node in nodes}}
    stateful = (kind for kind, found in known.items() if found is not None and found.is_stateful)
    return not all(map(_NO_CHANCE.fullmatch, stateful))


def _rows(tf: Any, data: Any, begin: Any, size: int) -> Any:
    return tf.nest.map_structure(lambda whole: whole[begin : begin + size], data)
