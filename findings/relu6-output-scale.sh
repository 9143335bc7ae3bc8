#!/usr/bin/env bash
# Whose scale does an int8 RELU6 operator answer in?
#
# One would guess: an operator whose output tensor has a scale and zero point of its own answers in them. RELU of
#   TensorFlow Lite Micro does, and so do RELU and RELU6 of LiteRT.
# What happens: TensorFlow Lite Micro's RELU6 never looks at the output tensor's scale. It clamps between the codes of
#   0 and 6 in the *input's* scale and hands those codes on, which whatever follows reads in the output's scale. There
#   is no error: with an output of scale 6/255 and zero point -128, as is natural for [0, 6], 253 of the 256 codes
#   come out wrong, by up to half of the range.
# Versions: tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0, Python 3.11, Linux x86-64. Seen on 2026-11-29.
# For a user: converters fuse RELU6 into the layer before it where they can, and the fault does not show. Where they
#   cannot they write it with two scales: TFLiteConverter (TensorFlow 2.21) behind a PAD or as the first operator,
#   onnx2tf 2.6.9 for an ONNX Clip behind a transposition. Such a file is right on a phone and wrong on a
#   microcontroller. Look for RELU6 operators whose input and output differ in scale or zero point. The activation
#   written before the padding, where it can be fused, avoids it.
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

IN, OUT = (0.05, 0), (6 / 255, -128)  # scale, zero point: [-6.4, 6.35] and [0, 6]


def tensor(name, scale, zero_point):
    made = schema.TensorT()
    made.name, made.shape, made.type = name, [1, 256], schema.TensorType.INT8
    made.quantization = schema.QuantizationParametersT()
    made.quantization.scale, made.quantization.zeroPoint = [scale], [zero_point]
    return made


def activation(name):
    """An int8 model of one activation whose output has another scale than its input."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0], [1]
    graph = schema.SubGraphT()
    graph.tensors = [tensor("in", *IN), tensor("out", *OUT)]
    graph.inputs, graph.outputs, graph.operators = [0], [1], [operator]
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def by_litert(model, data):
    resolver = litert.OpResolverType.BUILTIN_REF
    interpreter = litert.Interpreter(model_content=model, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], data)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).astype(int)


def by_micro(model, data):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=20_000)
    interpreter.set_input(data, 0)
    interpreter.invoke()
    return interpreter.get_output(0).astype(int)


print(", ".join(f"{name} {version(name)}" for name in ("tflite-micro", "ai-edge-litert")))
codes = np.arange(-128, 128, dtype=np.int8).reshape(1, 256)
reals = codes * IN[0]
shown = [128, 148, 188, 255]
print(f"inputs {reals[0, shown].round(2).tolist()}")
far = {}
for name, top in (("RELU", np.inf), ("RELU6", 6.0)):
    model = activation(name)
    right = np.clip(np.round(np.clip(reals, 0, top) / OUT[0]) + OUT[1], -128, 127).astype(int)
    for who, run in (("LiteRT", by_litert), ("tflite-micro", by_micro)):
        got = run(model, codes)
        far[name, who] = abs(got - right)
        values = ((got[0, shown] - OUT[1]) * OUT[0]).round(2).tolist()
        print(f"{name:5} by {who:12}: codes {got[0, shown].tolist()}, read as {values};", end=" ")
        print(f"{(far[name, who] > 1).sum()} of 256 codes off by more than 1, by {far[name, who].max()} at most")
near = all(far[key].max() <= 1 for key in far if key != ("RELU6", "tflite-micro"))
if not (near and (far["RELU6", "tflite-micro"] > 1).sum() > 200):
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0
#   inputs [0.0, 1.0, 3.0, 6.35]
#   RELU  by LiteRT      : codes [-128, -85, 0, 127], read as [0.0, 1.01, 3.01, 6.0]; 0 of 256 codes off by more than 1, by 1 at most
#   RELU  by tflite-micro: codes [-128, -86, -1, 127], read as [0.0, 0.99, 2.99, 6.0]; 0 of 256 codes off by more than 1, by 1 at most
#   RELU6 by LiteRT      : codes [-128, -85, 0, 127], read as [0.0, 1.01, 3.01, 6.0]; 0 of 256 codes off by more than 1, by 1 at most
#   RELU6 by tflite-micro: codes [0, 20, 60, 120], read as [3.01, 3.48, 4.42, 5.84]; 253 of 256 codes off by more than 1, by 128 at most
