#!/usr/bin/env bash
# Does an int32 ADD with a fused RELU end at 0?
#
# One would guess: yes. ADD has a fused activation for every type, converters fuse a RELU that follows into it, and a
#   runtime that cannot do so refuses the model.
# What happens: TensorFlow Lite Micro loads the model and leaves the activation out. Of int32, -9 + 2 with a fused RELU
#   is -7, and 9 + 2 with a fused RELU6 is 11. LiteRT clamps, and both clamp float32. No error, no warning.
# Versions: tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0, Python 3.11, Linux x86-64. Seen on 2026-11-29.
# For a user: index arithmetic that clamps by a RELU behind an ADD (tf.nn.relu(a + b) of int32) is not clamped on a
#   microcontroller. Write tf.maximum(a + b, 0), which stays an operator of its own.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet \
  ai-edge-litert==2.3.0 tflite-micro==0.dev20261023182759 numpy==1.26.4 flatbuffers==25.12.19

"$dir/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import flatbuffers
import numpy as np
from ai_edge_litert import interpreter as litert
from ai_edge_litert import schema_py_generated as schema
from tflite_micro.python.tflite_micro import runtime


SUMS = [-9 + 2, -2 + 2, 1 + 2, 9 + 2]
CLAMPED = {"NONE": SUMS, "RELU": [max(x, 0) for x in SUMS], "RELU6": [min(max(x, 0), 6) for x in SUMS]}


def sum_of(kind, activation):
    """A model that adds two inputs of four elements, with a fused activation."""
    tensors = []
    for name in ("a", "b", "sum"):
        made = schema.TensorT()
        made.name, made.shape, made.type = name, [1, 4], getattr(schema.TensorType, kind)
        tensors.append(made)
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.ADD
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0, 1], [2]
    operator.builtinOptionsType = schema.BuiltinOptions.AddOptions
    operator.builtinOptions = schema.AddOptionsT()
    operator.builtinOptions.fusedActivationFunction = getattr(schema.ActivationFunctionType, activation)
    graph = schema.SubGraphT()
    graph.tensors, graph.operators, graph.inputs, graph.outputs = tensors, [operator], [0, 1], [2]
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def by_micro(model, a, b):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=20_000)
    interpreter.set_input(a, 0)
    interpreter.set_input(b, 1)
    interpreter.invoke()
    return interpreter.get_output(0)[0].tolist()


def by_litert(model, a, b):
    interpreter = litert.Interpreter(model_content=model)
    interpreter.allocate_tensors()
    for details, data in zip(interpreter.get_input_details(), (a, b)):
        interpreter.set_tensor(details["index"], data)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0].tolist()


print(", ".join(f"{name} {version(name)}" for name in ("tflite-micro", "ai-edge-litert")))
as_seen = True
for kind in ("FLOAT32", "INT32"):
    a, b = (np.array([values], kind.lower()) for values in ([-9, -2, 1, 9], [2, 2, 2, 2]))
    for activation, right in CLAMPED.items():
        model = sum_of(kind, activation)
        micro, lite = by_micro(model, a, b), by_litert(model, a, b)
        print(f"{kind:7} {activation:5} TensorFlow Lite Micro {micro}, LiteRT {lite}")
        as_seen = as_seen and lite == right and micro == (SUMS if kind == "INT32" else right)
if not as_seen:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0
#   FLOAT32 NONE  TensorFlow Lite Micro [-7.0, 0.0, 3.0, 11.0], LiteRT [-7.0, 0.0, 3.0, 11.0]
#   FLOAT32 RELU  TensorFlow Lite Micro [0.0, 0.0, 3.0, 11.0], LiteRT [0.0, 0.0, 3.0, 11.0]
#   FLOAT32 RELU6 TensorFlow Lite Micro [0.0, 0.0, 3.0, 6.0], LiteRT [0.0, 0.0, 3.0, 6.0]
#   INT32   NONE  TensorFlow Lite Micro [-7, 0, 3, 11], LiteRT [-7, 0, 3, 11]
#   INT32   RELU  TensorFlow Lite Micro [-7, 0, 3, 11], LiteRT [0, 0, 3, 11]
#   INT32   RELU6 TensorFlow Lite Micro [-7, 0, 3, 11], LiteRT [0, 0, 3, 6]
