"""A layer that can be split into several: its kernel in one shape for all kinds, and where it is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPLIT = frozenset({"Conv1D", "Conv2D", "Dense"})


@dataclass(frozen=True)
class Site:
    """A Dense, Conv1D or Conv2D layer.

    Attributes:
        layer: the Keras layer.
        kernel: float64 [height, width, in, out]; a dense layer is 1 x 1, a convolution over time has width 1.
        places_in: positions of its input; 1 for a dense layer of a vector.
        places_between: positions after the height of the kernel has been passed over, but not the width.
        places_out: positions of its output.
    """

    layer: Any
    kernel: NDArray[np.float64]
    places_in: int
    places_between: int
    places_out: int

    @property
    def inputs(self) -> int:
        """Channels in."""
        return int(self.kernel.shape[2])

    @property
    def outputs(self) -> int:
        """Channels out."""
        return int(self.kernel.shape[3])

    @property
    def taps(self) -> int:
        """Positions of the kernel."""
        return int(self.kernel.shape[0] * self.kernel.shape[1])

    @property
    def weights(self) -> int:
        """Of the kernel."""
        return int(self.kernel.size)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return self.weights * self.places_out


def site_of(layer: Any) -> Site:
    """The site of a built layer of a kind in SPLIT, channels last, not grouped."""
    import numpy as np

    kernel = np.asarray(layer.get_weights()[0], np.float64)
    before, after = layer.input_shape[1:-1], layer.output_shape[1:-1]
    shape = (*kernel.shape[:-2], 1, 1)[:2] if type(layer).__name__ != "Dense" else (1, 1)
    between = (*after[:1], *before[1:])
    return Site(
        layer, kernel.reshape(*shape, *kernel.shape[-2:]), math.prod(before), math.prod(between), math.prod(after)
    )


def cannot_split(layer: Any, *, once: bool) -> str | None:
    """Why the layer is left as it is; None when it can be split."""
    kind = type(layer).__name__
    if kind not in SPLIT:
        return f"a {kind} is not split"
    if not once:
        return "it is used more than once"
    if getattr(layer, "groups", 1) != 1:
        return "its kernel is in groups"
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        return "its channels are not the last axis"
    if None in layer.output_shape[1:]:
        return "the size of its output is not fixed"
    return None
