#!/usr/bin/env bash
# Does onnx2tf keep which pixel ONNX's Resize takes, with the attributes that it has by default?
#
# One would guess: yes. The default, nearest with half_pixel and round_prefer_floor, is exact in TensorFlow Lite, whose
#   RESIZE_NEAREST_NEIGHBOR has half_pixel_centers; where an operator cannot be had, onnx2tf keeps it as a custom one.
# What happens: RESIZE_NEAREST_NEIGHBOR is written for the default and for nearest_mode "floor" as if both were
#   round_prefer_ceil. Enlarged to twice the size the default is right by luck; halved, all pixels are others, and at 1.5
#   times more than half. With "floor" two thirds are others at twice the size. No warning, exit code 0. Right are
#   round_prefer_ceil, and asymmetric with "floor", which is what PyTorch's nearest becomes.
# Versions: onnx2tf 2.6.9, onnx 1.20.1, onnxruntime 1.26.0, ai-edge-litert 2.1.2, Python 3.12, Linux x86-64. Seen on 2026-11-30.
# For a user: name nearest_mode in the exporter, and run the file beside onnxruntime before it is quantized: afterwards a
#   shift by one pixel looks like the quantizer's fault.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.12}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet onnx2tf==2.6.9 onnx==1.20.1 onnxruntime==1.26.0 ai-edge-litert==2.1.2 numpy==2.2.6

cd "$dir"
PATH="$dir/venv/bin:$PATH" "$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
from onnx import TensorProto, helper

DATA = np.arange(36, dtype=np.float32).reshape(1, 1, 6, 6)


def resize(scale, **attributes):
    """A model of one Resize of a 6x6 image."""
    size = int(6 * scale)
    graph = helper.make_graph(
        [helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="nearest", **attributes)],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, size, size])],
        [helper.make_tensor("scales", TensorProto.FLOAT, [4], [1, 1, scale, scale])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def converted(name, model):
    """The answer of the float .tflite, as [height, width]."""
    with open(f"{name}.onnx", "wb") as file:
        file.write(model)
    subprocess.run(["onnx2tf", "-i", f"{name}.onnx", "-o", name, "-n"], check=True, capture_output=True)
    interpreter = Interpreter(f"{name}/{name}_float32.tflite")
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], DATA.transpose(0, 2, 3, 1))
    interpreter.invoke()
    operators = [operator["op_name"] for operator in interpreter._get_ops_details()]
    return operators, interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0, :, :, 0]


print(", ".join(f"{name} {version(name)}" for name in ("onnx2tf", "onnxruntime", "ai-edge-litert")))
DEFAULT = {}
FLOOR = {"nearest_mode": "floor"}
CEIL = {"nearest_mode": "round_prefer_ceil"}
ASYMMETRIC = {"nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}
CASES = [  # attributes, scale, is it right?
    ("default", DEFAULT, 2.0, True),
    ("default", DEFAULT, 1.5, False),
    ("default", DEFAULT, 0.5, False),
    ("floor", FLOOR, 2.0, False),
    ("round_prefer_ceil", CEIL, 1.5, True),
    ("round_prefer_ceil", CEIL, 0.5, True),
    ("asymmetric, floor", ASYMMETRIC, 2.0, True),
]
changed = False
for index, (name, attributes, scale, right) in enumerate(CASES):
    model = resize(scale, **attributes)
    expected = onnxruntime.InferenceSession(model).run(None, {"x": DATA})[0][0, 0]
    operators, answer = converted(f"case{index}", model)
    other = float(np.mean(answer != expected))
    print(f"{name}, {scale} times: {operators}, {other:.0%} of the pixels are others")
    print(f"    first row: onnxruntime {expected[0].astype(int).tolist()}, onnx2tf {answer[0].astype(int).tolist()}")
    changed = changed or operators != ["RESIZE_NEAREST_NEIGHBOR"] or (other == 0) != right
if changed:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   onnx2tf 2.6.9, onnxruntime 1.26.0, ai-edge-litert 2.1.2
#   default, 2.0 times: ['RESIZE_NEAREST_NEIGHBOR'], 0% of the pixels are others
#       first row: onnxruntime [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], onnx2tf [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
#   default, 1.5 times: ['RESIZE_NEAREST_NEIGHBOR'], 56% of the pixels are others
#       first row: onnxruntime [0, 0, 1, 2, 2, 3, 4, 4, 5], onnx2tf [0, 1, 1, 2, 3, 3, 4, 5, 5]
#   default, 0.5 times: ['RESIZE_NEAREST_NEIGHBOR'], 100% of the pixels are others
#       first row: onnxruntime [0, 2, 4], onnx2tf [7, 9, 11]
#   floor, 2.0 times: ['RESIZE_NEAREST_NEIGHBOR'], 66% of the pixels are others
#       first row: onnxruntime [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5], onnx2tf [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
#   round_prefer_ceil, 1.5 times: ['RESIZE_NEAREST_NEIGHBOR'], 0% of the pixels are others
#       first row: onnxruntime [0, 1, 1, 2, 3, 3, 4, 5, 5], onnx2tf [0, 1, 1, 2, 3, 3, 4, 5, 5]
#   round_prefer_ceil, 0.5 times: ['RESIZE_NEAREST_NEIGHBOR'], 0% of the pixels are others
#       first row: onnxruntime [7, 9, 11], onnx2tf [7, 9, 11]
#   asymmetric, floor, 2.0 times: ['RESIZE_NEAREST_NEIGHBOR'], 0% of the pixels are others
#       first row: onnxruntime [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], onnx2tf [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
