"""Sizes, times, clock rates and losses as people write them: "64 KiB", "20 ms", "120 MHz", "1 %".

Each parser takes the value as it stands in the TOML file and gives a plain number; `Bytes`, `Microseconds`, `Seconds`
and `Hertz` are the same as pydantic types, and as JSON they are text with a unit again. A number without a unit is
refused: nobody can tell what was meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from edgewright import kinds

BYTES = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
MICROSECONDS = {"us": 1.0, "ms": 1e3, "s": 1e6, "min": 6e7, "h": 3.6e9}
HERTZ = {"Hz": 1, "kHz": 10**3, "MHz": 10**6, "GHz": 10**9}

_QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")


def _parse(value: object, units: Mapping[str, float], what: str, example: str) -> float:
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match and match[2] in units:
        return float(match[1]) * units[match[2]]
    number = isinstance(value, (int, float)) or (match is not None and not match[2])
    problem = f"{what} has no unit" if number else f"not {what}"
    raise PydanticCustomError(
        "unit", problem, {"allowed": f"a number and one of {', '.join(units)}", "hint": f'for instance "{example}"'}
    )


def parse_bytes(value: object) -> int:
    """A size in bytes from text like "64 KiB"; must come out whole."""
    size = _parse(value, BYTES, "a size", "64 KiB")
    if size != int(size):
        raise PydanticCustomError("unit", "not a whole number of bytes", {"allowed": "whole bytes"})
    return int(size)


def parse_microseconds(value: object) -> float:
    """A time in microseconds from text like "20 ms"."""
    return _parse(value, MICROSECONDS, "a time", "20 ms")


def parse_hertz(value: object) -> int:
    """A clock rate in hertz from text like "120 MHz"."""
    return int(_parse(value, HERTZ, "a clock rate", "120 MHz"))


def format_bytes(size: float) -> str:
    """A size for people: "812 B", "53.7 KiB"."""
    if size < 1024:
        return f"{size:.0f} B"
    return f"{size / 1024:,.1f} KiB" if size < 1024**2 else f"{size / 1024**2:,.1f} MiB"


def format_microseconds(time_us: float) -> str:
    """A time for people: "812 us", "53.7 ms"."""
    if time_us < 1e3:
        return f"{time_us:.0f} us"
    return f"{time_us / 1e3:,.1f} ms" if time_us < 1e6 else f"{time_us / 1e6:,.2f} s"


def parse_seconds(value: object) -> float:
    """A time in seconds from text like "120 s"."""
    return parse_microseconds(value) / 1e6


def exact(value: float, unit: str) -> str:
    """A number with its unit as the parsers take it, to the last bit: "262144 B", "0.00002 s"."""
    return f"{Decimal(repr(value)):f} {unit}"


def parse_loss(value: object) -> float | str:
    """A loss of a metric: a number in the metric's own terms as it is, or text in per cent, "1 %"."""
    if isinstance(value, str) and kinds.PER_CENT.takes(value):
        return f"{float(value.strip(' %')):g} %"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    hint = "1 % is a point of a metric that is a share, and a hundredth of the float model's value of any other"
    raise PydanticCustomError("loss", "not a loss of a metric", {"allowed": 'a number from 0, or "1 %"', "hint": hint})


def per_cent(value: str) -> float:
    """The number of a text that `parse_loss` gave: 0.01 of "1 %"."""
    return float(value.removesuffix(" %")) / 100


def _written(unit: str) -> PlainSerializer:
    return PlainSerializer(lambda value: exact(value, unit), return_type=str, when_used="json")


def _schema(units: Mapping[str, Any], base: str) -> WithJsonSchema:
    pattern = rf"^\s*[0-9]+(\.[0-9]+)?\s*({'|'.join(units)})\s*$"
    return WithJsonSchema(
        {"type": "string", "pattern": pattern, "x-units": list(units), "x-base": base}, mode="validation"
    )


Bytes = Annotated[int, BeforeValidator(parse_bytes), _written("B"), _schema(BYTES, "B")]
Microseconds = Annotated[float, BeforeValidator(parse_microseconds), _written("us"), _schema(MICROSECONDS, "us")]
Seconds = Annotated[float, BeforeValidator(parse_seconds), _written("s"), _schema(MICROSECONDS, "s")]
Hertz = Annotated[int, BeforeValidator(parse_hertz), _written("Hz"), _schema(HERTZ, "Hz")]
Loss = Annotated[Annotated[float, Field(ge=0)] | kinds.PerCent, BeforeValidator(parse_loss)]
