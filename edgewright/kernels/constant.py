"""The content of tensors that are known at build time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.tflite.graph import Tensor


def constant_data(tensor: Tensor) -> NDArray[np.generic]:
    """The content of a tensor that was checked to be constant."""
    if tensor.data is None:
        raise ValueError(f"tensor {tensor.id} is not constant: its operator's check let it through")
    return tensor.data
