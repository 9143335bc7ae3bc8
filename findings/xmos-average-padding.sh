#!/usr/bin/env bash
# Does the average of pixels at an image's edge stay an average of pixels in XMOS' compiler?
#
# One would guess: yes. With SAME padding TensorFlow, TensorFlow Lite and ONNX's default divide by how many pixels the window
#   covers; what lies outside of the image does not count. xcore-opt takes such a file, so its kernel does the same.
# What happens: it pads with the zero point and divides by the whole window, so the padding counts as zeros: of an image
#   that is 90 everywhere, averages of 3x3 are 60 at an edge and 40 in a corner. Exit code 0, and no word. Where nothing is
#   padded, and for the greatest in place of the average, answers are right, and so are those of the file before.
# Versions: xmos-ai-tools 1.4.2, ai-edge-litert 2.3.0, Python 3.11, Linux x86-64. Seen on 2026-11-30.
# For a user: AveragePooling2D(padding="same") of an image whose sides the stride does not divide, and the pooling branch of
#   Inception-like networks, are other networks on the chip. Pad with "valid", or train with padding that counts.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet xmos-ai-tools==1.4.2 ai-edge-litert==2.3.0 numpy==1.26.4 flatbuffers==25.12.19

cd "$dir"
"$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema


def pooling(name, padding, size, window, stride):
    """An int8 pooling of a square image of four channels, of scale 1 and zero point 0."""
    made = -(-size // stride) if padding == "SAME" else (size - window) // stride + 1
    graph = schema.SubGraphT()
    graph.tensors = []
    for label, side in (("in", size), ("out", made)):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = label, [1, side, side, 4], schema.TensorType.INT8, 0
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint = [1.0], [0]
        graph.tensors.append(tensor)
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0], [1]
    operator.builtinOptionsType = schema.BuiltinOptions.Pool2DOptions
    operator.builtinOptions = options = schema.Pool2DOptionsT()
    options.padding = getattr(schema.Padding, padding)
    options.filterHeight = options.filterWidth = window
    options.strideH = options.strideW = stride
    graph.inputs, graph.outputs, graph.operators = [0], [1], [operator]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    code.version = 2
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    runtime = schema.BufferT()
    runtime.data = np.frombuffer(b"1.14.0".ljust(16, b"\0"), np.uint8)
    model.buffers = [schema.BufferT(), runtime]
    model.metadata = [schema.MetadataT()]  # as TensorFlow's converter writes it
    model.metadata[0].name, model.metadata[0].buffer = "min_runtime_version", 1
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


for name in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
    for padding, size, window, stride in (("SAME", 5, 3, 1), ("SAME", 5, 2, 2), ("SAME", 6, 2, 2), ("VALID", 5, 3, 1)):
        with open(f"{name}.{padding}.{size}.{window}.{stride}.tflite", "wb") as file:
            file.write(pooling(name, padding, size, window, stride))
PYTHON

# A process of its own: the libraries of the two packages do not bear each other.
PATH="$dir/venv/bin:$PATH" "$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import glob
import subprocess
import sys
from importlib.metadata import version

import numpy as np
from xmos_ai_tools.xinterpreters import TFLMHostInterpreter


def run(path, data):
    interpreter = TFLMHostInterpreter()
    interpreter.set_model(model_path=path)
    interpreter.set_tensor(0, data)
    interpreter.invoke()
    return np.array(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))[0, :, :, 0].tolist()


print(f"xmos-ai-tools {version('xmos-ai-tools')}; an image that is 90 everywhere")
EXPECTED = {  # the first channel, after xcore-opt
    "AVERAGE_POOL_2D.SAME.5.3.1": [[40, 60, 60, 60, 40]] + [[60, 90, 90, 90, 60]] * 3 + [[40, 60, 60, 60, 40]],
    "AVERAGE_POOL_2D.SAME.5.2.2": [[90, 90, 45], [90, 90, 45], [45, 45, 22]],
}
changed = False
for path in sorted(glob.glob("*.*.*.tflite")):
    name, padding, size, window, stride = path.split(".")[:5]
    done = subprocess.run(["xcore-opt", path, "-o", "compiled"], capture_output=True, text=True)
    data = np.full((1, int(size), int(size), 4), 90, np.int8)
    before, after = run(path, data), run("compiled", data)
    print(f"{name} {padding}, {size}x{size}, window {window}, stride {stride}: exit code {done.returncode}")
    print(f"    as it is {before}")
    print(f"    compiled {after}")
    all_90 = [[90] * len(before)] * len(before)
    changed = changed or done.returncode != 0 or before != all_90
    changed = changed or after != EXPECTED.get(path.removesuffix(".tflite"), all_90)
if changed:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   xmos-ai-tools 1.4.2; an image that is 90 everywhere
#   AVERAGE_POOL_2D SAME, 5x5, window 2, stride 2: exit code 0
#       as it is [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#       compiled [[90, 90, 45], [90, 90, 45], [45, 45, 22]]
#   AVERAGE_POOL_2D SAME, 5x5, window 3, stride 1: exit code 0
#       as it is [[90, 90, 90, 90, 90], [90, 90, 90, 90, 90], [90, 90, 90, 90, 90], [90, 90, 90, 90, 90], [90, 90, 90, 90, 90]]
#       compiled [[40, 60, 60, 60, 40], [60, 90, 90, 90, 60], [60, 90, 90, 90, 60], [60, 90, 90, 90, 60], [40, 60, 60, 60, 40]]
#   AVERAGE_POOL_2D SAME, 6x6, window 2, stride 2: exit code 0
#       as it is [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#       compiled [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#   AVERAGE_POOL_2D VALID, 5x5, window 3, stride 1: exit code 0
#       as it is [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#       compiled [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#   MAX_POOL_2D SAME, 5x5, window 2, stride 2: exit code 0
#       as it is [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#       compiled [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#   MAX_POOL_2D SAME, 5x5, window 3, stride 1: exit code 0
#       as it is [[90, 90, 90, 90, 90], [90, 90, 90, 90, 90], [90, 90, 90, 90, 90], [90, 90, 90, 90, 90], [90, 90, 90, 90, 90]]
#       compiled [[90, 90, 90, 90, 90], [90, 90, 90, 90, 90], [90, 90, 90, 90, 90], [90, 90, 90, 90, 90], [90, 90, 90, 90, 90]]
#   MAX_POOL_2D SAME, 6x6, window 2, stride 2: exit code 0
#       as it is [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#       compiled [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#   MAX_POOL_2D VALID, 5x5, window 3, stride 1: exit code 0
#       as it is [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
#       compiled [[90, 90, 90], [90, 90, 90], [90, 90, 90]]
