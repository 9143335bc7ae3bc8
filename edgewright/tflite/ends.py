"""Which input and which output of a .tflite is which of the Keras model's, and the real values of outputs.

A converter orders outputs as it likes, and calls them by numbers. So a model with several inputs or outputs is written
with the names of its Keras layers (`edgewright.training.ends`), and found here by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.tflite.graph import Graph, Tensor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


SERVING = "serving_default_"
"""What TensorFlow's converter puts before the names of a signature's inputs."""


def bare_name(tensor: str) -> str:
    """The name that an input or output had before it was converted: of "serving_default_x:0" it is "x"."""
    return tensor.partition(":")[0].removeprefix(SERVING)


def input_of(graph: Graph, name: str) -> int:
    """Place, among the inputs, of the one with this name; UserError where there is none."""
    return _place(graph, graph.inputs, name, "input")


def outputs_of(graph: Graph, names: Sequence[str]) -> list[int]:
    """Places, among the outputs, of those with these names; without names the first alone."""
    return [_place(graph, graph.outputs, name, "output") for name in names] if names else [0]


def real(values: Sequence[NDArray[Any]], graph: Graph, names: Sequence[str] = ()) -> list[NDArray[np.float64]]:
    """The real values of outputs (n, ...), in the order of `names`: value less zero point, times scale."""
    return [_real(values[place], graph.tensors[graph.outputs[place]]) for place in outputs_of(graph, names)]


def _real(values: NDArray[Any], tensor: Tensor) -> NDArray[np.float64]:
    found = tensor.quantization
    numbers = values.astype("float64")
    return numbers if found is None else (numbers - found.zero_point) * found.scale


def _place(graph: Graph, numbers: Sequence[int], name: str, what: str) -> int:
    known = [graph.tensors[number].name for number in numbers]
    for names in (known, [bare_name(each) for each in known]):
        if name in names:
            return names.index(name)
    raise UserError(graph.name, f"has no {what} of this name", got=name, allowed=known)
