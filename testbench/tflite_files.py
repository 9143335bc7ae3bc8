"""Writes .tflite files field by field: what is None is left out of the file, and nothing is checked.

`testbench.differential.builder` writes files as converters do; this one writes what converters of other times and
makers may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import NDArray

from testbench.differential.builder import _bytes, _field, _table, _vector


@dataclass
class FileTensor:
    """A tensor; vectors that are None are left out."""

    shape: Sequence[int] | None
    type: int | None = 9  # int8
    buffer: int | None = 0
    name: str | None = "t"
    scale: Sequence[float] | None = (0.5,)
    zero_point: Sequence[int] | None = (0,)
    quantized_dimension: int | None = None
    shape_signature: Sequence[int] | None = None
    sparsity: Mapping[str, Any] | None = None


@dataclass
class FileOperator:
    """An operator; `options`: number of the union's member, name of the table, its fields."""

    inputs: Sequence[int] | None
    outputs: Sequence[int] | None
    opcode_index: int | None = None
    options: tuple[int, str, Mapping[str, Any]] | None = None


@dataclass
class File:
    """A model of one subgraph.

    Attributes:
        codes: fields of each operator code.
        buffers: content of each buffer; None has no vector, b"" an empty one; fields of the table for other ones.
        signatures: for each, its key, and name and tensor of inputs and outputs.
    """

    tensors: Sequence[FileTensor]
    operators: Sequence[FileOperator]
    codes: Sequence[Mapping[str, int]]
    buffers: Sequence[bytes | Mapping[str, int] | None] = (None,)
    inputs: Sequence[int] = (0,)
    outputs: Sequence[int] = (1,)
    version: int | None = 3
    signatures: Sequence[tuple[str, Mapping[str, int], Mapping[str, int]]] = ()
    _builder: Any = field(default_factory=lambda: flatbuffers.Builder(1024))

    def data(self) -> bytes:
        """The file."""
        fb = self._builder
        tensors = _vector(fb, [self._tensor(tensor) for tensor in self.tensors])
        operators = _vector(fb, [self._operator(operator) for operator in self.operators])
        graph = self._table("SubGraph", Tensors=tensors, Operators=operators, Inputs=self.inputs, Outputs=self.outputs)
        parts = {
            "OperatorCodes": _vector(fb, [self._table("OperatorCode", **code) for code in self.codes]),
            "Subgraphs": _vector(fb, [graph]),
            "Buffers": _vector(fb, [self._buffer(buffer) for buffer in self.buffers]),
            "SignatureDefs": _vector(fb, [self._signature(*each) for each in self.signatures]) or None,
        }
        fb.Finish(self._table("Model", Version=self.version, **parts), b"TFL3")
        return bytes(fb.Output())

    def _tensor(self, tensor: FileTensor) -> int:
        quantization = None
        if tensor.scale is not None or tensor.zero_point is not None:
            quantization = self._table(
                "QuantizationParameters",
                Scale=_floats(tensor.scale),
                ZeroPoint=_longs(tensor.zero_point),
                QuantizedDimension=tensor.quantized_dimension,
            )
        return self._table(
            "Tensor",
            Shape=tensor.shape,
            Type=tensor.type,
            Buffer=tensor.buffer,
            Name=tensor.name,
            Quantization=quantization,
            ShapeSignature=tensor.shape_signature,
            Sparsity=None if tensor.sparsity is None else self._sparsity(**tensor.sparsity),
        )

    def _sparsity(self, dims: Sequence[Mapping[str, Any]], **vectors: Sequence[int]) -> int:
        made = [self._dimension(**each) for each in dims]
        return self._table("SparsityParameters", DimMetadata=_vector(self._builder, made), **vectors)

    def _dimension(
        self, dense: int = 0, segments: Sequence[int] = (), indices: Sequence[int] = (), kind: int = 1
    ) -> int:
        """A dimension of so many elements; or a sparse one, with vectors of the union's member `kind`."""
        if dense:
            return self._table("DimensionMetadata", Format=0, DenseSize=dense)
        name, dtype = {1: ("Int32Vector", np.int32), 2: ("Uint16Vector", np.uint16), 3: ("Uint8Vector", np.uint8)}[kind]
        parts = [self._table(name, Values=np.array(values, dtype)) for values in (segments, indices)]
        types = {"ArraySegmentsType": kind, "ArrayIndicesType": kind}
        return self._table("DimensionMetadata", Format=1, ArraySegments=parts[0], ArrayIndices=parts[1], **types)

    def _operator(self, operator: FileOperator) -> int:
        options = {}
        if operator.options is not None:
            kind, name, fields = operator.options
            options = {"BuiltinOptionsType": kind, "BuiltinOptions": self._table(name, **fields)}
        ends = {"Inputs": operator.inputs, "Outputs": operator.outputs}
        return self._table("Operator", OpcodeIndex=operator.opcode_index, **ends, **options)

    def _buffer(self, content: bytes | Mapping[str, int] | None) -> int:
        if isinstance(content, Mapping):
            return _table(self._builder, "Buffer", **content)
        return self._table("Buffer", Data=None if content is None else np.frombuffer(content, np.uint8))

    def _signature(self, key: str, inputs: Mapping[str, int], outputs: Mapping[str, int]) -> int:
        ends = {
            name: _vector(self._builder, [self._table("TensorMap", Name=n, TensorIndex=i) for n, i in each.items()])
            for name, each in (("Inputs", inputs), ("Outputs", outputs))
        }
        return self._table("SignatureDef", SignatureKey=key, SubgraphIndex=0, **ends)

    def _table(self, name: str, **values: Any) -> int:
        """A table without the fields that are None."""
        kept = {key: self._vector(value) for key, value in values.items() if value is not None}
        return _table(self._builder, name, **kept)

    def _vector(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            raw = value.tobytes()
            return _bytes(self._builder, raw) if value.dtype == np.uint8 else self._builder.CreateNumpyVector(value)
        return _field(self._builder, value)


def _floats(values: Sequence[float] | None) -> NDArray[np.float32] | None:
    return None if values is None else np.array(values, np.float32)


def _longs(values: Sequence[int] | None) -> NDArray[np.int64] | None:
    return None if values is None else np.array(values, np.int64)
