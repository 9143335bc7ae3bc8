"""Samples with the answers that the model gives to them, as the bundle's self-test and examples have them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.c_text import array_lines
from edgewright.errors import UserError
from edgewright.files import Shape, read_json
from edgewright.images.model import GeneratedModel, Port
from edgewright.text import Safe

_SHAPE: Shape = {"data": str, "samples": [{"inputs": [str], "outputs": [str]}]}


@dataclass(frozen=True)
class Array:
    """A constant array: the tensor's name in C, C type, number of elements, their lines."""

    field: str
    ctype: str
    count: int
    lines: tuple[Safe, ...]


@dataclass(frozen=True)
class Sample:
    """One sample: an array for each input, then for each output; the right class, -1 where none is known."""

    arrays: tuple[Array, ...]
    label: int


def read_samples(path: Path, model: GeneratedModel) -> list[Sample]:
    """The samples in `path`; UserError when they do not fit the model."""
    found = read_json(path, _SHAPE)["samples"]
    if not found:
        raise UserError(str(path), "holds no sample")
    return [_sample(path, model, facts) for facts in found]


def _sample(path: Path, model: GeneratedModel, facts: dict[str, Any]) -> Sample:
    label = facts.get("class")
    ports, digits = [*model.inputs, *model.outputs], [*facts["inputs"], *facts["outputs"]]
    if len(ports) != len(digits):
        raise UserError(str(path), f"does not fit {model.name}", got=f"{len(digits)} tensors", allowed=str(len(ports)))
    arrays = tuple(_array(path, *each) for each in zip(ports, digits, strict=True))
    return Sample(arrays, -1 if label is None else int(label))


def _array(path: Path, port: Port, digits: str) -> Array:
    data = bytes.fromhex(digits)
    if len(data) != port.bytes:
        raise UserError(str(path), f"does not fit {port.macro}", got=f"{len(data)} bytes", allowed=str(port.bytes))
    dtype = np.dtype("int8" if port.facts["dtype"] == "bool" else port.facts["dtype"]).newbyteorder("<")
    lines = array_lines(np.frombuffer(data, dtype), port.ctype)
    return Array(port.field, port.ctype, port.elements, tuple(Safe(line) for line in lines))
