#!/usr/bin/env bash
# What does LiteRT's reference kernel make of an int8 SUM that is negative, or too large?
#
# One would guess: all kernels of one library agree, and a sum beyond what the output can hold is clamped to -128 or
#   127, as every other int8 operator clamps.
# What happens: LiteRT's reference kernel (OpResolverType.BUILTIN_REF) counts as if input and output were uint8. Every
#   negative value counts 256 too much: with equal scales sums of -8, -64 and -1016 all become -1, with another pair
#   of scales a sum of -4 comes out as 124. Sums that are too large wrap: 128 becomes -128, from 256 on it is -1.
#   LiteRT's optimized kernels, its XNNPACK delegate and TensorFlow Lite Micro are right and clamp. MEAN is right in
#   all of them.
# Versions: ai-edge-litert 2.3.0, tflite-micro 0.dev20261023182759, Python 3.11, Linux x86-64. Seen on 2026-11-29.
# Reported as issue 4079 of google-ai-edge/LiteRT (for sums that are too large), not mended in this version.
# For a user: the reference kernels are what one holds other kernels against. For SUM of int8 they are no oracle: take
#   the optimized kernels (BUILTIN_WITHOUT_DEFAULT_DELEGATES) or TensorFlow Lite Micro. A tool that debugs with
#   BUILTIN_REF blames the wrong layer where a network sums values that are not all positive.
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


def tensor(shape, kind, scale=None, zero_point=0, buffer=0):
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = f"{kind}{shape}", shape, getattr(schema.TensorType, kind), buffer
    if scale:
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [scale], [zero_point]
    return made


def reduction(name, in_scale, out_scale, out_zero_point):
    """An int8 model of one operator: eight values of zero point 0, reduced to one."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0, 1], [2]
    operator.builtinOptionsType = schema.BuiltinOptions.ReducerOptions
    operator.builtinOptions = schema.ReducerOptionsT()
    graph = schema.SubGraphT()
    graph.tensors = [tensor([1, 8], "INT8", in_scale), tensor([1], "INT32", buffer=1)]
    graph.tensors.append(tensor([1], "INT8", out_scale, out_zero_point))
    graph.inputs, graph.outputs, graph.operators = [0], [2], [operator]
    axis = schema.BufferT()
    axis.data = np.frombuffer(np.array([1], "<i4").tobytes(), np.uint8)
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT(), axis]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def by_litert(model, data, resolver):
    interpreter = litert.Interpreter(model_content=model, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], data)
    interpreter.invoke()
    return int(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).item())


def by_micro(model, data):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=20_000)
    interpreter.set_input(data, 0)
    interpreter.invoke()
    return int(interpreter.get_output(0).item())


KINDS = litert.OpResolverType
print(", ".join(f"{name} {version(name)}" for name in ("tflite-micro", "ai-edge-litert")))
print("operator  sum as a code  reference  optimized  XNNPACK  micro")
wrong = {}
others_right = True
for case in (("SUM", 1.0, 1.0, 0), ("SUM", 0.5, 8.0, 20), ("MEAN", 8.0, 1.0, 0)):
    name, in_scale, out_scale, out_zero_point = case
    print(f"{name} of scale {in_scale} to scale {out_scale}, zero point {out_zero_point}")
    model = reduction(*case)
    wrong[case] = []
    for value in (-127, -48, -16, -8, -1, 0, 8, 15, 16, 32, 127):
        data = np.full((1, 8), value, np.int8)
        real = value * in_scale * (8 if name == "SUM" else 1) / out_scale + out_zero_point
        reference = by_litert(model, data, KINDS.BUILTIN_REF)
        others = [by_litert(model, data, kind) for kind in (KINDS.BUILTIN_WITHOUT_DEFAULT_DELEGATES, KINDS.BUILTIN)]
        others.append(by_micro(model, data))
        print(f"{name:8} {real:14} {reference:10} {others[0]:10} {others[1]:8} {others[2]:6}")
        clamped = min(max(real, -128), 127)
        others_right = others_right and all(abs(other - clamped) <= 0.5 for other in others)
        if abs(reference - clamped) > 1:
            wrong[case].append(value)
for case, values in wrong.items():
    print(f"{case}: the reference is wrong for eight times {values}")
equal, other, mean = wrong.values()
negatives = {-127, -48, -16, -8}
if not (others_right and negatives | {16, 32, 127} <= set(equal) and negatives <= set(other) and not mean):
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0
#   operator  sum as a code  reference  optimized  XNNPACK  micro
#   SUM of scale 1.0 to scale 1.0, zero point 0
#   SUM             -1016.0         -1       -128     -128   -128
#   SUM              -384.0         -1       -128     -128   -128
#   SUM              -128.0         -1       -128     -128   -128
#   SUM               -64.0         -1        -64      -64    -64
#   SUM                -8.0         -1         -8       -8     -8
#   SUM                 0.0          0          0        0      0
#   SUM                64.0         64         64       64     64
#   SUM               120.0        120        120      120    120
#   SUM               128.0       -128        127      127    127
#   SUM               256.0         -1        127      127    127
#   SUM              1016.0         -1        127      127    127
#   SUM of scale 0.5 to scale 8.0, zero point 20
#   SUM               -43.5         85        -44      -44    -44
#   SUM                -4.0        124         -4       -4     -4
#   SUM                12.0       -116         12       12     12
#   SUM                16.0       -112         16       16     16
#   SUM                19.5       -108         19       20     19
#   SUM                20.0         20         20       20     20
#   SUM                24.0         24         24       24     24
#   SUM                27.5         28         28       28     28
#   SUM                28.0         28         28       28     28
#   SUM                36.0         36         36       36     36
#   SUM                83.5         84         84       84     84
#   MEAN of scale 8.0 to scale 1.0, zero point 0
#   MEAN            -1016.0       -128       -128     -128   -128
#   MEAN             -384.0       -128       -128     -128   -128
#   MEAN             -128.0       -128       -128     -128   -128
#   MEAN              -64.0        -64        -64      -64    -64
#   MEAN               -8.0         -8         -8       -8     -8
#   MEAN                0.0          0          0        0      0
#   MEAN               64.0         64         64       64     64
#   MEAN              120.0        120        120      120    120
#   MEAN              128.0        127        127      127    127
#   MEAN              256.0        127        127      127    127
#   MEAN             1016.0        127        127      127    127
#   ('SUM', 1.0, 1.0, 0): the reference is wrong for eight times [-127, -48, -16, -8, -1, 16, 32, 127]
#   ('SUM', 0.5, 8.0, 20): the reference is wrong for eight times [-127, -48, -16, -8, -1]
#   ('MEAN', 8.0, 1.0, 0): the reference is wrong for eight times []
