#!/usr/bin/env bash
# Can TensorFlow's own quantizer make int8 of the float16 file that its own converter wrote?
#
# One would guess: yes. The calibrator and the quantizer of the same package are there to make int8 of float files, and
#   its Interpreter runs this one.
# What happens: the calibrator takes the file and gives it its ranges; the quantizer then ends in a RuntimeError without
#   a word. Whoever folds the DEQUANTIZE operators away, so that all weights are float32, meets the next wall: the
#   calibrator refuses a file that still lists this operator, which nothing in it uses, though the Interpreter runs it.
# Versions: tensorflow 2.21.0, tf-keras 2.21.0, Python 3.11, Linux x86-64. Seen on 2026-11-30.
# For a user: a model that is there as float16 alone has to be widened first, and the operator taken off the file's list.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet tensorflow==2.21.0 tf-keras==2.21.0

TF_CPP_MIN_LOG_LEVEL=3 "$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import sys
from importlib.metadata import version

import numpy as np
import tensorflow as tf
import tf_keras
from tensorflow.lite.python.convert import mlir_quantize
from tensorflow.lite.python.optimize.calibrator import Calibrator
from tensorflow.lite.tools import flatbuffer_utils

EXAMPLES = np.random.default_rng(0).standard_normal((8, 1, 6)).astype(np.float32)


def converted(types):
    net = tf_keras.Sequential([tf_keras.layers.InputLayer((6,), batch_size=1), tf_keras.layers.Dense(4)])
    net.set_weights([np.arange(24, dtype=np.float32).reshape(6, 4) / 8, np.ones(4, np.float32)])
    converter = tf.lite.TFLiteConverter.from_keras_model(net)
    converter.optimizations = [tf.lite.Optimize.DEFAULT] if types else []
    converter.target_spec.supported_types = types
    return converter.convert()


def listing(model, other):
    """The model with the operators that the other one lists behind its own."""
    ours, theirs = (flatbuffer_utils.read_model_from_bytearray(bytearray(file)) for file in (model, other))
    ours.operatorCodes += [code for code in theirs.operatorCodes if code.version == 3]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(ours))


def run(model):
    interpreter = tf.lite.Interpreter(model_content=model)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], EXAMPLES[0])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def outcome(do):
    """What is made, and how it went."""
    try:
        return do(), "done"
    except Exception as error:
        return None, f"{type(error).__name__}: {str(error).split('.')[0]}".strip(": ")


def quantized(model):
    return mlir_quantize(model, fully_quantize=True, input_data_type=tf.int8, output_data_type=tf.int8)


print(", ".join(f"{name} {version(name)}" for name in ("tensorflow", "tf-keras")))
plain, half = converted([]), converted([tf.float16])
got = {}
for name, model in {"float32": plain, "float16": half, "float32 that lists DEQUANTIZE": listing(plain, half)}.items():
    runs = np.allclose(run(model), run(plain))
    ranged, calibrated = outcome(lambda: Calibrator(model).calibrate(lambda: ([x] for x in EXAMPLES)))
    made = outcome(lambda: quantized(ranged))[1] if ranged else "-"
    print(f"{name}\n  runs: {runs}\n  calibrated: {calibrated}\n  quantized: {made}")
    got[name] = (runs, calibrated[:35], made)
refused = "ValueError: Failed to parse the mode"[:35]
expected = {
    "float32": (True, "done", "done"),
    "float16": (True, "done", "RuntimeError"),
    "float32 that lists DEQUANTIZE": (True, refused, "-"),
}
if got != expected:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tensorflow 2.21.0, tf-keras 2.21.0
#   float32
#     runs: True
#     calibrated: done
#     quantized: done
#   float16
#     runs: True
#     calibrated: done
#     quantized: RuntimeError
#   float32 that lists DEQUANTIZE
#     runs: True
#     calibrated: ValueError: Failed to parse the model: Didn't find op for builtin opcode 'DEQUANTIZE' version '3'
#     quantized: -
