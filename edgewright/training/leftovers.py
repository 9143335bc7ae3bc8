"""Operators that TensorFlow's quantizer leaves in float, though runtimes have them in int8.

SQUARE(a) is MUL(a, a) before it comes to it. ELU between DEQUANTIZE and QUANTIZE is ELU of int8: runtimes look it up in
a table. Files that have neither stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_TABLES = ("ELU",)


def multiplied(tflite: bytes) -> bytes:
    """A float model with its ranges, whose SQUARE operators multiply."""
    return _changed(tflite, ("SQUARE",), _multiply)


def closed(tflite: bytes) -> bytes:
    """A quantized model, whose operators between DEQUANTIZE and QUANTIZE that have a form in int8 are in it."""
    return _changed(tflite, _TABLES, _close)


def _changed(tflite: bytes, wanted: tuple[str, ...], change: Callable[[Any, Any, int], None]) -> bytes:
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    numbers = {getattr(schema.BuiltinOperator, name) for name in wanted}
    plain = schema.Model.GetRootAs(tflite, 0)
    codes = [plain.OperatorCodes(place) for place in range(plain.OperatorCodesLength())]
    if not numbers & {max(code.BuiltinCode(), code.DeprecatedBuiltinCode()) for code in codes}:
        return tflite
    file = flatbuffer_utils.convert_bytearray_to_object(bytearray(tflite))
    for number in numbers:
        change(file, schema, number)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(file))


def _multiply(file: Any, schema: Any, square: int) -> None:
    code = next(index for index, code in enumerate(file.operatorCodes) if _kind(code) == square)
    file.operatorCodes[code].builtinCode = schema.BuiltinOperator.MUL
    file.operatorCodes[code].deprecatedBuiltinCode = schema.BuiltinOperator.MUL
    for node in (node for graph in file.subgraphs for node in graph.operators if node.opcodeIndex == code):
        node.inputs = [node.inputs[0], node.inputs[0]]
        node.builtinOptionsType, node.builtinOptions = schema.BuiltinOptions.MulOptions, schema.MulOptionsT()


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
