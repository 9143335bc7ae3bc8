"""Batch normalisations folded into the layers before or after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from edgewright.passes.keras_model.affine import AFFINE, Affine, is_linear, pads
from edgewright.passes.keras_model.flow import Flow
from edgewright.passes.keras_model.rebuild import Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

NORMS = frozenset({"BatchNormalization", "SyncBatchNormalization"})
AVERAGING = frozenset(
    f"{kind}{n}D" for kind in ("AveragePooling", "GlobalAveragePooling", "Cropping", "UpSampling") for n in (1, 2, 3)
)
"""What they do with a channel is the same for all channels, and a shift of a channel comes out as that shift."""
MAXIMUM = frozenset(f"{kind}{n}D" for kind in ("MaxPooling", "GlobalMaxPooling") for n in (1, 2, 3))

Change = Callable[[], None]


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """Why a batch normalisation cannot go this way."""


def fold_all(flow: Flow) -> tuple[dict[Any, list[Part]], list[dict[str, Any]], list[dict[str, str]]]:
    """Fold what can be, and take it out of `flow`.

    Returns:
        what stands in the place of the layers that took something in; rows {"layer", "into"} for what went;
        rows {"layer", "reason"} for what stays.
    """
    folding = _Folding(flow)
    folded: list[dict[str, Any]] = []
    kept: list[dict[str, str]] = []
    for norm in [layer for layer in flow.layers if type(layer).__name__ in NORMS]:
        try:
            into = folding.fold(norm)
        except Refusal as why:
            kept.append({"layer": norm.name, "reason": str(why)})
        else:
            folded.append({"layer": norm.name, "into": into})
            flow.take_out(norm)
    return folding.edits(), folded, kept


def scale_and_shift(norm: Any) -> tuple[Vector, Vector]:
    """What the layer does to each channel at inference, float64 [channels]."""
    import numpy as np

    mean, variance = (np.asarray(v, np.float64) for v in (norm.moving_mean, norm.moving_variance))
    gamma = np.asarray(norm.gamma, np.float64) if norm.scale else np.ones_like(mean)
    beta = np.asarray(norm.beta, np.float64) if norm.center else np.zeros_like(mean)
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return scale, beta - mean * scale


class _Folding:
    """Walks from a batch normalisation to the layers that can take it in; nothing changes before all have agreed."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._affine: dict[Any, Affine] = {}

    def edits(self) -> dict[Any, list[Part]]:
        return {layer: [affine.part()] for layer, affine in self._affine.items() if affine.changed}

    def fold(self, norm: Any) -> list[str]:
        """Names of the layers that took it in; Refusal when there is no way."""
        self._require(self._flow.once(norm), f"{norm.name} is used more than once, or as in training")
        self._require(list(norm.axis) == [len(norm.input_shape) - 1], "its channels are not the last axis")
        scale, shift = scale_and_shift(norm)
        reasons = []
        for way in (self._back, self._onward):
            agreed: list[tuple[str, Change]] = []
            try:
                way(norm, scale, shift, agreed)
            except Refusal as why:
                reasons.append(str(why))
                continue
            for _, change in agreed:
                change()
            return [name for name, _ in agreed]
        raise Refusal("; ".join(reasons))

    def _back(self, norm: Any, scale: Vector, shift: Vector, agreed: list[tuple[str, Change]]) -> None:
        self._into_source(self._flow.inputs(norm)[0], scale, shift, agreed)

    def _into_source(self, layer: Any, scale: Vector, shift: Vector, agreed: list[tuple[str, Change]]) -> None:
        """Let `layer` give scale * output + shift."""
        self._require(self._flow.inputs(layer) != [], "nothing with weights comes before it")
        alone = self._flow.once(layer) and len(self._flow.readers(layer)) == 1 and not self._flow.is_output(layer)
        self._require(alone, f"{layer.name} before it is used by other layers, too")
        self._require(layer.output_shape[-1] == len(scale), f"the channels change at {layer.name} before it")
        kind = type(layer).__name__
        if kind in AFFINE:
            self._require(is_linear(layer), f"the activation of {layer.name} before it")
            self._require_channels_last(layer)
            affine = self._affine_of(layer)
            agreed.append((layer.name, lambda: affine.after(scale, shift)))
        elif self._passes(layer, scale):
            self._into_source(self._flow.inputs(layer)[0], scale, shift, agreed)
        elif kind == "Add":
            for number, feeder in enumerate(self._flow.inputs(layer)):
                self._into_source(feeder, scale, shift if number == 0 else 0 * shift, agreed)
        elif kind == "Concatenate" and layer.axis in {-1, len(layer.output_shape) - 1}:
            self._into_parts(layer, scale, shift, agreed)
        else:
            raise Refusal(f"{layer.name} ({kind}) before it")

    def _into_parts(self, layer: Any, scale: Vector, shift: Vector, agreed: list[tuple[str, Change]]) -> None:
        begin = 0
        for feeder, shape in zip(self._flow.inputs(layer), layer.input_shape, strict=True):
            end = begin + shape[-1]
            self._into_source(feeder, scale[begin:end], shift[begin:end], agreed)
            begin = end

    def _onward(self, layer: Any, scale: Vector, shift: Vector, agreed: list[tuple[str, Change]]) -> None:
        """Let all readers of `layer` take scale * input + shift."""
        self._require(not self._flow.is_output(layer), "the model gives out what it makes")
        readers = self._flow.readers(layer)
        for reader in readers:
            self._require(self._flow.once(reader) and readers.count(reader) == 1, f"{reader.name} after it is shared")
            self._into_reader(reader, scale, shift, agreed)

    def _into_reader(self, reader: Any, scale: Vector, shift: Vector, agreed: list[tuple[str, Change]]) -> None:
        import numpy as np

        kind = type(reader).__name__
        if kind in AFFINE:
            self._require(not pads(reader), f"{reader.name} after it pads its input")
            self._require_channels_last(reader)
            affine = self._affine_of(reader)
            agreed.append((reader.name, lambda: affine.before(scale, shift)))
        elif self._passes(reader, scale):
            self._onward(reader, scale, shift, agreed)
        elif kind == "Flatten" and reader.data_format == "channels_last":
            places = reader.output_shape[-1] // len(scale)
            self._onward(reader, np.tile(scale, places), np.tile(shift, places), agreed)
        else:
            raise Refusal(f"{reader.name} ({kind}) after it")

    def _passes(self, layer: Any, scale: Vector) -> bool:
        """Whether the layer gives the same, be each channel scaled and shifted before it or after it."""
        kind = type(layer).__name__
        averages = kind in AVERAGING or (kind in MAXIMUM and bool((scale > 0).all()))
        return averages and getattr(layer, "data_format", "channels_last") == "channels_last"

    def _affine_of(self, layer: Any) -> Affine:
        return self._affine.setdefault(layer, Affine(layer))

    def _require_channels_last(self, layer: Any) -> None:
        last = getattr(layer, "data_format", "channels_last") == "channels_last"
        self._require(last, f"the channels of {layer.name} are not the last axis")

    @staticmethod
    def _require(true: bool, otherwise: str) -> None:
        if not true:
            raise Refusal(otherwise)
