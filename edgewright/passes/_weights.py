"""The kernels of layers that tensorflow-model-optimization leaves alone, though they can be treated as any other."""

from __future__ import annotations

from typing import Any

DEPTHWISE = {"DepthwiseConv1D": ("depthwise_kernel",), "DepthwiseConv2D": ("depthwise_kernel",)}
BOTH = ("depthwise_kernel", "pointwise_kernel")
KERNELS = {**DEPTHWISE, "SeparableConv1D": BOTH, "SeparableConv2D": BOTH, "Conv1DTranspose": ("kernel",)}
"""By kind of the layer the names of its kernels."""


def kernels(layer: Any) -> list[tuple[str, Any]]:
    """Names and variables of the kernels of a layer of a kind in KERNELS; none of another."""
    return [(name, getattr(layer, name)) for name in KERNELS.get(type(layer).__name__, ())]
