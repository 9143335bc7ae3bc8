#!/usr/bin/env bash
# How exact is RESIZE_BILINEAR of int8?
#
# One would guess: interpolation of int8 pixels is float interpolation, rounded: at most one step of 255 off.
# What happens: LiteRT's own int8 kernels and TensorFlow Lite Micro's step through the input in units of 1/1024 pixel,
#   with the ratio of the sizes rounded once. Where in / out is no multiple of 1/1024 the position drifts further with
#   every pixel. From 64 to 224 pixels the right and lower edge are taken a tenth of a pixel aside, which is up to 30
#   steps of 255 for noise. LiteRT with its default XNNPACK delegate does not drift: half a step. A factor of 2 is
#   exact in all of them.
# Versions: ai-edge-litert 2.3.0, tflite-micro 0.dev20261023182759, Python 3.11, Linux x86-64. Seen on 2026-11-29.
# For a user: one file gives different pictures on a phone and on a microcontroller, and accuracy measured with the
#   default interpreter is not that of the firmware. Prefer ratios that are powers of two (UpSampling2D by 2), or
#   resize before the network.
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


def tensor(name, shape, kind, buffer=0):
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = name, shape, getattr(schema.TensorType, kind), buffer
    if kind == "INT8":
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [1.0], [0]
    return made


def resize(kind, before, after):
    """A model of one RESIZE_BILINEAR with centres at half pixels, of one channel; scale 1 where it is int8."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.RESIZE_BILINEAR
    code.version = 3
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0, 1], [2]
    operator.builtinOptionsType = schema.BuiltinOptions.ResizeBilinearOptions
    operator.builtinOptions = schema.ResizeBilinearOptionsT()
    operator.builtinOptions.halfPixelCenters = True
    graph = schema.SubGraphT()
    graph.tensors = [tensor("in", [1, before, before, 1], kind), tensor("size", [2], "INT32", buffer=1)]
    graph.tensors.append(tensor("out", [1, after, after, 1], kind))
    graph.inputs, graph.outputs, graph.operators = [0], [2], [operator]
    size = schema.BufferT()
    size.data = np.frombuffer(np.array([after, after], "<i4").tobytes(), np.uint8)
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT(), size]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def by_litert(model, data, resolver):
    interpreter = litert.Interpreter(model_content=model, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], data)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).astype(float)


def by_micro(model, data):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=400_000)
    interpreter.set_input(data, 0)
    interpreter.invoke()
    return interpreter.get_output(0).astype(float)


KINDS = litert.OpResolverType
print(", ".join(f"{name} {version(name)}" for name in ("tflite-micro", "ai-edge-litert")))
print("largest distance from float interpolation, in steps of 255")
print("pixels        reference  optimized  XNNPACK  micro")
draw = np.random.default_rng(1)
off = {}
for before, after in ((8, 16), (32, 64), (8, 24), (32, 96), (96, 160), (64, 224)):
    data = draw.integers(-128, 128, (1, before, before, 1)).astype(np.int8)
    exact = by_litert(resize("FLOAT32", before, after), data.astype(np.float32), KINDS.BUILTIN_REF)
    model = resize("INT8", before, after)
    kinds = (KINDS.BUILTIN_REF, KINDS.BUILTIN_WITHOUT_DEFAULT_DELEGATES, KINDS.BUILTIN)
    answers = [*(by_litert(model, data, kind) for kind in kinds), by_micro(model, data)]
    off[before, after] = [float(abs(answer - exact).max()) for answer in answers]
    print("{:3} to {:3} {:13.1f} {:10.1f} {:8.1f} {:6.1f}".format(before, after, *off[before, after]))
drifting = [off[64, 224][n] for n in (0, 1, 3)]
exact = [off[sizes][n] for sizes in ((8, 16), (32, 64)) for n in range(4)] + [row[2] for row in off.values()]
if not (min(drifting) > 20 and max(exact) < 1):
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0
#   largest distance from float interpolation, in steps of 255
#   pixels        reference  optimized  XNNPACK  micro
#     8 to  16           0.5        0.5      0.5    0.5
#    32 to  64           0.5        0.5      0.5    0.5
#     8 to  24           2.3        2.3      0.4    2.3
#    32 to  96          11.0       11.0      0.4   11.0
#    96 to 160          24.0       24.0      0.5   24.0
#    64 to 224          30.5       30.5      0.5   30.5
