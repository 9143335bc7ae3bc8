#!/usr/bin/env bash
# Does onnx2tf quantize a depthwise convolution to int8?
#
# One would guess: yes. Depthwise layers are what mobile networks are made of, and -oiqt quantizes plain convolutions
#   per channel and per tensor.
# What happens: per channel, which is the default, its own check refuses its own file, since the weights' scales lie along
#   a dimension that the check does not allow: no int8 file, exit 1, "flatbuffer_direct fast path failed." behind a long
#   traceback. Per tensor the two int8 files are written, then the int16 file fails at its int32 bias, so the exit is 1 as
#   well. The same convolution with one group passes both ways.
# Versions: onnx2tf 2.6.9, onnx 1.20.1, ai-edge-litert 2.1.2, Python 3.12, Linux x86-64. Seen on 2026-11-30.
# For a user: take the float file of onnx2tf and quantize it with another tool; per tensor the int8 files
#   are there although the command failed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.12}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet onnx2tf==2.6.9 onnx==1.20.1 ai-edge-litert==2.1.2 numpy==2.2.6

cd "$dir"
PATH="$dir/venv/bin:$PATH" "$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CHANNELS = 4
INT8 = ("net_full_integer_quant.tflite", "net_integer_quant.tflite")


def save(random, groups):
    """A convolution of 3x3 with so many groups; as many as channels make it depthwise."""
    weights = random.normal(size=(CHANNELS, CHANNELS // groups, 3, 3)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w", "b"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=groups)],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, CHANNELS, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, CHANNELS, 8, 8])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(np.full(CHANNELS, 0.1, np.float32), "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, "net.onnx")
    np.save("samples.npy", random.normal(size=(16, 8, 8, CHANNELS)).astype(np.float32))


def quantized(out, granularity):
    """The exit code, how many int8 files there are, and the last words of what went wrong."""
    mean_and_deviation = ["[[[[0,0,0,0]]]]", "[[[[1,1,1,1]]]]"]
    options = ["-oiqt", "-qt", granularity, "-cind", "x", "samples.npy", *mean_and_deviation]
    run = subprocess.run(["onnx2tf", "-i", "net.onnx", "-o", out, "-n", *options], capture_output=True, text=True)
    told = [line for line in (run.stdout + run.stderr).splitlines() if "StrictFullInteger" in line and ":" in line]
    words = told[-1].split(".tflite: ")[-1] if told else ""
    return run.returncode, sum(Path(out, name).exists() for name in INT8), words


print(", ".join(f"{name} {version(name)}" for name in ("onnx2tf", "ai-edge-litert")))
random = np.random.default_rng(0)
seen = {}
for groups in (1, CHANNELS):
    save(random, groups)
    for granularity in ("per-channel", "per-tensor"):
        code, files, words = seen[groups, granularity] = quantized(f"out_{groups}_{granularity}", granularity)
        print(f"{groups} group(s), {granularity}: exit {code}, {files} of 2 int8 files")
        if words:
            print(f"    {words}")
kept = {key: found[:2] for key, found in seen.items()}
expected = {
    (1, "per-channel"): (0, 2),
    (1, "per-tensor"): (0, 2),
    (CHANNELS, "per-channel"): (1, 0),
    (CHANNELS, "per-tensor"): (1, 2),
}
if kept != expected:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   onnx2tf 2.6.9, ai-edge-litert 2.1.2
#   1 group(s), per-channel: exit 0, 2 of 2 int8 files
#   1 group(s), per-tensor: exit 0, 2 of 2 int8 files
#   4 group(s), per-channel: exit 1, 0 of 2 int8 files
#       quantized_dimension must be in range [0, 1). Was 3.Tensor 3 has invalid quantization parameters.
#   4 group(s), per-tensor: exit 1, 2 of 2 int8 files
#       tflite/kernels/depthwise_conv.cc:159 bias->type != kTfLiteInt64 (INT32 != INT64)Node number 1 (DEPTHWISE_CONV_2D) failed to prepare.
