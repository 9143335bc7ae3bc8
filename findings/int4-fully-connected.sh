#!/usr/bin/env bash
# Does TensorFlow Lite Micro run the FULLY_CONNECTED layers of an int4 model?
#
# One would guess: FULLY_CONNECTED and CONV_2D with int4 weights and int8 activations run alike, or are refused alike;
#   both kernels have code that unpacks int4.
# What happens: CONV_2D runs with one scale for each channel. FULLY_CONNECTED runs with one scale for the tensor alone;
#   with a scale for each channel, which is what ai-edge-quantizer's static_wi4_ai8 writes, allocation fails. LiteRT
#   runs all three.
# Versions: tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0, Python 3.11, Linux x86-64. Seen on 2026-11-29.
# For a user: "int4 runs" holds for the layers, not for the model. Before a model goes to a microcontroller, keep its
#   dense layers in int8, or quantize them to int4 with one scale a tensor.
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


OUT, DEPTH = 3, 8


def tensor(name, shape, kind, scales, buffer=0):
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = name, shape, getattr(schema.TensorType, kind), buffer
    made.quantization = schema.QuantizationParametersT()
    made.quantization.scale, made.quantization.zeroPoint = scales, [0] * len(scales)
    return made


def layer(op, scales):
    """A model of one layer of int8 data with int4 weights, and its weights as numbers."""
    weights = np.random.default_rng(4).integers(-7, 8, (OUT, DEPTH))
    flat = weights.reshape(-1).astype(np.uint8) & 15
    packed = schema.BufferT()
    packed.data = (flat[::2] | flat[1::2] << 4).astype(np.uint8)
    is_conv = op == "CONV_2D"
    before, after, kernel = [1, DEPTH], [1, OUT], [OUT, DEPTH]
    if is_conv:
        before, after, kernel = [1, 1, 1, DEPTH], [1, 1, 1, OUT], [OUT, 1, 1, DEPTH]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, op)
    code.version = 8 if is_conv else 12
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0, 1, 2], [3]
    name = "Conv2DOptions" if is_conv else "FullyConnectedOptions"
    operator.builtinOptionsType = getattr(schema.BuiltinOptions, name)
    operator.builtinOptions = getattr(schema, name + "T")()
    if is_conv:
        options = operator.builtinOptions
        options.strideH = options.strideW = options.dilationHFactor = options.dilationWFactor = 1
    graph = schema.SubGraphT()
    graph.tensors = [tensor("in", before, "INT8", [0.5]), tensor("weights", kernel, "INT4", scales, 1)]
    graph.tensors.append(tensor("bias", [OUT], "INT32", [0.5 * scale for scale in scales], 2))
    graph.tensors.append(tensor("out", after, "INT8", [1.0]))
    graph.operators, graph.inputs, graph.outputs = [operator], [0], [3]
    bias = schema.BufferT()
    bias.data = np.zeros(4 * OUT, np.uint8)
    buffers = [schema.BufferT(), packed, bias]
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], buffers
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output()), weights


def by_micro(model, data):
    try:
        interpreter = runtime.Interpreter.from_bytes(model, arena_size=20_000)
    except RuntimeError as error:
        return f"refused: {error}"
    interpreter.set_input(data, 0)
    interpreter.invoke()
    return interpreter.get_output(0).reshape(-1).tolist()


def by_litert(model, data):
    interpreter = litert.Interpreter(model_content=model)
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, data)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).reshape(-1).tolist()


print(", ".join(f"{name} {version(name)}" for name in ("tflite-micro", "ai-edge-litert")))
data = np.array([4, -8, 12, 16, -20, 24, 28, -32], np.int8)
as_seen = True
CASES = [("CONV_2D", [0.25, 0.5, 0.125]), ("FULLY_CONNECTED", [0.25]), ("FULLY_CONNECTED", [0.25, 0.5, 0.125])]
for op, scales in CASES:
    model, weights = layer(op, scales)
    right = weights @ data.astype(int) * 0.5 * np.array(scales)
    fed = data.reshape([1, 1, 1, DEPTH] if op == "CONV_2D" else [1, DEPTH])
    micro, lite = by_micro(model, fed), by_litert(model, fed)
    print(f"{op:15} {len(scales)} scales: TensorFlow Lite Micro {micro}, LiteRT {lite}, right {right.tolist()}")
    refuses = op == "FULLY_CONNECTED" and len(scales) > 1
    as_seen = as_seen and np.allclose(lite, right, atol=1)
    as_seen = as_seen and (isinstance(micro, str) if refuses else np.allclose(micro, right, atol=1))
if not as_seen:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0
#   CONV_2D         3 scales: TensorFlow Lite Micro [56, 45, -5], LiteRT [56, 45, -5], right [55.5, 45.0, -5.0]
#   FULLY_CONNECTED 1 scales: TensorFlow Lite Micro [56, 23, -10], LiteRT [56, 22, -10], right [55.5, 22.5, -10.0]
#   FULLY_CONNECTED 3 scales: TensorFlow Lite Micro refused: TFLM failed to allocate tensors, LiteRT [56, 45, -5], right [55.5, 45.0, -5.0]
