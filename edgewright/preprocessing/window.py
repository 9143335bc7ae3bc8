"""window: the last rows of a stream, of sensors for instance, each brought to one size; long recordings make many."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from edgewright.errors import UserError
from edgewright.preprocessing._normal import NORMALISES, READS, Normal, fitted, part, raw_of, scaling
from edgewright.preprocessing._plan import Plan, Stream

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Options(Normal):
    """Keys of `[preprocess]`: those of normalise, and which rows."""

    rows: int = Field(ge=1, le=65536, description="rows that the model sees", examples=[100])
    step: int = Field(ge=1, description="rows from one window, and one answer, to the next", examples=[50])


__all__ = ["AFTER", "GIVES", "NORMALISES", "OPTIONS", "READS", "fit", "part", "plan", "then"]

OPTIONS = Options
GIVES = AFTER = "rows"


def fit(options: Options, examples: NDArray[Any]) -> Options:
    """With mean and deviation of the training examples, [N, rows, channels]."""
    return fitted(options, examples)


def plan(options: Options, shape: tuple[int, ...]) -> Plan:
    """A row at a time; UserError where examples are no rows of channels, or too few."""
    _check_rows(options, shape)
    channels = shape[1:]
    return Plan(raw_of(options, "rows"), channels, channels, scaling(options, shape[1]), stream=_stream(options))


def then(options: Options, before: Plan) -> Plan:
    """The last rows of a stream that is there already, or of rows that were taken as a whole."""
    if before.stream:
        return replace(before, stream=_stream(options))
    _check_rows(options, before.gives)
    channels = before.gives[1:]
    return replace(before, takes=channels, gives=channels, stream=_stream(options))


def _stream(options: Options) -> Stream:
    return Stream(options.rows, options.step)


def _check_rows(options: Options, shape: tuple[int, ...]) -> None:
    if len(shape) != 2:
        got = f"examples of shape {list(shape)}"
        raise UserError("[preprocess]", "window takes rows of a stream", got=got, allowed="[rows, channels]")
    if shape[0] < options.rows:
        got = f"examples of {shape[0]} rows"
        raise UserError(
            "preprocess.rows", "an example is shorter than a window", got=got, allowed=f"at least {options.rows}"
        )
