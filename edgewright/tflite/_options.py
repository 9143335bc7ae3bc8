"""The attributes of an operator, read from whichever options table the schema gives it."""

from __future__ import annotations

import importlib
import re
from functools import cache
from typing import Any

from tflite.BuiltinOperator import BuiltinOperator
from tflite.BuiltinOptions import BuiltinOptions
from tflite.BuiltinOptions2 import BuiltinOptions2
from tflite.TensorType import TensorType

from edgewright.tflite._flatbuffer import Record


def enum_names(enum: type) -> dict[int, str]:
    """Names of a schema enum by number."""
    return {number: name for name, number in vars(enum).items() if isinstance(number, int)}


OPERATORS = enum_names(BuiltinOperator)
TYPES = {number: name.lower() for number, name in enum_names(TensorType).items()}
_UNIONS = (("BuiltinOptions", enum_names(BuiltinOptions)), ("BuiltinOptions2", enum_names(BuiltinOptions2)))


def read_options(operator: Record) -> dict[str, Any]:
    """All attributes by their names in the schema; enums as numbers, vectors as tuples."""
    found: dict[str, Any] = {}
    for field, names in _UNIONS:
        name = names.get(int(operator.value(f"{field}Type")), "NONE")
        table = operator.union(field, _accessor(name)) if name != "NONE" else None
        if table is not None:
            found |= {key: _plain(table, method, is_vector) for key, method, is_vector in _fields(name)}
    return found


@cache
def _accessor(name: str) -> Any:
    return getattr(importlib.import_module(f"tflite.{name}"), name)


@cache
def _fields(name: str) -> list[tuple[str, str, bool]]:
    """(attribute, accessor method, whether it is a vector of numbers) of an options table."""
    methods = [m for m in vars(_accessor(name)) if m[0].isupper() and m != "Init" and not m.startswith("GetRoot")]
    vectors = {m.removesuffix("AsNumpy") for m in methods if m.endswith("AsNumpy")}
    lengths = {m.removesuffix("Length") for m in methods if m.endswith("Length")}
    helpers = ("AsNumpy", "Length", "IsNone", "BufferHasIdentifier")
    plain = [m for m in methods if not m.endswith(helpers) and (m in vectors or m not in lengths)]
    return [(_snake(m), m, m in vectors) for m in plain]


def _plain(table: Record, method: str, is_vector: bool) -> Any:
    if is_vector:
        return tuple(table.numbers(method).tolist())
    value = table.value(method)
    return bytes(value).decode(errors="replace") if isinstance(value, (bytes, bytearray)) else value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[A-Za-z0-9])(?=[A-Z])", "_", name).lower()
