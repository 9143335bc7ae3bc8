#!/usr/bin/env bash
# Does OpenVINO give the largest value of an int8 .tflite model's global maximum pooling?
#
# One would guess: yes. OpenVINO reads .tflite files, and the greatest of int8 numbers needs no arithmetic that could
#   round: input and output of REDUCE_MAX have one scale and one zero point.
# What happens: on the CPU, where the tensor has more than two dimensions and a scale as quantizers write it, no answer is
#   above -1: what should be 120 is -1, what should be 0 is -1, what should be -51 is -51. REDUCE_MIN does the same. With
#   scale 1 and zero point 0, with two dimensions or with uint8 all answers are right. Nothing is said.
# Versions: openvino 2026.4.1, ai-edge-litert 2.3.0, Python 3.11, Linux x86-64 with AVX-512. Seen on 2026-11-30.
# For a user: GlobalMaxPooling2D of Keras becomes REDUCE_MAX. A network of int8 that has it is right on a phone and a
#   microcontroller and blind on a PC with OpenVINO: hold its answers against LiteRT's before they are believed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet openvino==2026.4.1 ai-edge-litert==2.3.0 numpy==1.26.4 flatbuffers==25.12.19

cd "$dir"
"$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import sys
from importlib.metadata import version

import flatbuffers
import numpy as np
import openvino
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType


def reduction(name, kind, shape, axes, scale, zero_point):
    """A model of one operator; input and output have one scale and one zero point."""
    rest = [size for axis, size in enumerate(shape) if axis not in axes]
    graph = schema.SubGraphT()
    graph.tensors = []
    for label, size, type_, buffer in (("in", shape, kind, 0), ("axes", [len(axes)], "INT32", 1), ("out", rest, kind, 0)):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = label, size, getattr(schema.TensorType, type_), buffer
        if type_ == kind:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [zero_point]
        graph.tensors.append(tensor)
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0, 1], [2]
    operator.builtinOptionsType = schema.BuiltinOptions.ReducerOptions
    operator.builtinOptions = schema.ReducerOptionsT()
    graph.inputs, graph.outputs, graph.operators = [0], [2], [operator]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    code.version = 2
    numbers = schema.BufferT()
    numbers.data = np.frombuffer(np.array(axes, "<i4").tobytes(), np.uint8)
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    model.buffers = [schema.BufferT(), numbers]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def by_openvino(path, data):
    core = openvino.Core()
    model = core.compile_model(core.read_model(path), "CPU")
    return np.array(next(iter(model([data]).values()))).ravel()


def by_litert(path, data):
    interpreter = Interpreter(path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], data)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).ravel()


CASES = [  # operator, type, shape, axes, scale, zero point, is OpenVINO right?
    ("REDUCE_MAX", "INT8", [1, 4, 4, 3], [1, 2], 0.05, 2, False),
    ("REDUCE_MAX", "INT8", [1, 8, 3], [1], 0.05, 2, False),
    ("REDUCE_MAX", "INT8", [1, 4, 4, 3], [1, 2], 1.0, 0, True),
    ("REDUCE_MAX", "INT8", [1, 8], [1], 0.05, 2, True),
    ("REDUCE_MAX", "UINT8", [1, 4, 4, 3], [1, 2], 0.05, 2, True),
    ("REDUCE_MIN", "INT8", [1, 4, 4, 3], [1, 2], 0.05, 2, False),
]
print(", ".join(f"{name} {version(name)}" for name in ("openvino", "ai-edge-litert")))
changed = False
for name, kind, shape, axes, scale, zero_point, right in CASES:
    with open("model.tflite", "wb") as file:
        file.write(reduction(name, kind, shape, axes, scale, zero_point))
    print(f"{name} {kind} {shape}, scale {scale}, zero point {zero_point}")
    seen = True
    for least, most in ((-100, -50), (-20, 1), (0, 50), (100, 121)):
        if kind == "UINT8":
            least, most = least + 128, most + 128
        data = np.random.default_rng(1).integers(least, most, shape).astype(kind.lower())
        data.flat[-1] = most - 1
        theirs, litert = by_openvino("model.tflite", data), by_litert("model.tflite", data)
        print(f"    {least} to {most - 1}: LiteRT {litert.tolist()}, OpenVINO {theirs.tolist()}")
        seen = seen and np.array_equal(theirs, litert)
        changed = changed or (not right and not np.array_equal(theirs, np.minimum(litert, -1)))
    changed = changed or seen != right
if changed:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   openvino 2026.4.1, ai-edge-litert 2.3.0
#   REDUCE_MAX INT8 [1, 4, 4, 3], scale 0.05, zero point 2
#       -100 to -51: LiteRT [-53, -53, -51], OpenVINO [-53, -53, -51]
#       -20 to 0: LiteRT [-1, -1, 0], OpenVINO [-1, -1, -1]
#       0 to 49: LiteRT [47, 47, 49], OpenVINO [-1, -1, -1]
#       100 to 120: LiteRT [119, 119, 120], OpenVINO [-1, -1, -1]
#   REDUCE_MAX INT8 [1, 8, 3], scale 0.05, zero point 2
#       -100 to -51: LiteRT [-53, -53, -51], OpenVINO [-53, -53, -51]
#       -20 to 0: LiteRT [-1, -1, 0], OpenVINO [-1, -1, -1]
#       0 to 49: LiteRT [47, 47, 49], OpenVINO [-1, -1, -1]
#       100 to 120: LiteRT [119, 119, 120], OpenVINO [-1, -1, -1]
#   REDUCE_MAX INT8 [1, 4, 4, 3], scale 1.0, zero point 0
#       -100 to -51: LiteRT [-53, -53, -51], OpenVINO [-53, -53, -51]
#       -20 to 0: LiteRT [-1, -1, 0], OpenVINO [-1, -1, 0]
#       0 to 49: LiteRT [47, 47, 49], OpenVINO [47, 47, 49]
#       100 to 120: LiteRT [119, 119, 120], OpenVINO [119, 119, 120]
#   REDUCE_MAX INT8 [1, 8], scale 0.05, zero point 2
#       -100 to -51: LiteRT [-51], OpenVINO [-51]
#       -20 to 0: LiteRT [0], OpenVINO [0]
#       0 to 49: LiteRT [49], OpenVINO [49]
#       100 to 120: LiteRT [120], OpenVINO [120]
#   REDUCE_MAX UINT8 [1, 4, 4, 3], scale 0.05, zero point 2
#       28 to 77: LiteRT [75, 75, 77], OpenVINO [75, 75, 77]
#       108 to 128: LiteRT [127, 127, 128], OpenVINO [127, 127, 128]
#       128 to 177: LiteRT [175, 175, 177], OpenVINO [175, 175, 177]
#       228 to 248: LiteRT [247, 247, 248], OpenVINO [247, 247, 248]
#   REDUCE_MIN INT8 [1, 4, 4, 3], scale 0.05, zero point 2
#       -100 to -51: LiteRT [-97, -100, -93], OpenVINO [-97, -100, -93]
#       -20 to 0: LiteRT [-19, -20, -17], OpenVINO [-19, -20, -17]
#       0 to 49: LiteRT [3, 0, 7], OpenVINO [-1, -1, -1]
#       100 to 120: LiteRT [101, 100, 103], OpenVINO [-1, -1, -1]
