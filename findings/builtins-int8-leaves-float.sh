#!/usr/bin/env bash
# Does TFLITE_BUILTINS_INT8 make a model of int8 alone?
#
# One would guess: TFLiteConverter with supported_ops = [TFLITE_BUILTINS_INT8] gives integers alone or raises an
#   error, as TensorFlow's guide to post-training quantization says of it.
# What happens: an operator that has no int8 form stays float32 between a DEQUANTIZE and a QUANTIZE, without an error
#   and without a warning that names it: ELU, SQUARE, SIN, FLOOR, POW and others. Input and output are int8, so that
#   the file looks as asked for from outside. What cannot be guessed from the name: tf.square(x) stays float32 and x*x
#   becomes int8.
# Versions: tensorflow 2.21.0, Python 3.11, Linux x86-64. Seen on 2026-11-29.
# For a user: look for float32 tensors in the file before it goes to hardware without a float unit or to an
#   integer-only accelerator. Rewrite what is left: x*x for tf.square(x), for one.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet tensorflow==2.21.0 numpy==1.26.4

"$dir/venv/bin/python" - "$dir/log" 2>"$dir/log" <<'PYTHON' || { cat "$dir/log" >&2; exit 1; }
import pathlib
import sys
import warnings

import numpy as np
import tensorflow as tf

draw = np.random.default_rng(1)
WEIGHTS = [tf.constant(draw.normal(size=(16, 16)), tf.float32) for _ in range(2)]
SAMPLES = draw.uniform(-1, 1, (20, 1, 16)).astype(np.float32)
FUNCTIONS = {
    "tf.square(x)": tf.square,
    "x*x": lambda x: x * x,
    "tf.nn.elu(x)": tf.nn.elu,
    "tf.nn.leaky_relu(x)": tf.nn.leaky_relu,
    "tf.sin(x)": tf.sin,
    "tf.exp(x)": tf.exp,
    "tf.floor(x)": tf.floor,
    "tf.pow(abs(x), 1.5)": lambda x: tf.pow(tf.abs(x), 1.5),
}


def converted(function):
    """Int8 file of two matrix products with the function between them."""

    @tf.function(input_signature=[tf.TensorSpec((1, 16), tf.float32)])
    def network(x):
        return function(x @ WEIGHTS[0]) @ WEIGHTS[1]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([network.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample] for sample in SAMPLES)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


print(f"tensorflow {tf.__version__}")
left, said = set(), []
for text, function in FUNCTIONS.items():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        interpreter = tf.lite.Interpreter(model_content=converted(function))
    said += [str(each.message) for each in seen]
    details = interpreter.get_tensor_details()
    ends = interpreter.get_input_details() + interpreter.get_output_details()
    floats = sum(each["dtype"] == np.float32 for each in details)
    if floats:
        left.add(text)
    operators = [each["op_name"] for each in interpreter._get_ops_details()]
    types = sorted({each["dtype"].__name__ for each in ends})
    print(f"{text:20} input and output {types}, {floats} float32 tensors: {' '.join(operators)}")
said += pathlib.Path(sys.argv[1]).read_text().splitlines()
names = ("SQUARE", "ELU", "SIN", "FLOOR", "POW")
naming = [line for line in said if any(f"{sign}{name}" in line.upper() for name in names for sign in (".", "'", '"'))]
print(f"warnings and log lines that name one of these operators: {naming}")
expected = {"tf.square(x)", "tf.nn.elu(x)", "tf.sin(x)", "tf.floor(x)", "tf.pow(abs(x), 1.5)"}
if left != expected or naming:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tensorflow 2.21.0
#   tf.square(x)         input and output ['int8'], 2 float32 tensors: FULLY_CONNECTED DEQUANTIZE SQUARE QUANTIZE FULLY_CONNECTED
#   x*x                  input and output ['int8'], 0 float32 tensors: FULLY_CONNECTED MUL FULLY_CONNECTED
#   tf.nn.elu(x)         input and output ['int8'], 2 float32 tensors: FULLY_CONNECTED DEQUANTIZE ELU QUANTIZE FULLY_CONNECTED
#   tf.nn.leaky_relu(x)  input and output ['int8'], 0 float32 tensors: FULLY_CONNECTED LEAKY_RELU FULLY_CONNECTED
#   tf.sin(x)            input and output ['int8'], 2 float32 tensors: FULLY_CONNECTED DEQUANTIZE SIN QUANTIZE FULLY_CONNECTED
#   tf.exp(x)            input and output ['int8'], 0 float32 tensors: FULLY_CONNECTED EXP FULLY_CONNECTED
#   tf.floor(x)          input and output ['int8'], 2 float32 tensors: FULLY_CONNECTED DEQUANTIZE FLOOR QUANTIZE FULLY_CONNECTED
#   tf.pow(abs(x), 1.5)  input and output ['int8'], 3 float32 tensors: FULLY_CONNECTED ABS DEQUANTIZE POW QUANTIZE FULLY_CONNECTED
#   warnings and log lines that name one of these operators: []
