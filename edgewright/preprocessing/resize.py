"""resize: pictures are brought to another size by TensorFlow Lite's operators, then to one range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from edgewright.errors import UserError
from edgewright.preprocessing._normal import NORMALISES, READS, Normal, fitted, part, raw_of, scaling
from edgewright.preprocessing._plan import Plan
from edgewright.sections.section import fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FLIP = 128


class Options(Normal):
    """Keys of `[preprocess]`: those of normalise, and to what size."""

    raw: Literal["int8", "uint8"] = Field(default="uint8", description="type of the numbers that the device reads")
    unit: float = Field(default=1 / 255, gt=0, description="real value of a raw 1; 1/255 for pictures in 0..1")
    size: tuple[int, int] = Field(description="height and width that the model sees", examples=[[96, 96]], strict=False)
    by: Literal["bilinear", "nearest"] = Field(
        default="bilinear", description="between the four pixels around a place, or the nearest one"
    )

    @model_validator(mode="after")
    def _some_pixels(self) -> Options:
        if min(self.size) < 1:
            raise fault("a size without pixels", allowed="at least 1 pixel high and wide")
        return self


__all__ = ["GIVES", "NORMALISES", "OPTIONS", "READS", "fit", "part", "plan"]

OPTIONS = Options
GIVES = "pictures"


def fit(options: Options, examples: NDArray[Any]) -> Options:
    """With mean and deviation of the training examples as they come, [N, height, width, channels]."""
    return fitted(options, examples)


def plan(options: Options, shape: tuple[int, ...]) -> Plan:
    """An example as a whole; UserError where examples are no pictures."""
    from edgewright.preprocessing._graphs import resized

    if len(shape) != 3:
        got, allowed = f"examples of shape {list(shape)}", "[height, width, channels]"
        raise UserError("[preprocess]", "resize takes pictures", got=got, allowed=allowed)
    graph = resized(shape, options.size, options.by)
    shift = _FLIP if options.raw == "uint8" else 0
    given = (*options.size, shape[2])
    return Plan(raw_of(options, "pictures"), shape, given, scaling(options, shape[2], shift), graph=graph)
