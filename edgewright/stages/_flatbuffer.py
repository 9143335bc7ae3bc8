"""What the quantize stage reports of a .tflite file: tensors, operators, constants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray

FLOATS = ("FLOAT32", "FLOAT16", "FLOAT64", "BFLOAT16")
NUMPY = {
    "FLOAT32": np.float32,
    "FLOAT16": np.float16,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
}


@dataclass(frozen=True)
class Tensor:
    """A tensor of the first subgraph.

    `scale`, `zero_point`: of per-tensor quantization, None without it; `maker`: the operator that computes it, "input"
    or "constant"; `data`: the elements of a constant, empty otherwise.
    """

    name: str
    shape: list[int]
    dtype: str
    scale: float | None
    zero_point: int | None
    quantized: bool
    maker: str
    data: bytes

    def as_json(self) -> dict[str, Any]:
        """The keys that quantize.json has of an input or output."""
        kept = {"name": self.name, "shape": self.shape, "dtype": self.dtype.lower()}
        return kept | {"scale": self.scale, "zero_point": self.zero_point}


def describe(model: bytes) -> dict[str, Any]:
    """Inputs, outputs, operators in order, and how many weights (biases too) there are and are not zero."""
    graph = tflite.Model.GetRootAs(model, 0).Subgraphs(0)
    tensors = _tensors(model)
    weights = [_elements(tensor) for tensor in tensors if _is_weight(tensor)]
    return {
        "inputs": [tensors[graph.Inputs(index)].as_json() for index in range(graph.InputsLength())],
        "outputs": [tensors[graph.Outputs(index)].as_json() for index in range(graph.OutputsLength())],
        "ops": [name for name, _ in _operators(model)],
        "weights": sum(elements.size for elements in weights),
        "nonzero_weights": int(sum(np.count_nonzero(elements) for elements in weights)),
    }


def float_tensors(model: bytes) -> list[Tensor]:
    """All tensors of a float type that operators read or write, in the order of the file.

    What an LSTM lists as intermediates are places for scales, and no values.
    """
    used = _used(model)
    return [tensor for index, tensor in enumerate(_tensors(model)) if index in used and tensor.dtype in FLOATS]


def operators_with_names(model: bytes) -> list[tuple[str, str]]:
    """Each operator of the first subgraph in order, and the name of the first tensor that it makes."""
    graph = tflite.Model.GetRootAs(model, 0).Subgraphs(0)
    return [(op, graph.Tensors(made[0]).Name().decode(errors="replace")) for op, made in _operators(model) if made]


def _used(data: bytes) -> set[int]:
    """Numbers of the tensors that are inputs or outputs of an operator, or of the model."""
    graph = tflite.Model.GetRootAs(data, 0).Subgraphs(0)
    found = set(graph.InputsAsNumpy()) | set(graph.OutputsAsNumpy())
    for index in range(graph.OperatorsLength()):
        operator = graph.Operators(index)
        found.update(operator.Inputs(n) for n in range(operator.InputsLength()))
        found.update(operator.Outputs(n) for n in range(operator.OutputsLength()))
    return {int(number) for number in found}


def _is_weight(tensor: Tensor) -> bool:
    """A constant that was learned: of a float type or quantized. Shapes and axes are neither."""
    return tensor.maker == "constant" and bool(tensor.data) and (tensor.quantized or tensor.dtype in FLOATS)


def _elements(tensor: Tensor) -> NDArray[Any]:
    return np.frombuffer(tensor.data, NUMPY[tensor.dtype])


def _tensors(data: bytes) -> list[Tensor]:
    model = tflite.Model.GetRootAs(data, 0)
    graph = model.Subgraphs(0)
    makers = {output: name for name, outputs in _operators(data) for output in outputs}
    inputs = {graph.Inputs(index) for index in range(graph.InputsLength())}
    found = []
    for index in range(graph.TensorsLength()):
        maker = "input" if index in inputs else makers.get(index, "constant")
        found.append(_tensor(model, graph.Tensors(index), maker))
    return found


def _tensor(model: Any, tensor: Any, maker: str) -> Tensor:
    quantization = tensor.Quantization()
    scales = quantization.ScaleLength() if quantization is not None else 0
    content = model.Buffers(tensor.Buffer()).DataAsNumpy() if model.Buffers(tensor.Buffer()).DataLength() else None
    return Tensor(
        name=tensor.Name().decode(errors="replace"),
        shape=[int(tensor.Shape(axis)) for axis in range(tensor.ShapeLength())],
        dtype=_names(tflite.TensorType)[tensor.Type()],
        scale=float(quantization.Scale(0)) if scales == 1 else None,
        zero_point=int(quantization.ZeroPoint(0)) if scales == 1 else None,
        quantized=scales > 0,
        maker=maker,
        data=b"" if content is None else content.tobytes(),
    )


def _operators(data: bytes) -> Iterator[tuple[str, list[int]]]:
    """Name of each operator, and the tensors that it makes."""
    model = tflite.Model.GetRootAs(data, 0)
    graph = model.Subgraphs(0)
    for index in range(graph.OperatorsLength()):
        operator = graph.Operators(index)
        code = model.OperatorCodes(operator.OpcodeIndex())
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())  # old files fill the deprecated field alone
        yield _names(tflite.BuiltinOperator)[number], [operator.Outputs(n) for n in range(operator.OutputsLength())]


@cache
def _names(enumeration: Any) -> dict[int, str]:
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}
