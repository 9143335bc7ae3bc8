"""Operators that TensorFlow's quantizer leaves in float, though runtimes have them in int8.

ELU between DEQUANTIZE and QUANTIZE is ELU of int8: runtimes look it up in a table. What has another form in int8 is
in that before it is quantized (`edgewright.passes.tflite_model.quantizable`).
"""

from __future__ import annotations

from typing import Any

from edgewright.passes.tflite_model.model import kinds_of

_TABLES = {"ELU"}


def closed(tflite: bytes) -> bytes:
    """A quantized model, whose operators between DEQUANTIZE and QUANTIZE that have a form in int8 are in it."""
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    found = _TABLES & kinds_of(tflite)
    if not found:
        return tflite
    file = flatbuffer_utils.convert_bytearray_to_object(bytearray(tflite))
    for name in found:
        _close(file, schema, getattr(schema.BuiltinOperator, name))
    return bytes(flatbuffer_utils.convert_object_to_bytearray(file))


def _kind(code: Any) -> int:
    return max(int(code.builtinCode), int(code.deprecatedBuiltinCode))


def _close(file: Any, schema: Any, table: int) -> None:
    kinds = [_kind(code) for code in file.operatorCodes]
    for graph in file.subgraphs:
        makers = {int(output): node for node in graph.operators for output in node.outputs}
        for node in [node for node in graph.operators if kinds[node.opcodeIndex] == table]:
            before, after = makers.get(int(node.inputs[0])), _only_reader(graph, int(node.outputs[0]))
            pair = [None if each is None else kinds[each.opcodeIndex] for each in (before, after)]
            if before and after and pair == [schema.BuiltinOperator.DEQUANTIZE, schema.BuiltinOperator.QUANTIZE]:
                floats = int(before.outputs[0])
                node.inputs, node.outputs = [before.inputs[0]], [after.outputs[0]]
                done = [after] if floats in graph.outputs or _readers(graph, floats) else [before, after]
                graph.operators = [each for each in graph.operators if all(each is not gone for gone in done)]


def _readers(graph: Any, tensor: int) -> list[Any]:
    return [node for node in graph.operators if tensor in node.inputs]


def _only_reader(graph: Any, tensor: int) -> Any:
    found = _readers(graph, tensor)
    return found[0] if len(found) == 1 and tensor not in graph.outputs else None
