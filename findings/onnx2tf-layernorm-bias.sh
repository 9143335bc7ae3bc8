#!/usr/bin/env bash
# Does onnx2tf add the bias of a LayerNormalization where ONNX does?
#
# One would guess: yes; or no, and then always, so that a first test shows it.
# What happens: it depends on how many channels there are. Behind a convolution, over the last axis, the bias has one number
#   for each column of the image. Where there are as many channels as columns, onnx2tf turns the image to channels-last
#   first and adds the bias then, to the channels: other numbers, without a warning. With other numbers of channels, and
#   with a bias of zeros, which a network has that was not trained yet, all is right.
# Versions: onnx2tf 2.6.9, onnx 1.20.1, onnxruntime 1.26.0, ai-edge-litert 2.1.2, Python 3.12, Linux x86-64. Seen on
#   2026-11-30.
# For a user: compare the .tflite with onnxruntime on the trained network, since one that was not trained shows
#   nothing. Where they differ, give the layer another number of channels than the image has columns.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.12}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet \
  onnx2tf==2.6.9 onnx==1.20.1 onnxruntime==1.26.0 ai-edge-litert==2.1.2 numpy==2.2.6

cd "$dir"
PATH="$dir/venv/bin:$PATH" "$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
from onnx import TensorProto, helper, numpy_helper

WIDTH = 8
SIDES = [1, 4, 8, WIDTH]


def save(channels, bias):
    """Convolution to so many channels, normalization of each line, convolution back."""
    random = np.random.default_rng(0)
    there = random.normal(size=(channels, 4, 1, 1)).astype(np.float32)
    back = random.normal(size=(4, channels, 1, 1)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "there"], ["wide"], kernel_shape=[1, 1]),
            helper.make_node("LayerNormalization", ["wide", "scale", "bias"], ["even"], axis=-1),
            helper.make_node("Conv", ["even", "back"], ["y"], kernel_shape=[1, 1]),
        ],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, SIDES)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, SIDES)],
        [
            numpy_helper.from_array(there, "there"),
            numpy_helper.from_array(back, "back"),
            numpy_helper.from_array(np.ones(WIDTH, np.float32), "scale"),
            numpy_helper.from_array(bias.astype(np.float32), "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, "net.onnx")


def difference(out):
    """The largest one between onnxruntime and the float32 .tflite, and the largest number that is right."""
    subprocess.run(["onnx2tf", "-i", "net.onnx", "-o", out, "-n"], check=True, capture_output=True)
    x = np.random.default_rng(1).normal(size=SIDES).astype(np.float32)
    right = onnxruntime.InferenceSession("net.onnx").run(None, {"x": x})[0]
    interpreter = Interpreter(f"{out}/net_float32.tflite")
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x.transpose(0, 2, 3, 1))
    interpreter.invoke()
    got = interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).transpose(0, 3, 1, 2)
    return np.abs(got - right).max(), np.abs(right).max()


print(", ".join(f"{name} {version(name)}" for name in ("onnx2tf", "onnxruntime", "ai-edge-litert")))
ramp = np.arange(WIDTH) - WIDTH / 2
changed = False
for channels, name, bias in ((WIDTH, "ramp", ramp), (WIDTH, "zeros", 0 * ramp), (WIDTH + 4, "ramp", ramp)):
    save(channels, bias)
    off, largest = difference(f"out_{channels}_{name}")
    print(f"{channels} channels, {WIDTH} columns, bias {name}: off by {off:.4f} of {largest:.1f}")
    changed = changed or (off > 1e-3 * largest) != ((channels, name) == (WIDTH, "ramp"))
if changed:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   onnx2tf 2.6.9, onnxruntime 1.26.0, ai-edge-litert 2.1.2
#   8 channels, 8 columns, bias ramp: off by 28.5078 of 28.7
#   8 channels, 8 columns, bias zeros: off by 0.0000 of 8.4
#   12 channels, 8 columns, bias ramp: off by 0.0000 of 17.9
