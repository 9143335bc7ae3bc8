#!/usr/bin/env bash
# What does LiteRT do with an input of the wrong shape?
#
# One would guess: both ways of running a model refuse it, as both refuse a wrong type.
# What happens: Interpreter.set_tensor refuses it ("Dimension mismatch"). The signature runner instead resizes the
#   model's fixed input to whatever it is given and runs, so long as every operator can be prepared. A sample without
#   its batch dimension, of another rank, or a (4, 4) for a [1, 8] gives an answer, often of another shape, and the
#   interpreter keeps the new shape: afterwards set_tensor refuses what was right before.
# Versions: ai-edge-litert 2.3.0, Python 3.11, Linux x86-64. Seen on 2026-11-29.
# For a user: compare array.shape with runner.get_input_details()[name]["shape"] before the first call and not after
#   it; a test that has run through a signature runner does not show that the shape was that of the model.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet ai-edge-litert==2.3.0 numpy==1.26.4 flatbuffers==25.12.19

"$dir/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter


def tensor(name, shape, buffer=0):
    made = schema.TensorT()
    made.name, made.shape, made.buffer = name, shape, buffer
    made.type, made.shapeSignature = schema.TensorType.FLOAT32, shape  # no -1: every dimension is fixed
    return made


def named(name, index):
    made = schema.TensorMapT()
    made.name, made.tensorIndex = name, index
    return made


def model():
    """A float dense layer that adds up rows of 8: [1, 8] to [1, 1]."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.FULLY_CONNECTED
    dense = schema.OperatorT()
    dense.inputs, dense.outputs = [0, 1, -1], [2]
    dense.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    dense.builtinOptions = schema.FullyConnectedOptionsT()
    graph = schema.SubGraphT()
    graph.tensors = [tensor("x", [1, 8]), tensor("weights", [1, 8], 1), tensor("y", [1, 1])]
    graph.inputs, graph.outputs, graph.operators = [0], [2], [dense]
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.inputs, signature.outputs = "serving_default", [named("x", 0)], [named("y", 2)]
    ones = schema.BufferT()
    ones.data = np.frombuffer(np.ones(8, "<f4").tobytes(), np.uint8)
    made = schema.ModelT()
    made.version, made.operatorCodes, made.subgraphs, made.signatureDefs = 3, [code], [graph], [signature]
    made.buffers = [schema.BufferT(), ones]
    builder = flatbuffers.Builder(1024)
    builder.Finish(made.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def tried(call):
    """What the call gives, or the error that it raises."""
    try:
        return call()
    except (ValueError, RuntimeError) as error:
        return f"{type(error).__name__}: {str(error).strip()}"


def by_tensor(content, data):
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], data)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).tolist()


content = model()
print(f"ai-edge-litert {version('ai-edge-litert')}; the model's input is [1, 8]")
refused, taken = [], []
for shape in ((1, 8), (8,), (8, 1, 1), (2, 2, 8), (4, 4)):
    data = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    direct = tried(lambda: by_tensor(content, data))
    runner = Interpreter(model_content=content).get_signature_runner()
    ran = tried(lambda: runner(x=data)["y"].tolist())
    kept = runner.get_input_details()["x"]["shape"].tolist()
    print(f"{shape}: set_tensor {direct}\n    runner {ran}; its input is now {kept}")
    refused.append(isinstance(direct, str))
    taken.append(not isinstance(ran, str))

interpreter = Interpreter(model_content=content)
interpreter.get_signature_runner()(x=np.ones((4, 4), np.float32))
index = interpreter.get_input_details()[0]["index"]
after = tried(lambda: interpreter.set_tensor(index, np.ones((1, 8), np.float32)))
print(f"after a (4, 4): set_tensor of (1, 8) {after}")
wrong_type = tried(lambda: Interpreter(model_content=content).get_signature_runner()(x=np.ones((1, 8), np.int8)))
print(f"int8 into the runner: {wrong_type}")
errors = all(str(each).startswith("ValueError") for each in (after, wrong_type))
if not (refused == [False, True, True, True, True] and all(taken) and errors):
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   ai-edge-litert 2.3.0; the model's input is [1, 8]
#   (1, 8): set_tensor [[28.0]]
#       runner [[28.0]]; its input is now [1, 8]
#   (8,): set_tensor ValueError: Cannot set tensor: Dimension mismatch. Got 1 but expected 2 for input 0.
#       runner [[28.0]]; its input is now [8]
#   (8, 1, 1): set_tensor ValueError: Cannot set tensor: Dimension mismatch. Got 3 but expected 2 for input 0.
#       runner [[28.0]]; its input is now [8, 1, 1]
#   (2, 2, 8): set_tensor ValueError: Cannot set tensor: Dimension mismatch. Got 3 but expected 2 for input 0.
#       runner [[28.0], [92.0], [156.0], [220.0]]; its input is now [2, 2, 8]
#   (4, 4): set_tensor ValueError: Cannot set tensor: Dimension mismatch. Got 4 but expected 1 for dimension 0 of input 0.
#       runner [[28.0], [92.0]]; its input is now [4, 4]
#   after a (4, 4): set_tensor of (1, 8) ValueError: Cannot set tensor: Dimension mismatch. Got 1 but expected 4 for dimension 0 of input 0.
#   int8 into the runner: ValueError: Cannot set tensor: Got value of type INT8 but expected type FLOAT32 for input 0, name: x
