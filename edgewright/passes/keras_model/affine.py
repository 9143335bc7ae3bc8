"""Layers that are affine in their input: what a scale and a shift of their channels make of their weights.

Shapes are Keras': Dense [in, out]; convolutions [..., in / groups, out]; depthwise [..., in, multiplier]; transposed
[..., out, in]; separable: depthwise, then pointwise [1, ..., in * multiplier, out].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from edgewright.passes.keras_model.rebuild import Part, copied

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

CONVOLUTIONS = frozenset({"Conv1D", "Conv2D", "Conv3D"})
TRANSPOSED = frozenset({"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"})
DEPTHWISE = frozenset({"DepthwiseConv1D", "DepthwiseConv2D"})
SEPARABLE = frozenset({"SeparableConv1D", "SeparableConv2D"})
AFFINE = frozenset({"Dense"}) | CONVOLUTIONS | TRANSPOSED | DEPTHWISE | SEPARABLE


class Affine:
    """The weights of such a layer in float64, changed step by step.

    Args:
        layer: a built Keras layer of a kind in AFFINE, channels last.
    """

    def __init__(self, layer: Any) -> None:
        import numpy as np

        self.layer = layer
        self.kind = type(layer).__name__
        self.changed = False
        arrays = [array.astype(np.float64) for array in layer.get_weights()]
        self.kernels = arrays[:-1] if layer.use_bias else arrays
        self.bias: Vector = arrays[-1] if layer.use_bias else np.zeros(layer.output_shape[-1])

    def after(self, scale: Vector, shift: Vector) -> None:
        """Take in what follows: outputs times `scale` plus `shift`, float64 [channels out]."""
        self.changed = True
        self.bias = self.bias * scale + shift
        if self.kind in DEPTHWISE:
            scale = scale.reshape(self.kernels[0].shape[-2:])
        elif self.kind in TRANSPOSED:
            scale = scale[:, None]
        self.kernels[-1] = self.kernels[-1] * scale

    def before(self, scale: Vector, shift: Vector) -> None:
        """Take in what comes before: inputs times `scale` plus `shift`, float64 [channels in].

        Exact where the layer pads nothing: a padded border is zero after the shift, not before it.
        """
        self.changed = True
        self.bias = self.bias + self._response(self._spread(shift))
        self.kernels[0] = self.kernels[0] * self._spread(scale)

    def part(self) -> Part:
        """The layer with these weights, and with a bias."""
        import numpy as np

        weights = [array.astype(np.float32) for array in (*self.kernels, self.bias)]
        return Part(copied(self.layer, use_bias=True), weights)

    def _spread(self, channels: Vector) -> Any:
        """A value for each input channel, in the shape of the last two axes of the first kernel."""
        import numpy as np

        if self.kind not in CONVOLUTIONS or self.layer.groups == 1:
            return channels[:, None]
        filters = self.kernels[0].shape[-1] // self.layer.groups
        return np.repeat(channels.reshape(self.layer.groups, -1).T, filters, axis=1)

    def _response(self, constant: Any) -> Vector:
        """The outputs without bias for an input that is `constant` (as `_spread` gives it) at every place."""
        first = self.kernels[0] * constant
        taps = first.reshape(-1, *first.shape[-2:]).sum(axis=0)  # [in, out] or [in, multiplier]
        if self.kind in DEPTHWISE:
            response: Vector = taps.ravel()
        elif self.kind in SEPARABLE:
            pointwise = self.kernels[1].reshape(self.kernels[1].shape[-2:])
            response = taps.ravel() @ pointwise
        else:
            response = taps.sum(axis=0)
        return response


def is_linear(layer: Any) -> bool:
    """Whether the layer's activation does nothing."""
    return getattr(getattr(layer, "activation", None), "__name__", "linear") == "linear"


def pads(layer: Any) -> bool:
    """Whether the layer reads beyond the border of its input, or its border sees fewer inputs than its middle."""
    if type(layer).__name__ == "Dense":
        return False
    if type(layer).__name__ in TRANSPOSED:
        return True
    return layer.padding != "valid" and any(size != 1 for size in _sizes(layer.kernel_size))


def _sizes(size: int | Sequence[int]) -> Sequence[int]:
    return (size,) if isinstance(size, int) else size
