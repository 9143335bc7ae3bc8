"""Builds small .tflite files without TensorFlow, with any attribute, scale and shape."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
from flatbuffers import flexbuffers
from numpy.typing import ArrayLike, NDArray
from tflite.BuiltinOperator import BuiltinOperator
from tflite.BuiltinOptions import BuiltinOptions
from tflite.TensorType import TensorType

from edgewright.tflite.custom import NAMES

_OPTIONS = {
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"), "Pool2D"),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"), "Reducer"),
    **dict.fromkeys(("MAXIMUM", "MINIMUM"), "MaximumMinimum"),
    **dict.fromkeys(("LOGISTIC", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "PRELU", "ELU", "RSQRT"), ""),
    **dict.fromkeys(("SQRT", "LOG", "FLOOR", "CEIL", "ROUND", "SIN"), ""),
    **dict.fromkeys(("BROADCAST_TO", "BROADCAST_ARGS", "EMBEDDING_LOOKUP"), ""),
    "DYNAMIC_UPDATE_SLICE": "",
    "IF": "If",
    "WHILE": "While",
    "SPACE_TO_BATCH_ND": "SpaceToBatchND",
    "BATCH_TO_SPACE_ND": "BatchToSpaceND",
    "CONV_2D": "Conv2D",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2D",
    "L2_NORMALIZATION": "L2Norm",
    "PADV2": "PadV2",
    "BATCH_MATMUL": "BatchMatMul",
    "SVDF": "SVDF",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTM",
    "BIDIRECTIONAL_SEQUENCE_LSTM": "BidirectionalSequenceLSTM",
}
"""Stems of option tables that do not follow from the operator's name; "" where there is none."""

_CUSTOM = {op: name for name, op in NAMES.items()}
"""Names of custom operators, whose options are a flexbuffer."""

_NO_BUFFER = 0


@dataclass(frozen=True)
class Value:
    """A tensor of the model that is built."""

    id: int
    shape: tuple[int, ...]
    dtype: str
    scale: float = 0.0
    zero_point: int = 0


@dataclass
class _Operator:
    name: str
    version: int
    inputs: Sequence[int]
    outputs: Sequence[int]
    options: dict[str, Any]
    shown: int


@dataclass
class ModelBuilder:
    """Collects tensors and operators; `finish` gives the file's bytes."""

    _tensors: list[dict[str, Any]] = field(default_factory=list)
    _operators: list[_Operator] = field(default_factory=list)
    _buffers: list[bytes] = field(default_factory=lambda: [b""])
    _others: list[ModelBuilder] = field(default_factory=list)
    ends: tuple[Sequence[Value], Sequence[Value]] = ((), ())
    """Inputs and outputs of a further subgraph."""

    def subgraph(self) -> ModelBuilder:
        """A further subgraph of the model, without ends until they are set: the first one is number 1."""
        self._others.append(ModelBuilder(_buffers=self._buffers))
        return self._others[-1]

    def variable(self, shape: Sequence[int], scale: float = 0.0, zero_point: int = 0, dtype: str = "int8") -> Value:
        """A tensor that keeps its content from one call to the next."""
        value = self.tensor(shape, scale, zero_point, dtype)
        self._tensors[-1]["variable"] = True
        return value

    def handle(self, name: str, container: str = "") -> Value:
        """The handle of a variable."""
        return self.op("VAR_HANDLE", [], [self.tensor((), dtype="resource")], container=container, shared_name=name)

    def tensor(self, shape: Sequence[int], scale: float = 0.0, zero_point: int = 0, dtype: str = "int8") -> Value:
        """A tensor that is computed, or an input."""
        return self._add(shape, dtype, [scale] if scale else [], [zero_point] if scale else [], 0, b"")

    def constant(
        self, data: NDArray[Any], scales: ArrayLike = (), zero_points: ArrayLike | None = None, axis: int = 0
    ) -> Value:
        """A constant, quantized when there are scales (zero points are 0 unless given)."""
        scale_list = np.atleast_1d(np.asarray(scales, np.float32)).tolist()
        zeros = np.zeros(len(scale_list), int) if zero_points is None else np.atleast_1d(np.asarray(zero_points))
        return self._add(data.shape, data.dtype.name, scale_list, zeros.tolist(), axis, data.tobytes())

    def int4(self, data: NDArray[np.int8], scales: ArrayLike, axis: int = 0) -> Value:
        """A constant of numbers -8..7, two a byte."""
        flat = np.append(data.reshape(-1), np.zeros(data.size % 2, np.int8)).astype(np.uint8) & 15
        packed = (flat[::2] | flat[1::2] << 4).astype(np.uint8)
        scale_list = np.atleast_1d(np.asarray(scales, np.float32)).tolist()
        return self._add(data.shape, "int4", scale_list, [0] * len(scale_list), axis, packed.tobytes())

    def op(
        self,
        name: str,
        inputs: Sequence[Value | None],
        outputs: Sequence[Value],
        version: int = 1,
        shown: int = 0,
        **options: Any,
    ) -> Value:
        """An operator; gives the output with the number `shown`."""
        numbers = [-1 if value is None else value.id for value in inputs]
        self._operators.append(_Operator(name, version, numbers, [value.id for value in outputs], options, shown))
        return outputs[shown] if outputs else Value(-1, (), "")

    def written(self) -> list[Value]:
        """One output of each of the operators, in order."""
        return [self._value(operator.outputs[operator.shown]) for operator in self._operators]

    def unread(self) -> list[Value]:
        """Those of them that no operator takes."""
        taken = {number for operator in self._operators for number in operator.inputs}
        return [value for value in self.written() if value.id not in taken]

    def upto(self, count: int) -> ModelBuilder:
        """The same with the first `count` operators alone."""
        return ModelBuilder(self._tensors, self._operators[:count], self._buffers, self._others)

    def needed(self) -> ModelBuilder:
        """The same with those operators alone that the shown output of the last one depends on."""
        kept: list[_Operator] = []
        wanted = {self._operators[-1].outputs[self._operators[-1].shown]}
        for operator in reversed(self._operators):
            if wanted & set(operator.outputs):
                kept.append(operator)
                wanted.update(operator.inputs)
        return ModelBuilder(self._tensors, kept[::-1], self._buffers, self._others)

    def name_of(self, index: int) -> str:
        """Name of an operator."""
        return self._operators[index].name

    def _value(self, number: int) -> Value:
        tensor = self._tensors[number]
        return Value(number, tuple(tensor["shape"]), tensor["dtype"])

    def finish(
        self, inputs: Sequence[Value], outputs: Sequence[Value], signatures: Sequence[tuple[str, int]] = ()
    ) -> bytes:
        """The .tflite file; of `signatures` keys and numbers of subgraphs."""
        builder = flatbuffers.Builder(1024)
        graphs = [self, *self._others]
        codes = sorted({(operator.name, operator.version) for each in graphs for operator in each._operators})
        ends = [([v.id for v in inputs], [v.id for v in outputs]), *(_end_numbers(each) for each in self._others)]
        made = [each._graph(builder, codes, *numbers) for each, numbers in zip(graphs, ends, strict=True)]
        parts = {
            "OperatorCodes": _vector(builder, [_code(builder, *code) for code in codes]),
            "Subgraphs": _vector(builder, made),
            "Buffers": _vector(builder, [self._buffer(builder, data) for data in self._buffers]),
            "SignatureDefs": _vector(builder, [_signature(builder, *each) for each in signatures]),
        }
        builder.Finish(_table(builder, "Model", Version=3, **parts), b"TFL3")
        return bytes(builder.Output())

    def _graph(self, builder: Any, codes: list[tuple[str, int]], inputs: list[int], outputs: list[int]) -> int:
        tensors = _vector(builder, [self._tensor(builder, tensor) for tensor in self._tensors])
        operators = _vector(builder, [_operator(builder, operator, codes) for operator in self._operators])
        ends = {"Inputs": _numbers(builder, inputs), "Outputs": _numbers(builder, outputs)}
        return _table(builder, "SubGraph", Tensors=tensors, Operators=operators, **ends)

    def _add(
        self, shape: Sequence[int], dtype: str, scales: list[float], zeros: list[int], axis: int, data: bytes
    ) -> Value:
        number, buffer = len(self._tensors), _NO_BUFFER
        if data:
            buffer = len(self._buffers)
            self._buffers.append(data)
        self._tensors.append(
            {"shape": shape, "dtype": dtype, "scales": scales, "zeros": zeros, "axis": axis, "buffer": buffer}
        )
        first = (scales[0], zeros[0]) if scales else (0.0, 0)
        return Value(number, tuple(shape), dtype, *first)

    def _tensor(self, builder: Any, tensor: dict[str, Any]) -> int:
        name = builder.CreateString(f"t{self._tensors.index(tensor)}")
        shape = _numbers(builder, tensor["shape"])
        quantization = _table(
            builder,
            "QuantizationParameters",
            Scale=builder.CreateNumpyVector(np.array(tensor["scales"], np.float32)),
            ZeroPoint=builder.CreateNumpyVector(np.array(tensor["zeros"], np.int64)),
            QuantizedDimension=tensor["axis"],
        )
        kind = getattr(TensorType, tensor["dtype"].upper())
        parts = {"Shape": shape, "Type": kind, "Buffer": tensor["buffer"], "Name": name}
        is_variable = bool(tensor.get("variable", False))
        return _table(builder, "Tensor", **parts, Quantization=quantization, IsVariable=is_variable)

    def _buffer(self, builder: Any, data: bytes) -> int:
        return _table(builder, "Buffer", Data=_bytes(builder, data)) if data else _table(builder, "Buffer")


def _end_numbers(graph: ModelBuilder) -> tuple[list[int], list[int]]:
    return [value.id for value in graph.ends[0]], [value.id for value in graph.ends[1]]


def _signature(builder: Any, key: str, subgraph: int) -> int:
    return _table(builder, "SignatureDef", SignatureKey=builder.CreateString(key), SubgraphIndex=subgraph)


def _code(builder: Any, name: str, version: int) -> int:
    if name in _CUSTOM:
        custom = builder.CreateString(_CUSTOM[name])
        code = BuiltinOperator.CUSTOM
        return _table(builder, "OperatorCode", DeprecatedBuiltinCode=code, BuiltinCode=code, CustomCode=custom)
    number = getattr(BuiltinOperator, name)
    return _table(builder, "OperatorCode", DeprecatedBuiltinCode=min(number, 127), BuiltinCode=number, Version=version)


def _operator(builder: Any, operator: _Operator, codes: list[tuple[str, int]]) -> int:
    stem = _OPTIONS.get(operator.name, "".join(word.capitalize() for word in operator.name.split("_")))
    parts: dict[str, int] = {}
    if operator.name in _CUSTOM:
        parts["CustomOptions"] = _bytes(builder, bytes(flexbuffers.Dumps(operator.options)))
    elif stem:
        values = {
            "".join(w[:1].upper() + w[1:] for w in key.split("_")): _field(builder, value)
            for key, value in operator.options.items()
        }
        parts["BuiltinOptionsType"] = getattr(BuiltinOptions, f"{stem}Options")
        parts["BuiltinOptions"] = _table(builder, f"{stem}Options", **values)
    inputs, outputs = _numbers(builder, operator.inputs), _numbers(builder, operator.outputs)
    place = codes.index((operator.name, operator.version))
    return _table(builder, "Operator", OpcodeIndex=place, Inputs=inputs, Outputs=outputs, **parts)


def _field(builder: Any, value: Any) -> Any:
    """A number as it is; a list of them as a vector; a text."""
    if isinstance(value, str):
        return builder.CreateString(value)
    return _numbers(builder, value) if isinstance(value, (list, tuple)) else value


def _table(builder: Any, name: str, **values: Any) -> int:
    module = importlib.import_module(f"tflite.{name}")
    getattr(module, f"{name}Start")(builder)
    for key, value in values.items():
        getattr(module, f"{name}Add{key}")(builder, value)
    return int(getattr(module, f"{name}End")(builder))


def _vector(builder: Any, offsets: list[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _numbers(builder: Any, values: Sequence[int]) -> int:
    return int(builder.CreateNumpyVector(np.array(values, np.int32)))


def _bytes(builder: Any, data: bytes) -> int:
    builder.StartVector(1, len(data), 16)
    builder.head -= len(data)
    builder.Bytes[builder.head : builder.head + len(data)] = data
    return int(builder.EndVector())
