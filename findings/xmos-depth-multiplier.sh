#!/usr/bin/env bash
# Does XMOS' compiler keep a depthwise convolution with a channel multiplier what it was?
#
# One would guess: yes, or it says that it cannot. xcore-opt takes an int8 .tflite file and leaves what it has no kernel
#   for to TensorFlow Lite Micro, whose own kernel is right; its tool's interpreter runs both files.
# What happens: of more than one channel it makes an operator of its own, in which output channel c reads input channel c,
#   and 0 where there is none. It should read channel c divided by the multiplier: with channels that hold 10, 20, 30, 40
#   and a multiplier of 2 the outputs should be 10, 10, 20, 20, ... and are 10, 20, 30, 40, 0, 0, 0, 0. Exit code 0, and no
#   word. One input channel, or a multiplier of 1, is right.
# Versions: xmos-ai-tools 1.4.2, ai-edge-litert 2.3.0, Python 3.11, Linux x86-64. Seen on 2026-11-30.
# For a user: depth_multiplier of Keras' DepthwiseConv2D and SeparableConv2D is this. Compare the answers of the two files
#   on the PC before the chip is blamed, or write the layer as a convolution of 1x1 that repeats the channels before a
#   depthwise one with a multiplier of 1.
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

SIZE = 4  # pixels of a side


def depthwise(channels, multiplier):
    """An int8 depthwise convolution of 1x1 whose weights are 1: each output channel is a copy of one input channel."""
    made = channels * multiplier
    contents = [None, np.ones((1, 1, 1, made), np.int8), np.zeros(made, np.int32)]
    graph = schema.SubGraphT()
    graph.tensors = []
    shapes = {"in": [1, SIZE, SIZE, channels], "weights": [1, 1, 1, made], "bias": [made], "out": [1, SIZE, SIZE, made]}
    for name, shape in shapes.items():
        tensor = schema.TensorT()
        tensor.name, tensor.shape = name, shape
        tensor.type = schema.TensorType.INT32 if name == "bias" else schema.TensorType.INT8
        tensor.buffer = {"weights": 1, "bias": 2}.get(name, 0)
        tensor.quantization = schema.QuantizationParametersT()
        of_channels = name in ("weights", "bias")
        tensor.quantization.scale = [1.0] * (made if of_channels else 1)
        tensor.quantization.zeroPoint = [0] * (made if of_channels else 1)
        tensor.quantization.quantizedDimension = 3 if name == "weights" else 0
        graph.tensors.append(tensor)
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0, 1, 2], [3]
    operator.builtinOptionsType = schema.BuiltinOptions.DepthwiseConv2DOptions
    operator.builtinOptions = options = schema.DepthwiseConv2DOptionsT()
    options.padding, options.depthMultiplier = schema.Padding.VALID, multiplier
    options.strideH = options.strideW = options.dilationHFactor = options.dilationWFactor = 1
    graph.inputs, graph.outputs, graph.operators = [0], [3], [operator]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEPTHWISE_CONV_2D
    code.version = 3
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], []
    for content in contents:
        buffer = schema.BufferT()
        buffer.data = None if content is None else np.frombuffer(content.tobytes(), np.uint8)
        model.buffers.append(buffer)
    model.metadata = [schema.MetadataT()]  # as TensorFlow's converter writes it
    model.metadata[0].name, model.metadata[0].buffer = "min_runtime_version", len(contents)
    runtime = schema.BufferT()
    runtime.data = np.frombuffer(b"1.14.0".ljust(16, b"\0"), np.uint8)
    model.buffers.append(runtime)
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


for channels, multiplier in ((4, 1), (4, 2), (8, 2), (1, 8)):
    with open(f"{channels}x{multiplier}.tflite", "wb") as file:
        file.write(depthwise(channels, multiplier))
PYTHON

# A process of its own: the libraries of the two packages do not bear each other.
PATH="$dir/venv/bin:$PATH" "$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version

import numpy as np
from xmos_ai_tools.xinterpreters import TFLMHostInterpreter

SIZE = 4


def run(path, data):
    interpreter = TFLMHostInterpreter()
    interpreter.set_model(model_path=path)
    interpreter.set_tensor(0, data)
    interpreter.invoke()
    return np.array(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


print(f"xmos-ai-tools {version('xmos-ai-tools')}")
changed = False
for channels, multiplier in ((4, 1), (4, 2), (8, 2), (1, 8)):
    model = f"{channels}x{multiplier}.tflite"
    done = subprocess.run(["xcore-opt", model, "-o", "compiled.tflite"], capture_output=True, text=True)
    data = np.zeros((1, SIZE, SIZE, channels), np.int8)
    data[...] = np.arange(1, channels + 1) * 10  # channel c holds ten times c
    expected = np.repeat(data, multiplier, axis=3)
    before, after = run(model, data), run("compiled.tflite", data)
    print(f"{channels} channels, multiplier {multiplier}: exit code {done.returncode}, output {done.stdout + done.stderr!r}")
    for name, answer in (("as it is", before), ("compiled", after)):
        print(f"    {name} {'right' if np.array_equal(answer, expected) else 'wrong'} {answer[0, 0, 0].tolist()}")
    changed = changed or not np.array_equal(before, expected) or done.returncode != 0
    changed = changed or np.array_equal(after, expected) != (multiplier == 1 or channels == 1)
if changed:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   xmos-ai-tools 1.4.2
#   4 channels, multiplier 1: exit code 0, output 'Tensor arena size : 216\n'
#       as it is right [10, 20, 30, 40]
#       compiled right [10, 20, 30, 40]
#   4 channels, multiplier 2: exit code 0, output 'Tensor arena size : 280\n'
#       as it is right [10, 10, 20, 20, 30, 30, 40, 40]
#       compiled wrong [10, 20, 30, 40, 0, 0, 0, 0]
#   8 channels, multiplier 2: exit code 0, output 'Tensor arena size : 472\n'
#       as it is right [10, 10, 20, 20, 30, 30, 40, 40, 50, 50, 60, 60, 70, 70, 80, 80]
#       compiled wrong [10, 20, 30, 40, 50, 60, 70, 80, 0, 0, 0, 0, 0, 0, 0, 0]
#   1 channels, multiplier 8: exit code 0, output 'Tensor arena size : 280\n'
#       as it is right [10, 10, 10, 10, 10, 10, 10, 10]
#       compiled right [10, 10, 10, 10, 10, 10, 10, 10]
