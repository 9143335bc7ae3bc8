"""Examples of a data set, or random numbers, as the inputs that a .tflite model takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.datasets import load_data
from edgewright.errors import UserError
from edgewright.sections.data import Data
from edgewright.tflite.graph import Graph, Tensor


def test_data(data: Data, prepared: Path | None) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The test examples and their classes: float32 (n, ...) and int64 (n,)."""
    return load_data(data, prepared=prepared).part("test")


def as_input(graph: Graph, values: NDArray[np.float32]) -> tuple[NDArray[Any], ...]:
    """Examples (n, ...) as the only input of the model: its dtype, shape (n, *shape of the input).

    Raises:
        UserError: the model has several inputs, or one of another size.
    """
    if len(graph.inputs) != 1:
        raise UserError(graph.name, "a model that is fed from a data set has one input", got=len(graph.inputs))
    tensor = graph.tensors[graph.inputs[0]]
    if values[0].size != tensor.elements:
        raise UserError(
            f"{graph.name}: {tensor.name}", "the data do not fit", got=values.shape[1:], allowed=str(tensor.shape)
        )
    return (quantize(values, tensor).reshape(len(values), *tensor.shape),)


def quantize(values: NDArray[np.float32], tensor: Tensor) -> NDArray[Any]:
    """Real values as the tensor's dtype: value / scale rounded half away from zero, plus zero point, saturated.

    This is what TFLite's QUANTIZE does.
    """
    dtype = np.dtype(tensor.dtype)
    if tensor.quantization is None:
        return values.astype(dtype)
    scaled = values / np.float32(tensor.quantization.scale)
    rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)) + tensor.quantization.zero_point
    limits = np.iinfo(dtype)
    return np.asarray(np.clip(rounded, limits.min, limits.max), dtype)
