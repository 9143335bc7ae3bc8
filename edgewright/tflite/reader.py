"""A .tflite file becomes a Graph; whatever is wrong with it becomes a UserError with the place.

The file is taken for hostile: see `_flatbuffer`. Nothing is allocated by a size that the file claims; constants are
views of its bytes. Time and memory are linear in the file's size.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite.Model import Model

from edgewright.errors import UserError
from edgewright.tflite._flatbuffer import Record, corrupt
from edgewright.tflite._options import OPERATORS, TYPES, read_options
from edgewright.tflite._states import resolve
from edgewright.tflite.graph import ITEM_BYTES, NONE, Graph, Node, Quantization, Tensor

MAX_RANK = 8
MAX_BYTES = 1 << 30
"""Largest tensor that is read: beyond any microcontroller, and sizes stay far from the limits of int32."""

MAX_SCALE = 2.0**63
"""Largest scale, and one over the smallest: products and quotients of two of them are float32 numbers."""

_ZERO_POINT_LIMITS = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-(1 << 15), (1 << 15) - 1)}
_INT32_LIMITS = (-(1 << 31), (1 << 31) - 1)


def read_model(path: Path) -> Graph:
    """The first subgraph of a .tflite file, with its states. UserError when it cannot be read or is not sound."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(str(path), f"cannot read the model: {error.strerror}") from error
    return parse_model(data, path.name)


def parse_model(data: bytes, name: str = "model.tflite") -> Graph:
    """As `read_model`, from the file's content; `name` is for messages."""
    if data[4:8] != b"TFL3":
        raise UserError(name, "not a .tflite file", got=data[4:8], allowed="the identifier b'TFL3' at byte 4")
    model = Record.root(Model, data, name)
    if model.value("Version") != 3:
        raise UserError(name, "unknown schema version", got=model.value("Version"), allowed="3")
    subgraphs = model.records("Subgraphs", "subgraph")
    if not subgraphs:
        raise corrupt(name, "it has no subgraph")
    return _graph(model, subgraphs, data, name)


def _graph(model: Record, subgraphs: Sequence[Record], data: bytes, name: str) -> Graph:
    buffers = _Buffers(model, name)
    codes = [_operator_code(code) for code in model.records("OperatorCodes", "operator code")]
    tensors, variables = _tensors(subgraphs[0], buffers)
    graph = Graph(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        tensors=tensors,
        nodes=_nodes(subgraphs[0], codes, len(tensors)),
        inputs=_indices(subgraphs[0], "Inputs", len(tensors)),
        outputs=_indices(subgraphs[0], "Outputs", len(tensors)),
    )
    _check_order(graph, variables)

    @cache
    def other(number: int) -> tuple[Sequence[Node], Mapping[int, Tensor]] | None:
        if not 0 < number < len(subgraphs):
            return None
        its_tensors, _ = _tensors(subgraphs[number], buffers)
        return _nodes(subgraphs[number], codes, len(its_tensors)), its_tensors

    resolved = resolve(graph.nodes, tensors, variables, other)
    return graph.with_(nodes=resolved.nodes, tensors=resolved.tensors, states=resolved.states)


def _tensors(subgraph: Record, buffers: _Buffers) -> tuple[dict[int, Tensor], set[int]]:
    """The tensors of a subgraph by number, and the numbers of those that are variables."""
    records = subgraph.records("Tensors", "tensor")
    tensors = {index: _tensor(index, record, buffers) for index, record in enumerate(records)}
    return tensors, {index for index, record in enumerate(records) if record.value("IsVariable")}


def _nodes(subgraph: Record, codes: Sequence[tuple[str, int]], tensor_count: int) -> tuple[Node, ...]:
    records = subgraph.records("Operators", "operator")
    return tuple(_node(index, record, codes, tensor_count) for index, record in enumerate(records))


class _Buffers:
    """The constants of a file, by number."""

    def __init__(self, model: Record, name: str) -> None:
        self._records = model.records("Buffers", "buffer")
        self._name = name

    def data(self, index: int, where: str) -> NDArray[np.uint8]:
        """Content; empty for a tensor that is computed."""
        if not 0 <= index < len(self._records):
            raise corrupt(where, f"it names buffer {index} of {len(self._records)}")
        record = self._records[index]
        if record.value("Offset") > 1:
            raise UserError(
                record.where, "content outside the flatbuffer is not supported", hint="convert the model again"
            )
        return record.numbers("Data").view(np.uint8)


def _tensor(index: int, record: Record, buffers: _Buffers) -> Tensor:
    shape = _shape(record)
    dtype = TYPES.get(int(record.value("Type")), "unknown")
    raw = buffers.data(int(record.value("Buffer")), record.where)
    if record.value("Sparsity") is not None:
        raise UserError(record.where, "sparse tensors are not supported", hint="convert the model without sparsity")
    size = math.prod(shape) * ITEM_BYTES.get(dtype, 1)
    if size > MAX_BYTES:
        raise UserError(
            record.where, "the tensor is too large", got=f"{shape} of {dtype}", allowed=f"up to {MAX_BYTES} bytes"
        )
    return Tensor(
        id=index,
        name=record.text("Name"),
        shape=shape,
        dtype=dtype,
        quantization=_quantization(record, shape, dtype),
        data=_constant(raw, shape, dtype, record.where) if raw.size else None,
    )


def _shape(record: Record) -> tuple[int, ...]:
    dims = record.numbers("Shape")
    if dims.size > MAX_RANK:
        raise UserError(record.where, "the tensor has too many dimensions", got=dims.size, allowed=f"up to {MAX_RANK}")
    if np.any(dims < 0):
        raise UserError(
            record.where, "the shape is not fixed", got=dims.tolist(), hint="convert with a fixed input shape"
        )
    return tuple(int(dim) for dim in dims)


def _constant(raw: NDArray[np.uint8], shape: tuple[int, ...], dtype: str, where: str) -> NDArray[Any]:
    """The content as an array of the tensor's shape; raw bytes for dtypes that are only carried along."""
    if dtype not in ITEM_BYTES or dtype == "resource":
        return raw
    item = np.dtype(dtype)
    if raw.size != math.prod(shape) * item.itemsize:
        raise corrupt(where, f"{shape} of {dtype} has {raw.size} bytes of content")
    return raw.view(item.newbyteorder("<")).reshape(shape)


def _quantization(tensor: Record, shape: tuple[int, ...], dtype: str) -> Quantization | None:
    record = tensor.record("Quantization")
    scales = record.numbers("Scale") if record else np.zeros(0, np.float32)
    if record is None or scales.size == 0:
        return None
    zero_points = record.numbers("ZeroPoint")
    zero_points = zero_points if zero_points.size else np.zeros(scales.size, np.int64)
    axis = int(record.value("QuantizedDimension"))
    _check_quantization(tensor.where, scales, zero_points, axis, shape, dtype)
    return Quantization(scales.astype(np.float32), zero_points.astype(np.int64), axis)


def _check_quantization(
    where: str, scales: NDArray[Any], zero_points: NDArray[Any], axis: int, shape: tuple[int, ...], dtype: str
) -> None:
    if scales.size != zero_points.size:
        raise UserError(where, "scales and zero points differ in number", got=f"{scales.size} and {zero_points.size}")
    if not (np.all(np.isfinite(scales)) and np.all(scales > 0)):
        raise UserError(
            where, "a scale is not a number above 0", got=float(scales[~(scales > 0) | ~np.isfinite(scales)][0])
        )
    if np.any((scales < 1 / MAX_SCALE) | (scales > MAX_SCALE)):
        raise UserError(where, "a scale is beyond all sense", got=float(scales.min()), allowed="2^-63 to 2^63")
    if scales.size > 1 and not (0 <= axis < len(shape) and shape[axis] == scales.size):
        raise UserError(
            where, "the number of scales fits no dimension", got=f"{scales.size} along axis {axis} of {shape}"
        )
    low, high = _ZERO_POINT_LIMITS.get(dtype, _INT32_LIMITS)
    if np.any(zero_points < low) or np.any(zero_points > high):
        raise UserError(where, f"a zero point is outside {dtype}", got=zero_points.tolist()[:4])


def _operator_code(record: Record) -> tuple[str, int]:
    number = max(int(record.value("DeprecatedBuiltinCode")), int(record.value("BuiltinCode")))
    name = OPERATORS.get(number, f"UNKNOWN({number})")
    name = f"CUSTOM({record.text('CustomCode')})" if name == "CUSTOM" else name
    return name, int(record.value("Version"))


def _node(index: int, record: Record, codes: Sequence[tuple[str, int]], tensor_count: int) -> Node:
    code = int(record.value("OpcodeIndex"))
    if not 0 <= code < len(codes):
        raise corrupt(record.where, f"it names operator code {code} of {len(codes)}")
    name, version = codes[code]
    inputs = _indices(record, "Inputs", tensor_count, optional=True)
    return Node(index, name, version, inputs, _indices(record, "Outputs", tensor_count), read_options(record))


def _indices(record: Record, field: str, count: int, optional: bool = False) -> tuple[int, ...]:
    numbers = record.numbers(field)
    bad = (numbers >= count) | (numbers < (NONE if optional else 0))
    if np.any(bad):
        raise corrupt(record.where, f"{field.lower()} name tensor {int(numbers[bad][0])} of {count}")
    return tuple(int(number) for number in numbers)


def _check_order(graph: Graph, variables: Set[int]) -> None:
    """Every tensor is written once, before it is read."""
    known = {t.id for t in graph.tensors.values() if t.is_constant} | variables
    for number in graph.inputs:
        _write(known, number, graph.name, "the model's inputs")
    for node in graph.nodes:
        where = f"{graph.name}: operator {node.index} ({node.op})"
        for number in _unknown(node.inputs, known):
            raise corrupt(where, f"tensor {number} is read before it is written: a cycle, or a wrong order")
        for number in node.outputs:
            _write(known, number, where, "operator outputs")
    for number in _unknown(graph.outputs, known):
        raise corrupt(graph.name, f"output tensor {number} is never written")


def _unknown(numbers: Sequence[int], known: set[int]) -> Iterator[int]:
    return (number for number in numbers if number != NONE and number not in known)


def _write(known: set[int], number: int, where: str, what: str) -> None:
    if number in known:
        raise corrupt(where, f"{what} name tensor {number}, which has its content already")
    known.add(number)


def describe(tensor: Tensor) -> str:
    """A tensor in a message: "int8[1,49,10,1] 'name'"."""
    return f"{tensor.dtype}[{','.join(map(str, tensor.shape))}]" + (f" {tensor.name!r}" if tensor.name else "")
