#!/usr/bin/env bash
# Does LiteRT run the int16x8 file that onnx2tf writes?
#
# One would guess: yes, and with a smaller error than the int8 file beside it. 16-bit activations are there for accuracy,
#   and both files come from the same call of onnx2tf -oiqt, which says that all went well.
# What happens: onnx2tf writes the bias of a convolution as int32, as for int8. LiteRT's kernels for 16-bit activations take
#   sums and bias as int64, load the file without a word, and give nonsense: errors of several times the largest answer,
#   in the reference kernels, the optimized ones and with XNNPACK. TensorFlow Lite Micro looks at the bias' type and is
#   right. TensorFlow's own converter writes int64.
# Versions: onnx2tf 2.6.9, onnx 1.20.1, ai-edge-litert 2.1.2, tflite-micro 0.dev20261023182759, Python 3.12, Linux x86-64;
#   ai-edge-litert 2.3.0 gives the same answers. Seen on 2026-11-30.
# For a user: *_with_int16_act.tflite is for microcontrollers alone. On a phone or a Pi quantize the float file with a
#   converter that writes int64, and look at the type of the biases before the accuracy is blamed on 16x8.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.12}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet onnx2tf==2.6.9 onnx==1.20.1 ai-edge-litert==2.1.2 \
  tflite-micro==0.dev20261023182759 numpy==2.2.6

cd "$dir"
PATH="$dir/venv/bin:$PATH" "$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import onnx
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from onnx import TensorProto, helper, numpy_helper
from tflite_micro.python.tflite_micro import runtime

random = np.random.default_rng(0)
weights = random.normal(size=(8, 4, 3, 3)).astype(np.float32)
bias = np.full(8, 0.1, np.float32)
graph = helper.make_graph(
    [helper.make_node("Conv", ["x", "w", "b"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])],
    "graph",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 8, 8])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8, 8, 8])],
    [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.checker.check_model(model)
onnx.save(model, "net.onnx")
samples = random.normal(size=(16, 8, 8, 4)).astype(np.float32)
np.save("samples.npy", samples)
mean_and_deviation = ["[[[[0,0,0,0]]]]", "[[[[1,1,1,1]]]]"]
subprocess.run(
    ["onnx2tf", "-i", "net.onnx", "-o", "out", "-n", "-oiqt", "-cind", "x", "samples.npy", *mean_and_deviation],
    check=True,
    capture_output=True,
)


def coded(data, details):
    """Floats as the input's type, or answers of the output's type as floats."""
    scale, zero_point = details["quantization"]
    if data.dtype == np.float32 and details["dtype"] != np.float32:
        limits = np.iinfo(details["dtype"])
        return np.clip(np.round(data / scale) + zero_point, limits.min, limits.max).astype(details["dtype"])
    return (data.astype(np.float32) - zero_point) * scale if details["dtype"] != np.float32 else data


def answers(path):
    """What each kernel set answers to the first sample, and the type of the bias."""
    found = {}
    kinds = {"reference": "BUILTIN_REF", "optimized": "BUILTIN_WITHOUT_DEFAULT_DELEGATES", "XNNPACK": "AUTO"}
    for name, kind in kinds.items():
        interpreter = Interpreter(path, experimental_op_resolver_type=getattr(OpResolverType, kind))
        interpreter.allocate_tensors()
        inputs, outputs = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        interpreter.set_tensor(inputs["index"], coded(samples[:1], inputs))
        interpreter.invoke()
        found[f"LiteRT, {name}"] = coded(interpreter.get_tensor(outputs["index"]), outputs)
    micro = runtime.Interpreter.from_file(path, arena_size=100_000)
    micro.set_input(coded(samples[:1], inputs), 0)
    micro.invoke()
    found["TensorFlow Lite Micro"] = coded(micro.get_output(0), outputs)
    types = {d["dtype"].__name__ for d in interpreter.get_tensor_details() if list(d["shape"]) == [8]}
    return found, ", ".join(sorted(types)) or "none"


print(", ".join(f"{name} {version(name)}" for name in ("onnx2tf", "ai-edge-litert", "tflite-micro")))
expected = answers("out/net_float32.tflite")[0]["LiteRT, reference"]
largest = float(np.abs(expected).max())
print(f"the largest answer of the float file is {largest:.1f}")
changed = False
for name in ("full_integer_quant", "full_integer_quant_with_int16_act"):
    found, type_ = answers(f"out/net_{name}.tflite")
    print(f"{name}: bias {type_}")
    for runtime_name, answer in found.items():
        error = float(np.abs(answer - expected).max())
        print(f"    {runtime_name}: largest error {error:.3f}")
        wrong = "int16" in name and "LiteRT" in runtime_name
        changed = changed or (error < largest if wrong else error > 0.03 * largest)
    changed = changed or type_ != "int32"
if changed:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   onnx2tf 2.6.9, ai-edge-litert 2.1.2, tflite-micro 0.dev20261023182759
#   the largest answer of the float file is 26.0
#   full_integer_quant: bias int32
#       LiteRT, reference: largest error 0.255
#       LiteRT, optimized: largest error 0.244
#       LiteRT, XNNPACK: largest error 0.244
#       TensorFlow Lite Micro: largest error 0.255
#   full_integer_quant_with_int16_act: bias int32
#       LiteRT, reference: largest error 44.125
#       LiteRT, optimized: largest error 44.125
#       LiteRT, XNNPACK: largest error 44.125
#       TensorFlow Lite Micro: largest error 0.117
