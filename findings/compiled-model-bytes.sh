#!/usr/bin/env bash
# What does LiteRT's CompiledModel do with an array of the wrong type, or one that is too short?
#
# One would guess: it refuses, as its Interpreter does ("Got value of type FLOAT32 but expected type INT8", "Dimension
#   mismatch"); the buffer that it makes for an input knows its type and shape.
# What happens: TensorBuffer.write copies bytes. Eight float32 values for an input of 32 int8 values are taken as 32 bytes,
#   and a bool array as zeros and ones; ten values leave the 22 others as they were, which are those of the sample
#   before. An array that is too large is refused. TensorBuffer.read gives int8 answers as float32, if that is asked for,
#   as bits. Nothing is said in any of these cases.
# Versions: ai-edge-litert 2.3.0, numpy 1.26.4, Python 3.11, Linux x86-64. Seen on 2026-11-30.
# For a user: code that moves from Interpreter to CompiledModel loses the check that found samples that nobody had
#   quantized: float pixels go in and classes come out. Compare dtype and size with get_input_tensor_details() first.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet ai-edge-litert==2.3.0 numpy==1.26.4 flatbuffers==25.12.19

cd "$dir"
"$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import sys
from importlib.metadata import version

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.compiled_model import CompiledModel
from ai_edge_litert.interpreter import Interpreter


def absolute():
    """A model of one operator: ABS of 32 int8 values."""
    graph = schema.SubGraphT()
    graph.tensors = []
    for name in ("in", "out"):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, [1, 32], schema.TensorType.INT8, 0
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint = [1.0], [0]
        graph.tensors.append(tensor)
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0], [1]
    operator.builtinOptionsType, operator.builtinOptions = schema.BuiltinOptions.AbsOptions, schema.AbsOptionsT()
    graph.inputs, graph.outputs, graph.operators = [0], [1], [operator]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.ABS
    code.version = 2
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


MODEL = absolute()


def by_interpreter(data):
    interpreter = Interpreter(model_content=MODEL)
    interpreter.allocate_tensors()
    try:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], data)
    except ValueError as error:
        return f"ValueError: {str(error).split('.')[0]}"
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).ravel()


compiled = CompiledModel.from_buffer(MODEL)
inputs, outputs = compiled.create_input_buffers(0), compiled.create_output_buffers(0)


def by_compiled(data):
    try:
        inputs[0].write(data)
    except (RuntimeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    compiled.run_by_index(0, inputs, outputs)
    return outputs[0].read(32, np.int8)


def magnitudes(values):
    return np.minimum(np.abs(values.astype(int)), 127)  # |-128| is clamped


floats = np.array([[0.1, -0.5, 1.0, 2.0, -2.0, 0.25, -1.5, 3.0]], np.float32)
CASES = [
    ("int8, 32 of them", np.arange(-20, 12, dtype=np.int8)[None], np.abs(np.arange(-20, 12))),
    ("float32, 8 of them", floats, magnitudes(np.frombuffer(floats.tobytes(), np.int8))),
    ("bool, 32 of them", np.arange(32)[None] % 2 == 1, np.arange(32) % 2),
    ("int8, 10 of them", np.full((1, 10), 7, np.int8), np.concatenate([[7] * 10, np.arange(10, 32) % 2])),
    ("float32, 32 of them", np.ones((1, 32), np.float32), None),
]
print(f"ai-edge-litert {version('ai-edge-litert')}")
changed = False
for name, data, expected in CASES:
    interpreter, answer = by_interpreter(data), by_compiled(data)
    print(name)
    print(f"    Interpreter   {interpreter if isinstance(interpreter, str) else interpreter.tolist()}")
    print(f"    CompiledModel {answer if isinstance(answer, str) else answer.tolist()}")
    changed = changed or isinstance(interpreter, str) != (name != CASES[0][0])
    changed = changed or (not isinstance(answer, str) if expected is None else not np.array_equal(answer, expected))
by_compiled(CASES[0][1])
as_floats = outputs[0].read(8, np.float32)
print(f"read as 8 float32: {as_floats.tolist()}")
changed = changed or not np.array_equal(as_floats.view(np.int8), CASES[0][2])
if changed:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   ai-edge-litert 2.3.0
#   int8, 32 of them
#       Interpreter   [20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
#       CompiledModel [20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
#   float32, 8 of them
#       Interpreter   ValueError: Cannot set tensor: Got value of type FLOAT32 but expected type INT8 for input 0, name: in 
#       CompiledModel [51, 52, 52, 61, 0, 0, 0, 65, 0, 0, 127, 63, 0, 0, 0, 64, 0, 0, 0, 64, 0, 0, 127, 62, 0, 0, 64, 65, 0, 0, 64, 64]
#   bool, 32 of them
#       Interpreter   ValueError: Cannot set tensor: Got value of type BOOL but expected type INT8 for input 0, name: in 
#       CompiledModel [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]
#   int8, 10 of them
#       Interpreter   ValueError: Cannot set tensor: Dimension mismatch
#       CompiledModel [7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]
#   float32, 32 of them
#       Interpreter   ValueError: Cannot set tensor: Got value of type FLOAT32 but expected type INT8 for input 0, name: in 
#       CompiledModel RuntimeError: WriteTensorBuffer: source buffer is larger than the tensor buffer
#   read as 8 float32: [1.1523248117382014e-28, 4.377525916134508e-31, 1.6616339986002605e-33, 6.301941157072183e-36, 2.387939260590663e-38, 3.820471434542632e-37, 1.0082513512365273e-34, 2.658462758989161e-32]
