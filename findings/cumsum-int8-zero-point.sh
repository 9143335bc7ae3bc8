#!/usr/bin/env bash
# Where does TensorFlow Lite Micro's int8 CUMSUM begin to count?
#
# One would guess: a running sum begins at the real value 0, whatever the zero points of its input and output.
# What happens: it begins at minus the input's zero point times the input's scale. Every output is off by this one
#   constant: with inputs of scale 0.1 and zero point -128 the running sums 1, 2 and 3 come out as 13.8, 14.8 and
#   15.8. The answer is right where the input's zero point is 0. ZEROS_LIKE has a fault of the same kind: it writes
#   the code 0 and not the zero point, so that "zero" has the value -zero_point * scale. Neither can be held against
#   LiteRT, which has no int8 form of both.
# Versions: tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0 (for its schema, and to show that it refuses),
#   Python 3.11, Linux x86-64. Seen on 2026-11-29.
# For a user: an int8 file with CUMSUM or ZEROS_LIKE is right with TensorFlow Lite Micro only where the input's zero
#   point is 0. "Runs on the target" is no proof for operators that LiteRT cannot run: compare with arithmetic on
#   dequantized values.
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

IN_SCALE, OUT_SCALE, OUT_ZERO_POINT = 0.1, 0.2, -5


def tensor(name, shape, kind, scale=None, zero_point=0, buffer=0):
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = name, shape, getattr(schema.TensorType, kind), buffer
    if scale:
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [scale], [zero_point]
    return made


def one_operator(name, options, tensors, inputs):
    """An int8 model of one operator; its first tensor is the input, its last the output, buffer 1 holds the axis 1."""
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, name)
    code.deprecatedBuiltinCode = min(code.builtinCode, schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES)
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = inputs, [len(tensors) - 1]
    operator.builtinOptions = options
    operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
    graph = schema.SubGraphT()
    graph.tensors, graph.operators = tensors, [operator]
    graph.inputs, graph.outputs = [0], operator.outputs
    axis = schema.BufferT()
    axis.data = np.frombuffer(np.array(1, "<i4").tobytes(), np.uint8)
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT(), axis]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def running_sum(zero_point):
    tensors = [tensor("in", [1, 3], "INT8", IN_SCALE, zero_point), tensor("axis", [], "INT32", buffer=1)]
    tensors.append(tensor("out", [1, 3], "INT8", OUT_SCALE, OUT_ZERO_POINT))
    return one_operator("CUMSUM", schema.CumsumOptionsT(), tensors, [0, 1])


def zeros(zero_point):
    tensors = [tensor(name, [1, 3], "INT8", IN_SCALE, zero_point) for name in ("in", "out")]
    return one_operator("ZEROS_LIKE", schema.ZerosLikeOptionsT(), tensors, [0])


def by_micro(model, codes):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=20_000)
    interpreter.set_input(codes, 0)
    interpreter.invoke()
    return interpreter.get_output(0).astype(float)


def refused_by_litert(model, codes):
    interpreter = litert.Interpreter(model_content=model)
    try:
        interpreter.allocate_tensors()
        interpreter.set_tensor(0, codes)
        interpreter.invoke()
    except RuntimeError as error:
        return str(error).split(".Node")[0]
    return None


print(", ".join(f"{name} {version(name)}" for name in ("tflite-micro", "ai-edge-litert")))
as_seen = True
for zero_point in (0, 3, 20, -20, -128):
    codes = np.array([[10, 10, 10]], np.int8) + np.int8(zero_point)
    right = np.cumsum((codes - float(zero_point)) * IN_SCALE)
    got = ((by_micro(running_sum(zero_point), codes) - OUT_ZERO_POINT) * OUT_SCALE)[0]
    zero = (by_micro(zeros(zero_point), codes)[0, 0] - zero_point) * IN_SCALE
    sums = f"running sums {got.round(2).tolist()}, right {right.round(2).tolist()}"
    print(f"zero point {zero_point:4}: {sums}; zero {zero:.1f}")
    off = -zero_point * IN_SCALE
    as_seen = as_seen and np.allclose(got, right + off, atol=OUT_SCALE) and np.isclose(zero, off)
refusals = [refused_by_litert(model(3), np.zeros((1, 3), np.int8)) for model in (running_sum, zeros)]
print("LiteRT:", *refusals, sep="\n  ")
if not (as_seen and all(refusals)):
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0
#   zero point    0: running sums [1.0, 2.0, 3.0], right [1.0, 2.0, 3.0]; zero 0.0
#   zero point    3: running sums [0.8, 1.8, 2.8], right [1.0, 2.0, 3.0]; zero -0.3
#   zero point   20: running sums [-1.0, 0.0, 1.0], right [1.0, 2.0, 3.0]; zero -2.0
#   zero point  -20: running sums [3.0, 4.0, 5.0], right [1.0, 2.0, 3.0]; zero 2.0
#   zero point -128: running sums [13.8, 14.8, 15.8], right [1.0, 2.0, 3.0]; zero 12.8
#   LiteRT:
#     tflite/kernels/cumsum.cc:68 input->type == kTfLiteInt32 || input->type == kTfLiteFloat32 || input->type == kTfLiteInt64 was not true
#     ZerosLike only currently supports int64, int32, and float32, got 9
