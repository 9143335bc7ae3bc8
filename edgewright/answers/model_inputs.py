"""Examples of a data set, or random numbers, as the inputs that a .tflite model takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgewright.datasets import load_part
from edgewright.errors import UserError
from edgewright.sections.data import Data
from edgewright.sections.task import Task
from edgewright.several import Several, each
from edgewright.tasks import Truths
from edgewright.tflite.ends import input_of
from edgewright.tflite.graph import Graph, Tensor

if TYPE_CHECKING:
    from edgewright.several import Values


def test_data(data: Data, prepared: Path | None, task: Task, source: Path | None) -> Truths:
    """The test examples and what is true of them; `source`: the model's model.py, for metrics of one's own."""
    x, y = load_part("test", data, prepared=prepared, task=task)
    return Truths(task, x, each(y), source)


def as_input(graph: Graph, values: Values) -> tuple[NDArray[Any], ...]:
    """Examples (n, ...) as the inputs of the model, in its order: of their dtypes, shape (n, *shape of the input).

    Raises:
        UserError: other inputs than the model's, or one of another size.
    """
    wanted = [graph.tensors[number] for number in graph.inputs]
    if not isinstance(values, Several):
        if len(wanted) != 1:
            hint = "load() gives a dictionary by the names of keras.Input"
            raise UserError(graph.name, "the data have one input", allowed=f"{len(wanted)} as the model has", hint=hint)
        return (_as_input(graph, wanted[0], values),)
    arrays = values.arrays
    if len(arrays) != len(wanted):
        raise UserError(graph.name, "the data do not fit", got=list(arrays), allowed=[tensor.name for tensor in wanted])
    if len(arrays) == 1:
        return (_as_input(graph, wanted[0], each(values)[0]),)
    found = {input_of(graph, name): array for name, array in arrays.items()}
    return tuple(_as_input(graph, tensor, found[place]) for place, tensor in enumerate(wanted))


def _as_input(graph: Graph, tensor: Tensor, values: NDArray[Any]) -> NDArray[Any]:
    if values[0].size != tensor.elements:
        raise UserError(
            f"{graph.name}: {tensor.name}", "the data do not fit", got=values.shape[1:], allowed=str(tensor.shape)
        )
    return quantize(values, tensor).reshape(len(values), *tensor.shape)


def quantize(values: NDArray[np.float32], tensor: Tensor) -> NDArray[Any]:
    """Real values as the tensor's dtype: value / scale rounded half away from zero, plus zero point, saturated.

    This is what TFLite's QUANTIZE does.
    """
    dtype = np.dtype(tensor.dtype)
    if tensor.quantization is None:
        return values.astype(dtype)
    scaled = values / np.float32(tensor.quantization.scale)
    whole = np.trunc(scaled)
    rest = scaled - whole  # exact, where scaled + 0.5 is not
    rounded = whole + (rest >= 0.5) - (rest <= -0.5) + tensor.quantization.zero_point
    limits = np.iinfo(dtype)
    return np.asarray(np.clip(rounded, limits.min, limits.max), dtype)
