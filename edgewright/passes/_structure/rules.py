"""What each kind of layer does with the channels that it gets: one small function a kind.

A rule is given a `Site` and gives the ids of the layer's output. It names the arrays of the layer and the channels
along their axes. A layer without a rule, or that a rule calls `opaque`, keeps all channels that it touches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edgewright.passes._structure.model import Blocker, Setting, Weight
from edgewright.passes._structure.units import Ids, Units
from edgewright.passes.keras_model import mac_counts

Shape = tuple[int, ...]  # without the batch

ELEMENTWISE = frozenset(
    [
        "elu",
        "exponential",
        "gelu",
        "hard_sigmoid",
        "leaky_relu",
        "linear",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "softplus",
        "softsign",
        "swish",
        "tanh",
    ]
)


@dataclass
class Findings:
    """What the rules collect; the ids in it are not roots yet."""

    units: Units = field(default_factory=Units)
    weights: list[Weight] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    blockers: list[Blocker] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """A layer at its place in the graph, with the ids that come in."""

    layer: Any
    inputs: list[Ids]
    shapes_in: list[Shape]
    shapes_out: list[Shape]
    found: Findings

    @property
    def shape_in(self) -> Shape:
        """Of the first input, without the batch."""
        return self.shapes_in[0]

    @property
    def shape_out(self) -> Shape:
        """Of the first output, without the batch."""
        return self.shapes_out[0]

    def new(self, count: int) -> Ids:
        """Ids of channels that this layer makes."""
        return self.found.units.new(count)

    def weight(self, variable: Any, axes: Mapping[int, Ids], role: str = "other", **more: int | None) -> None:
        """An array of the layer; `variable` may be None, axes may be counted from the end."""
        if variable is None:
            return
        rank = len(variable.shape)
        index = next(n for n, weight in enumerate(self.layer.weights) if weight is variable)
        whole = {axis % rank: ids for axis, ids in axes.items()}
        sides = {name: None if axis is None else axis % rank for name, axis in more.items()}
        places = _places(self) if role == "kernel" else 0
        self.found.weights.append(
            Weight(self.layer.name, index, variable, whole, sides.get("reads"), sides.get("makes"), places, role)
        )

    def setting(self, key: str, channels: Ids, before: tuple[int, ...] | None = None) -> None:
        """A key of the layer's config that is the number of channels."""
        self.found.settings.append(Setting(self.layer.name, key, channels, before))

    def opaque(self, reason: str) -> Ids:
        """Keep all channels that come in and go out."""
        free = [self.found.units.freeze(ids) for ids in self.inputs]
        blocker = Blocker(self.layer.name, reason)
        if (any(free) or self.layer.weights) and blocker not in self.found.blockers:  # those within it are kept, too
            self.found.blockers.append(blocker)
        return self.found.units.frozen(channels(self.shape_out))


def channels(shape: Shape) -> int:
    """Along the last axis of a shape without the batch; 1 where there is none, or none that is known."""
    return (shape[-1] if shape else 1) or 1


def _places(site: Site) -> int:
    layer = site.layer
    kernels = [getattr(layer, name, None) for name in ("kernel", "depthwise_kernel", "pointwise_kernel")]
    macs = mac_counts.of_call(layer, (None, *site.shape_in), (None, *site.shape_out))
    return macs // sum(int(kernel.shape.num_elements()) for kernel in kernels if kernel is not None)


def unfit(site: Site) -> str | None:
    """Why no rule applies at this place, whatever the kind of the layer."""
    if getattr(site.layer, "data_format", "channels_last") == "channels_first":
        return "has its channels first"
    if any(not shape or None in shape for shape in (*site.shapes_in, *site.shapes_out)):
        return "has no fixed shape"
    return None


def _mixes(layer: Any) -> bool:
    """Whether an activation may look at more than one channel: softmax does, and what is not known might."""
    activation = layer.get_config().get("activation", "linear")
    return not isinstance(activation, str) or activation not in ELEMENTWISE


def _made(site: Site, key: str) -> Ids:
    """The channels that a layer with weights makes; an activation over all of them holds them together."""
    layer = site.layer
    made = site.new(channels(site.shape_out))
    if _mixes(layer):
        site.found.units.freeze(made)
    site.setting(key, made)
    return made


def _convolution(site: Site) -> Ids:
    layer, [coming] = site.layer, site.inputs
    if layer.groups != 1:
        return site.opaque("is a convolution in groups")
    made = _made(site, "filters")
    site.weight(layer.kernel, {-2: coming, -1: made}, "kernel", reads=-2, makes=-1)
    site.weight(layer.bias, {0: made}, "bias")
    return made


def _transposed(site: Site) -> Ids:
    layer, [coming] = site.layer, site.inputs
    made = _made(site, "filters")
    site.weight(layer.kernel, {-1: coming, -2: made}, "kernel", reads=-1, makes=-2)
    site.weight(layer.bias, {0: made}, "bias")
    return made


def _dense(site: Site) -> Ids:
    layer, [coming] = site.layer, site.inputs
    made = _made(site, "units")
    site.weight(layer.kernel, {0: coming, 1: made}, "kernel", reads=0, makes=1)
    site.weight(layer.bias, {0: made}, "bias")
    return made


def _depthwise(site: Site) -> Ids:
    """Channel k of the input makes channels k * multiplier and following."""
    layer, [coming] = site.layer, site.inputs
    going = coming.repeat(layer.depth_multiplier)
    if _mixes(layer):
        return site.opaque("has an activation that mixes its channels")
    site.weight(layer.depthwise_kernel, {-2: coming}, "kernel")
    site.weight(layer.bias, {0: going}, "bias")
    return going


def _separable(site: Site) -> Ids:
    layer, [coming] = site.layer, site.inputs
    made = _made(site, "filters")
    site.weight(layer.depthwise_kernel, {-2: coming}, "kernel", reads=-2)
    site.weight(layer.pointwise_kernel, {-2: coming.repeat(layer.depth_multiplier), -1: made}, "kernel", makes=-1)
    site.weight(layer.bias, {0: made}, "bias")
    return made


def _batch_norm(site: Site) -> Ids:
    layer, [coming] = site.layer, site.inputs
    if list(layer.axis) != [len(site.shape_in)]:
        return site.opaque("normalises along another axis than the last")
    site.weight(layer.gamma, {0: coming}, "gamma")
    for variable in (layer.beta, layer.moving_mean, layer.moving_variance):
        site.weight(variable, {0: coming})
    return coming


def _prelu(site: Site) -> Ids:
    [coming] = site.inputs
    if site.layer.alpha.shape[-1] == coming.size:
        site.weight(site.layer.alpha, {-1: coming})
    return coming


def _activation(site: Site) -> Ids:
    if _mixes(site.layer):
        return site.opaque("is an activation that mixes its channels")
    return site.inputs[0]


def _same(site: Site) -> Ids:
    return site.inputs[0]


def _elementwise(site: Site) -> Ids:
    """The channels of all inputs are tied; a single channel that goes to all of them stays."""
    units = site.found.units
    widest = max(site.inputs, key=len)
    for ids in site.inputs:
        if len(ids) == len(widest):
            units.tie(ids, widest)
        else:
            units.freeze(ids)
    return widest


def _concatenate(site: Site) -> Ids:
    if site.layer.axis % (len(site.shape_out) + 1) == len(site.shape_out):
        return np.concatenate(site.inputs)
    return _elementwise(site)  # side by side in space: the channels lie over one another


def _reshape(site: Site) -> Ids:
    going = _reshaped(site)
    site.setting("target_shape", going, site.shape_out[:-1])
    return going


def _reshaped(site: Site) -> Ids:
    """Each place of the output gets the id that the place of the input had; ids over one another are tied."""
    [coming] = site.inputs
    rows = np.broadcast_to(coming, site.shape_in).reshape(-1, site.shape_out[-1])
    for row in np.unique(rows, axis=0):
        site.found.units.tie(rows[0], row)
    going: Ids = rows[0]
    return going


def _permute(site: Site) -> Ids:
    if site.layer.dims[-1] != len(site.layer.dims):
        return site.opaque("moves the channels to another axis")
    return site.inputs[0]


_THROUGH = (
    "ActivityRegularization AlphaDropout AveragePooling1D AveragePooling2D Cropping1D Cropping2D Dropout ELU "
    "GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D "
    "LeakyReLU MaxPooling1D MaxPooling2D ReLU Rescaling SpatialDropout1D SpatialDropout2D ThresholdedReLU "
    "UpSampling1D UpSampling2D ZeroPadding1D ZeroPadding2D"
)

RULES: dict[str, Callable[[Site], Ids]] = {
    **dict.fromkeys(_THROUGH.split(), _same),
    **dict.fromkeys(("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"), _elementwise),
    **dict.fromkeys(("Conv1D", "Conv2D"), _convolution),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose"), _transposed),
    "Activation": _activation,
    "BatchNormalization": _batch_norm,
    "Concatenate": _concatenate,
    "Dense": _dense,
    "Flatten": _reshaped,
    "PReLU": _prelu,
    "Permute": _permute,
    "Reshape": _reshape,
}
