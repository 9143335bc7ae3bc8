"""The tensors of a subgraph, each checked; messages name the tensor and the operator that makes or reads it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from flatbuffers import number_types
from numpy.typing import NDArray

from edgewright.errors import UserError
from edgewright.tflite import _int4
from edgewright.tflite._flatbuffer import Record, corrupt
from edgewright.tflite._options import TYPES
from edgewright.tflite._sparse import expand
from edgewright.tflite.graph import ITEM_BYTES, NONE, SCALE_OF_ZEROS, Node, Quantization, Tensor

MAX_RANK = 8
MAX_BYTES = 1 << 30
"""Largest tensor that is read: beyond any microcontroller, and sizes stay far from the limits of int32."""

MAX_SCALE = 2.0**63
"""Largest scale, and one over the smallest: products and quotients of two of them are float32 numbers."""

_ZERO_POINT_LIMITS = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-(1 << 15), (1 << 15) - 1)}
_INT32_LIMITS = (-(1 << 31), (1 << 31) - 1)
_EXTERNAL_BUFFER = 10  # slot of Tensor.external_buffer, which the package `tflite` does not know
_SHOWN = 60


class Buffers:
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
            raise _outside(where)
        return record.numbers("Data").view(np.uint8)


def _outside(where: str) -> UserError:
    return UserError(
        where,
        "its content lies outside the flatbuffer, as converters write models of 2 GiB and more; not supported",
        hint="convert the model again, below 2 GiB",
    )


def read_tensors(
    subgraph: Record,
    nodes: Sequence[Node],
    ends: tuple[Sequence[int], Sequence[int]],
    buffers: Buffers,
    *,
    is_main: bool = True,
) -> tuple[dict[int, Tensor], set[int]]:
    """The tensors of a subgraph by number, and the numbers of those that are variables.

    A tensor without elements that nothing writes is a constant: an int32[0] that is the shape of a scalar.

    Args:
        subgraph: where they are.
        nodes: its operators.
        ends: its inputs and outputs.
        buffers: content of constants.
        is_main: its inputs are the model's, whose lengths are fixed; those of a loop follow from them.
    """
    records = subgraph.records("Tensors", "tensor")
    variables = {index for index, record in enumerate(records) if record.value("IsVariable")}
    inputs = set(ends[0])
    written = {number for node in nodes for number in node.outputs} | inputs | variables
    roles = _roles(nodes, *ends)
    found = {}
    for index, record in enumerate(records):
        record.where += _title(record.text("Name"), roles.get(index))
        if is_main and index in inputs:
            _check_length(record)
        found[index] = _tensor(index, record, buffers, index in written)
    return found, variables


def _roles(nodes: Sequence[Node], inputs: Sequence[int], outputs: Sequence[int]) -> Mapping[int, str]:
    """What a tensor is to the model, in a few words."""
    roles = {number: f"output {place} of the model" for place, number in enumerate(outputs)}
    for node in reversed(nodes):
        roles |= {number: f"read by operator {node.index} ({node.op})" for number in node.inputs if number != NONE}
    for node in nodes:
        roles |= dict.fromkeys(node.outputs, f"made by operator {node.index} ({node.op})")
    return roles | {number: f"input {place} of the model" for place, number in enumerate(inputs)}


def _title(name: str, role: str | None) -> str:
    shown = f" {name[:_SHOWN]!r}" if name else ""
    return f"{shown}, {role}" if role else shown


def _tensor(index: int, record: Record, buffers: Buffers, is_written: bool) -> Tensor:
    shape = _shape(record)
    dtype = TYPES.get(int(record.value("Type")), "unknown")
    if record.stored(_EXTERNAL_BUFFER, number_types.Uint32Flags):
        raise _outside(record.where)
    raw = buffers.data(int(record.value("Buffer")), record.where)
    size = math.prod(shape) * ITEM_BYTES.get(dtype, 1)
    is_constant = raw.size or record.value("Sparsity") is not None or not (size or is_written)
    if size > MAX_BYTES:
        raise UserError(
            record.where, "the tensor is too large", got=f"{shape} of {dtype}", allowed=f"up to {MAX_BYTES} bytes"
        )
    data = _constant(record, raw, shape, dtype) if is_constant else None
    return Tensor(
        id=index,
        name=record.text("Name"),
        shape=shape,
        dtype="int8" if dtype == _int4.DTYPE and is_constant else dtype,
        quantization=_quantization(record, shape, dtype, data),
        data=data,
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


def _check_length(record: Record) -> None:
    """An input may leave its batch open, which is 1 then; converters write 1 for any other open length as well."""
    dims, signature = record.numbers("Shape"), record.numbers("ShapeSignature")
    if signature.size == dims.size and np.any((signature[1:] < 0) & (dims[1:] <= 1)):
        raise UserError(
            record.where,
            "its length is not fixed",
            got=signature.tolist(),
            allowed="-1 for the batch alone",
            hint="convert with a fixed input shape, for instance keras.Input(shape=(49, 40), batch_size=1)",
        )


def _constant(record: Record, raw: NDArray[np.uint8], shape: tuple[int, ...], dtype: str) -> NDArray[Any] | None:
    """The content as an array of the tensor's shape; raw bytes for dtypes that are only carried along."""
    if dtype == _int4.DTYPE and record.value("Sparsity") is None:
        return _int4.unpack(raw, shape, record.where)
    if dtype not in ITEM_BYTES or dtype == "resource":
        return raw if raw.size else None
    item = np.dtype(dtype)
    sparsity = record.record("Sparsity")
    if sparsity is not None and raw.size % item.itemsize == 0:
        return expand(sparsity, raw.view(item.newbyteorder("<")), shape, record.where)
    if raw.size != math.prod(shape) * item.itemsize:
        raise corrupt(record.where, f"{shape} of {dtype} has {raw.size} bytes of content")
    return raw.view(item.newbyteorder("<")).reshape(shape)


def _quantization(tensor: Record, shape: tuple[int, ...], dtype: str, data: NDArray[Any] | None) -> Quantization | None:
    """Scales and zero points; None where either is left out, which is no quantization to runtimes.

    A constant with a scale of 0 that holds its zero point alone is zeros, on whatever scale: converters write it.
    """
    record = tensor.record("Quantization")
    scales = record.numbers("Scale") if record else np.zeros(0, np.float32)
    zero_points = record.numbers("ZeroPoint") if record else np.zeros(0, np.int64)
    if record is None or scales.size == 0 or zero_points.size == 0:
        return None
    axis = int(record.value("QuantizedDimension"))
    if shape == (scales.size,):
        axis = 0  # of a bias some converters give the axis of its weights
    if data is not None and scales.size == 1 and scales[0] == 0 and np.all(data == zero_points[0]):
        scales = np.array([SCALE_OF_ZEROS], np.float32)
    _check_quantization(tensor.where, scales, zero_points, axis, shape, dtype)
    return Quantization(scales.astype("<f4", copy=False), zero_points.astype(np.int64), axis)


def _check_quantization(
    where: str, scales: NDArray[Any], zero_points: NDArray[Any], axis: int, shape: tuple[int, ...], dtype: str
) -> None:
    if scales.size != zero_points.size:
        raise UserError(where, "scales and zero points differ in number", got=f"{scales.size} and {zero_points.size}")
    if not (np.all(np.isfinite(scales)) and np.all(scales > 0)):
        raise UserError(
            where,
            "a scale is not a number above 0",
            got=float(scales[~(scales > 0) | ~np.isfinite(scales)][0]),
            hint="quantize again: what it was calibrated with never gave this tensor a value",
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
