from __future__ import annotations

from typing import Any

import pytest

from edgewright.passes import _macs
from edgewright.stages._tensorflow import import_tensorflow


@pytest.mark.parametrize(
    ("layer", "arguments", "shape", "macs"),
    [
        ("Conv2D", {"filters": 4, "kernel_size": 3}, (8, 9, 5), 6 * 7 * 4 * 3 * 3 * 5),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2, "padding": "same"}, (8, 9, 6), 72 * 4 * 3 * 3 * 3),
        ("Conv1D", {"filters": 4, "kernel_size": 3, "strides": 2}, (9, 5), 4 * 4 * 3 * 5),
        ("Conv2DTranspose", {"filters": 4, "kernel_size": 2, "strides": 2}, (3, 3, 5), 9 * 4 * 2 * 2 * 5),
        ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, (5, 5, 3), 9 * 3 * 3 * 3 * 2),
        ("SeparableConv2D", {"filters": 4, "kernel_size": 3}, (5, 5, 3), 9 * (3 * 3 * 3 + 3 * 4)),
        ("Dense", {"units": 7}, (11,), 77),
        ("Dense", {"units": 7}, (3, 11), 3 * 77),
        ("MaxPooling2D", {}, (4, 4, 1), 0),
    ],
)
def test_macs_of_a_layer(layer: str, arguments: dict[str, Any], shape: tuple[int, ...], macs: int) -> None:
    keras = import_tensorflow().keras
    model = keras.Sequential([keras.layers.InputLayer(shape), getattr(keras.layers, layer)(**arguments)])
    assert _macs.total(model) == macs
