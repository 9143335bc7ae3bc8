#!/usr/bin/env bash
# What does TensorFlow Lite Micro's SignalFftAutoScale do with a clipped sample of sound?
#
# One would guess: it shifts a window of int16 samples to the left by as many bits as the loudest sample leaves free,
#   so that nothing overflows; after a loud sample there is nothing to shift.
# What happens: the largest absolute value so far is kept as int16, in which the absolute value of -32768 is -32768
#   again, less than any other. So the search begins anew behind each sample of -32768, the value that clipped sound
#   has: the shift is that of the samples behind the last one, and everything louder before it overflows. With 32767
#   in its place all is as one would guess.
# Versions: tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0 (for its schema), Python 3.11, Linux x86-64. Seen
#   on 2026-11-29.
# For a user: a front end of keyword spotting gets noise for windows in which the microphone clipped and then became
#   quiet. Clamp samples to -32767 before they go into it, in training and on the device.
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
from ai_edge_litert import schema_py_generated as schema
from tflite_micro.python.tflite_micro import runtime

SAMPLES = 8


def tensor(name, shape, kind):
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = name, shape, getattr(schema.TensorType, kind), 0
    return made


def auto_scale():
    """A model of the one operator: samples in; shifted samples and the bits of the shift out."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = "SignalFftAutoScale"
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0], [1, 2]
    graph = schema.SubGraphT()
    graph.tensors = [tensor(name, [SAMPLES], "INT16") for name in ("in", "out")] + [tensor("bits", [], "INT32")]
    graph.operators, graph.inputs, graph.outputs = [operator], [0], [1, 2]
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def scaled(samples):
    interpreter = runtime.Interpreter.from_bytes(auto_scale(), arena_size=20_000)
    interpreter.set_input(np.array(samples, np.int16), 0)
    interpreter.invoke()
    return interpreter.get_output(0).tolist(), int(interpreter.get_output(1))


print(", ".join(f"{name} {version(name)}" for name in ("tflite-micro", "ai-edge-litert")))
as_seen = True
for least in (-32767, -32768):
    samples = [0, 9000, -20000, least, -900, 400, -100, 30]
    got, bits = scaled(samples)
    back = [value / 2**bits for value in got]
    right = np.allclose(back, samples)
    print(f"in   {samples}\nout  {got}, shifted by {bits} bits: {'the same samples' if right else 'other samples'}")
    as_seen = as_seen and (bits, right) == ((0, True) if least == -32767 else (6, False))
if not as_seen:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tflite-micro 0.dev20261023182759, ai-edge-litert 2.3.0
#   in   [0, 9000, -20000, -32767, -900, 400, -100, 30]
#   out  [0, 9000, -20000, -32767, -900, 400, -100, 30], shifted by 0 bits: the same samples
#   in   [0, 9000, -20000, -32768, -900, 400, -100, 30]
#   out  [0, -13824, 30720, 0, 7936, 25600, -6400, 1920], shifted by 6 bits: other samples
