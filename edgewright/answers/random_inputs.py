"""Inputs for a model of which no data are known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.errors import UserError
from edgewright.tflite.graph import Graph, Tensor

_SEED = 1


def random_inputs(graph: Graph, count: int) -> tuple[NDArray[Any], ...]:
    """Numbers for every input of the model, the same each time: (count, *shape of the input)."""
    random = np.random.default_rng(_SEED)
    return tuple(_random(random, graph.tensors[number], count) for number in graph.inputs)


def _random(random: np.random.Generator, tensor: Tensor, count: int) -> NDArray[Any]:
    shape = (count, *tensor.shape)
    if tensor.dtype in ("int8", "uint8", "int16"):
        limits = np.iinfo(tensor.dtype)
        return random.integers(limits.min, limits.max, shape, endpoint=True).astype(tensor.dtype)
    if tensor.dtype == "float32":
        return random.random(shape, np.float32)
    if tensor.dtype in ("int32", "uint32", "int64", "uint64", "bool"):
        return random.integers(0, 2, shape).astype(tensor.dtype)  # most often an index, which must be in range
    raise UserError(f"tensor {tensor.name}", "no inputs can be made up for this type", got=tensor.dtype)
