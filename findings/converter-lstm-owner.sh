#!/usr/bin/env bash
# Is the second argument of TFLiteConverter.from_concrete_functions about variables alone?
#
# One would guess: yes. Its documentation calls it the object that owns the functions' variables, and it may be left
#   out; where the weights are found without it, both calls should give the same operators.
# What happens: without it an LSTM of tf-keras becomes a WHILE with subgraphs, with it UNIDIRECTIONAL_SEQUENCE_LSTM,
#   one operator with int8 kernels. The weights are right in both, and so are the answers.
# Versions: tensorflow 2.21.0, tf-keras 2.21.0, Python 3.11, Linux x86-64. Seen on 2026-11-30.
# For a user: pass the model as well. A WHILE cannot be quantized to full integers, and microcontrollers run it slowly
#   or not at all.
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

X = np.random.default_rng(0).standard_normal((1, 4, 3)).astype(np.float32)


def run(model):
    """The operators of the first subgraph, and the answer."""
    interpreter = tf.lite.Interpreter(
        model_content=model, experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], X)
    interpreter.invoke()
    names = [op["op_name"] for op in interpreter._get_ops_details()]
    return names, interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


net = tf_keras.Sequential(
    [tf_keras.layers.InputLayer((4, 3), batch_size=1), tf_keras.layers.LSTM(5), tf_keras.layers.Dense(2)]
)
function = tf.function(lambda x: net(x)).get_concrete_function(tf.TensorSpec((1, 4, 3)))
print(", ".join(f"{name} {version(name)}" for name in ("tensorflow", "tf-keras")))
found, right = {}, True
for name, owner in {"without": (), "with": (net,)}.items():
    found[name], answer = run(tf.lite.TFLiteConverter.from_concrete_functions([function], *owner).convert())
    right &= np.allclose(answer, net(X), atol=1e-6)
    print(f"{name} the model: {' '.join(found[name])}")
print(f"answers are those of the model: {right}")
fused = {name: "UNIDIRECTIONAL_SEQUENCE_LSTM" in ops for name, ops in found.items()}
if not right or fused != {"without": False, "with": True} or "WHILE" not in found["without"]:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tensorflow 2.21.0, tf-keras 2.21.0
#   without the model: RESHAPE WHILE STRIDED_SLICE FULLY_CONNECTED
#   with the model: UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE FULLY_CONNECTED
#   answers are those of the model: True
