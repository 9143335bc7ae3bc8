"""What kinds share that bring numbers to one size: their keys, what is computed of the training data, the scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import Field, model_validator

from edgewright.errors import UserError
from edgewright.preprocessing._plan import Raw, Scaling
from edgewright.sections.section import Section, fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DIGITS = 6
"""Of what is computed: it can be written into model.toml, and does not depend on how a processor adds."""

Numbers = list[float]

READS = ("raw", "unit")
NORMALISES = ("per", "mean", "deviation", "scale", "offset")


class Normal(Section):
    """The model sees (x - mean) / deviation."""

    raw: Literal["int8", "uint8", "int16", "float32"] = Field(
        default="float32", description="type of the numbers that the device reads"
    )
    unit: float = Field(
        default=1.0, gt=0, description="real value of a raw 1: 0.061e-3 of a sensor that has 0.061 mg a digit"
    )
    per: Literal["channel", "whole"] = Field(
        default="channel", description="one mean and deviation for each channel, the last axis, or one for all"
    )
    mean: Numbers | None = Field(
        default=None, description="in real values; left out: that of the training examples", examples=[[0.0, 9.81]]
    )
    deviation: Numbers | None = Field(
        default=None, description="the same; left out: that of the training examples", examples=[[1.0, 2.5]]
    )
    scale: float | None = Field(
        default=None, gt=0, description="in place of mean and deviation: the model sees x * scale + offset"
    )
    offset: float | None = Field(default=None, description="stands beside scale; left out: 0")

    @model_validator(mode="after")
    def _fits_together(self) -> Normal:
        if self.scale is None and self.offset is not None:
            raise fault("offset without scale", allowed="both, or mean and deviation")
        if self.scale is not None and (self.mean is not None or self.deviation is not None):
            raise fault("scale beside mean or deviation", allowed="one of both ways")
        if any(value <= 0 for value in self.deviation or ()):
            raise fault("a deviation is not above 0", allowed="more than 0")
        if self.raw == "float32" and self.unit != 1.0:
            raise fault("unit of real values", allowed="raw = one of int8, uint8, int16; or no unit")
        return self


N = TypeVar("N", bound=Normal)


def fitted(options: N, examples: NDArray[Any]) -> N:
    """With mean and deviation of examples [N, ..., channels], where the keys leave them open; six digits of each.

    What never changes keeps its size: its deviation is 1.
    """
    import numpy as np

    if options.scale is not None:
        shift = -(options.offset or 0.0) / options.scale
        return options.model_copy(
            update={"mean": [shift], "deviation": [1 / options.scale], "scale": None, "offset": None}
        )
    whole = np.asarray(examples, np.float64)
    axes = tuple(range(whole.ndim - 1)) if options.per == "channel" and whole.ndim > 1 else None
    mean, deviation = np.atleast_1d(whole.mean(axis=axes)), np.atleast_1d(whole.std(axis=axes))
    mean = np.where(np.abs(mean) < 1e-6 * deviation, 0.0, mean)
    found = {"mean": _told(mean), "deviation": _told(np.where(deviation > 0, deviation, 1.0))}
    return options.model_copy(update={name: value for name, value in found.items() if getattr(options, name) is None})


def _told(values: NDArray[Any]) -> Numbers:
    return [float(f"{value:.{_DIGITS}g}") for value in values.tolist()]


def part(options: N) -> N:
    """Numbers as they are: another kind normalises them."""
    return options.model_copy(update={"mean": [0.0], "deviation": [1.0]})


def raw_of(options: Normal, what: str = "numbers") -> Raw:
    """The numbers that the device reads."""
    return Raw(options.raw, options.unit, what=what)


def scaling(options: Normal, channels: int, shift: int = 0) -> Scaling:
    """Of levels that are raw numbers less `shift`; UserError as of `rescaled`."""
    low, high = raw_of(options).bounds if options.raw != "float32" else (0, 0)
    bounds = None if options.raw == "float32" else (low - shift, high - shift)
    return rescaled(Scaling((-float(shift),), (options.unit,), bounds), options, channels)


def rescaled(before: Scaling, options: Normal, channels: int) -> Scaling:
    """The scaling `before`, and mean and deviation of what it gives taken off that: one scaling again.

    Raises:
        UserError: there are neither one mean and deviation nor one for each channel.
    """
    import numpy as np

    mean, deviation = options.mean or [0.0], options.deviation or [1.0]
    for name, values in (("mean", mean), ("deviation", deviation)):
        if len(values) not in (1, channels):
            allowed = f"1 or {channels}, as the examples have channels"
            raise UserError(
                f"preprocess.{name}", "does not fit the examples", got=f"{len(values)} numbers", allowed=allowed
            )
    count = max(len(mean), len(deviation), len(before.offsets))
    each = (np.resize(np.array(values), count) for values in (before.offsets, before.factors, mean, deviation))
    offsets, factors, means, deviations = each
    return Scaling(
        tuple((offsets + means / factors).astype(np.float32).tolist()),
        tuple((factors / deviations).astype(np.float32).tolist()),
        before.bounds,
    )
