#!/usr/bin/env bash
# Which operator is it, when a TFLite file says so in one of its two fields only?
#
# A file names an operator in deprecated_builtin_code (a byte, all there was before 2020) and in builtin_code. LiteRT
# takes the larger of the two, so that a file with either is valid; 0, what a field that is left out reads as, is ADD.
#
# One would guess: libraries that read and write such files do as LiteRT does.
# What happens:
#   1. ai-edge-quantizer writes the operators that it inserts (QUANTIZE, DEQUANTIZE) into builtin_code alone, and
#     PyPI's `tflite` returns deprecated_builtin_code from BuiltinCode() for every code below 127: it calls them all
#     ADD.
#   2. ai-edge-quantizer reads builtin_code alone: in a file of the older kind it takes a FULLY_CONNECTED for an ADD
#     and stores its bias as int8 instead of int32, without an error or a warning.
# Versions: ai-edge-quantizer 0.10.0, ai-edge-litert 2.3.0, tflite 2.18.0, Python 3.11, Linux x86-64. Seen on
#   2026-11-29.
# For a user: read an operator as the larger of both fields (ai_edge_litert.schema_py_generated gives them as they
#   are) and not by BuiltinCode() of `tflite`. Before ai-edge-quantizer is given an old file, write the larger of both
#   into both.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet \
  ai-edge-quantizer==0.10.0 ai-edge-litert==2.3.0 tflite==2.18.0 numpy==1.26.4 flatbuffers==25.12.19

"$dir/venv/bin/python" - 2>"$dir/log" <<'PYTHON' || { cat "$dir/log" >&2; exit 1; }
import contextlib
import io
import sys
from importlib.metadata import version

import flatbuffers
import numpy as np
import tflite
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer import quantizer, recipe

CODE, KIND = schema.BuiltinOperator, schema.TensorType
NAME = {number: name for name, number in vars(CODE).items() if not name.startswith("_")}
TYPE = {number: name for name, number in vars(KIND).items() if not name.startswith("_")}
draw = np.random.default_rng(1)


def tensor(name, shape, buffer=0):
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = name, shape, KIND.FLOAT32, buffer
    return made


def constant(values):
    made = schema.BufferT()
    made.data = np.frombuffer(values.astype("<f4").tobytes(), np.uint8)
    return made


def code(number, fields):
    made = schema.OperatorCodeT()
    made.builtinCode = number if "new" in fields else 0
    made.deprecatedBuiltinCode = number if "old" in fields else 0
    return made


def operator(index, inputs, outputs):
    made = schema.OperatorT()
    made.opcodeIndex, made.inputs, made.outputs = index, inputs, outputs
    return made


def named(name, index):
    made = schema.TensorMapT()
    made.name, made.tensorIndex = name, index
    return made


def float_model(fields):
    """A dense layer and ELU, which ai-edge-quantizer leaves float; its codes are in the given fields."""
    dense, elu = operator(0, [0, 1, 2], [3]), operator(1, [3], [4])
    dense.builtinOptionsType, dense.builtinOptions = (
        schema.BuiltinOptions.FullyConnectedOptions,
        schema.FullyConnectedOptionsT(),
    )
    graph = schema.SubGraphT()
    graph.tensors = [tensor("x", [1, 8]), tensor("weights", [4, 8], 1), tensor("bias", [4], 2)]
    graph.tensors += [tensor("dense", [1, 4]), tensor("y", [1, 4])]
    graph.inputs, graph.outputs, graph.operators = [0], [4], [dense, elu]
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.inputs, signature.outputs = "serving_default", [named("x", 0)], [named("y", 4)]
    model = schema.ModelT()
    model.version, model.subgraphs, model.signatureDefs = 3, [graph], [signature]
    model.operatorCodes = [code(CODE.FULLY_CONNECTED, fields), code(CODE.ELU, fields)]
    weights = np.random.default_rng(2).normal(size=(4, 8))
    model.buffers = [schema.BufferT(), constant(weights), constant(np.array([0.5, -0.5, 1.0, 2.0]))]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def quantized(model):
    with contextlib.redirect_stdout(io.StringIO()):  # its report of sizes
        made = quantizer.Quantizer(bytearray(model), recipe.static_wi8_ai8())
        data = [{"x": draw.uniform(-1, 1, (1, 8)).astype(np.float32)} for _ in range(20)]
        return bytes(made.quantize(made.calibrate({"serving_default": data})).quantized_model)


def by_litert(model):
    return [detail["op_name"] for detail in Interpreter(model_content=model)._get_ops_details()]


def by_tflite(model):
    read = tflite.Model.GetRootAsModel(model, 0)
    operators = [read.Subgraphs(0).Operators(n) for n in range(read.Subgraphs(0).OperatorsLength())]
    return [NAME[read.OperatorCodes(each.OpcodeIndex()).BuiltinCode()] for each in operators]


def type_of_bias(model):
    graph = schema.ModelT.InitFromPackedBuf(model, 0).subgraphs[0]
    return next(TYPE[each.type] for each in graph.tensors if each.name == b"bias")


def answer(model):
    interpreter = Interpreter(model_content=model)
    return [f"{value:.3f}" for value in interpreter.get_signature_runner()(x=np.ones((1, 8), np.float32))["y"][0]]


print(", ".join(f"{name} {version(name)}" for name in ("ai-edge-quantizer", "ai-edge-litert", "tflite")))
made = quantized(float_model(["old", "new"]))
print(f"1. what ai-edge-quantizer wrote, read by LiteRT: {by_litert(made)}")
print(f"   read by tflite's BuiltinCode():               {by_tflite(made)}")
first = by_litert(made)[1::2] == ["DEQUANTIZE", "QUANTIZE"] and by_tflite(made)[1::2] == ["ADD", "ADD"]

second = {}
for fields in (["old", "new"], ["old"]):
    model = float_model(fields)
    second[len(fields)] = type_of_bias(quantized(model))
    print(f"2. codes in {' and '.join(fields)} field: LiteRT reads {by_litert(model)}, answers {answer(model)}")
    print(f"   bias after ai-edge-quantizer: {second[len(fields)]}")
if not (first and second == {2: "INT32", 1: "INT8"}):
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   ai-edge-quantizer 0.10.0, ai-edge-litert 2.3.0, tflite 2.18.0
#   1. what ai-edge-quantizer wrote, read by LiteRT: ['FULLY_CONNECTED', 'DEQUANTIZE', 'ELU', 'QUANTIZE']
#      read by tflite's BuiltinCode():               ['FULLY_CONNECTED', 'ADD', 'ELU', 'ADD']
#   2. codes in old and new field: LiteRT reads ['FULLY_CONNECTED', 'ELU'], answers ['0.704', '-0.581', '1.943', '-0.071']
#      bias after ai-edge-quantizer: INT32
#   2. codes in old field: LiteRT reads ['FULLY_CONNECTED', 'ELU'], answers ['0.704', '-0.581', '1.943', '-0.071']
#      bias after ai-edge-quantizer: INT8
