"""A .tflite whose constants are small, and whose values are float, as float throughout.

Converters store the weights of a float model as float16 or as int8 (dynamic range, weights only), and leave it to the
runtime to compute in float. TensorFlow's calibrator and quantizer take neither. What is done here is what runtimes do
with such a file: real = scale * (stored - zero point).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.tflite.graph import Graph, Tensor
from edgewright.tflite.reader import parse_model


def as_float(tflite: bytes, name: str) -> bytes:
    """The same model with float32 constants; byte for byte the same where they all are.

    Args:
        tflite: a model none of whose computed values is quantized, `edgewright.tflite.describe.computes_in_float`.
        name: for messages.
    """
    graph = parse_model(tflite, name)
    small = {number: tensor for number, tensor in graph.tensors.items() if _is_small(tensor)}
    return _rewritten(tflite, graph, {number: _real(tensor) for number, tensor in small.items()}) if small else tflite


def _is_small(tensor: Tensor) -> bool:
    return tensor.data is not None and (tensor.quantization is not None or tensor.dtype == "float16")


def _real(tensor: Tensor) -> NDArray[np.float32]:
    stored = np.asarray(tensor.data)
    if tensor.quantization is None:
        return stored.astype(np.float32)
    scales, zeros = tensor.quantization.scales, tensor.quantization.zero_points
    if tensor.quantization.per_channel:
        shape = [-1 if axis == tensor.quantization.axis else 1 for axis in range(stored.ndim)]
        scales, zeros = scales.reshape(shape), zeros.reshape(shape)
    return ((stored - zeros) * scales).astype(np.float32)


def _rewritten(tflite: bytes, graph: Graph, real: dict[int, NDArray[np.float32]]) -> bytes:
    """The file with these constants in the place of its own, and of the DEQUANTIZE operators that read them."""
    from tensorflow.lite.tools import flatbuffer_utils as files

    model: Any = files.read_model_from_bytearray(bytearray(tflite))
    subgraph = model.subgraphs[0]
    widened = {node.outputs[0]: node.inputs[0] for node in graph.nodes if node.op == "DEQUANTIZE"}
    widened = {output: source for output, source in widened.items() if source in real}
    kept = [operator for operator in subgraph.operators if operator.outputs[0] not in widened]
    for number, values in (real | {output: real[source] for output, source in widened.items()}).items():
        _put(files, model, subgraph.tensors[number], values)
    subgraph.operators = kept
    _drop_unused_codes(model)
    return bytes(files.convert_object_to_bytearray(model))


def _drop_unused_codes(model: Any) -> None:
    """Runtimes refuse a file for an operator that it lists and nothing uses, where they lack its version."""
    operators = [operator for subgraph in model.subgraphs for operator in subgraph.operators]
    used = sorted({operator.opcodeIndex for operator in operators})
    model.operatorCodes = [model.operatorCodes[index] for index in used]
    for operator in operators:
        operator.opcodeIndex = used.index(operator.opcodeIndex)


def _put(files: Any, model: Any, tensor: Any, values: NDArray[np.float32]) -> None:
    """A buffer of its own with the values: another tensor may share the one that it has."""
    buffer = files.schema_fb.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    model.buffers.append(buffer)
    tensor.buffer = len(model.buffers) - 1
    tensor.type, tensor.quantization, tensor.sparsity = files.schema_fb.TensorType.FLOAT32, None, None
