"""What a file means to the reader is what it means to the runtimes.

Files are written with the fields that converters leave out, or fill in several ways. Each is read, and the graph is
written again with nothing left out: a runtime must answer the same to both. What the runtime refuses may be read, and
is then refused when it is written again, or for a reason that is known; what the runtime takes is read.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.compiler.check import check
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.oracle import Oracle, RefusedError
from testbench.nets import to_tflite
from testbench.tflite_files import File, FileOperator, FileTensor

SHAPE = (1, 2, 3, 4)
X = (np.arange(24, dtype=np.int64) * 37 % 256 - 128).astype(np.int8).reshape(SHAPE)

OPERATORS: dict[str, tuple[int, int, tuple[int, str] | None, tuple[int, ...], np.ndarray | None]] = {
    "ADD": (0, 2, (11, "AddOptions"), SHAPE, None),
    "SUB": (41, 2, (28, "SubOptions"), SHAPE, None),
    "MUL": (18, 2, (21, "MulOptions"), SHAPE, None),
    "MAXIMUM": (55, 2, (39, "MaximumMinimumOptions"), SHAPE, None),
    "RELU": (19, 1, None, SHAPE, None),
    "QUANTIZE": (114, 1, None, SHAPE, None),
    "RESHAPE": (22, 1, (17, "ReshapeOptions"), (4, 6), np.array([4, 6], np.int32)),
    "MEAN": (40, 1, (27, "ReducerOptions"), (1, 4), np.array([1, 2], np.int32)),
    "ARG_MAX": (56, 1, (40, "ArgMaxOptions"), SHAPE[:-1], np.array(3, np.int32)),
}
"""Number, computed inputs, member of the union and table of the options, shape of the output, constant input."""

STRICT = {
    "TFLM": (),
    "LiteRT": ("quantized_dimension must be in range", "per-layer quantization", "not equal to supported version"),
}
"""Refusals of files that are read: the field means nothing here, and the runtime checks it all the same."""


def _code(pick: random.Random, number: int) -> dict[str, int]:
    deprecated = pick.choice([n for n in (0, number, number // 2) if n <= 127])
    both = {"BuiltinCode": number, "DeprecatedBuiltinCode": min(number, 127)}
    return pick.choice([
        both,
        {"BuiltinCode": number},
        {"BuiltinCode": number, "DeprecatedBuiltinCode": deprecated},
        {"BuiltinCode": pick.choice([0, number // 2]), "DeprecatedBuiltinCode": number},
    ])  # fmt: skip


def _tensor(pick: random.Random, shape: tuple[int, ...], dtype: int = 9) -> FileTensor:
    is_int8 = dtype == 9
    return FileTensor(
        shape,
        dtype,
        buffer=pick.choice([0, None]),
        name=pick.choice(["t", None, ""]),
        scale=pick.choice([[0.5], [0.25]]) if is_int8 else None,
        zero_point=pick.choice([[0], [-5]]) if is_int8 else None,
        quantized_dimension=pick.choice([None, 0, len(shape) - 1, len(shape)]) if is_int8 else None,
        shape_signature=pick.choice([None, [-1, *shape[1:]], shape]),
    )


def _file(op: str, pick: random.Random) -> bytes:
    """A model of one operator; the last tensors are its output and its constant."""
    number, count, table, shape, constant = OPERATORS[op]
    tensors = [_tensor(pick, SHAPE) for _ in range(count)]
    if op in ("RESHAPE", "MAXIMUM"):
        tensors = [replace(each, scale=[0.5], zero_point=[0]) for each in tensors]
    output = _tensor(pick, shape, 2 if op == "ARG_MAX" else 9)
    output = replace(output, scale=[0.5], zero_point=[0]) if op in ("RESHAPE", "MAXIMUM") else output
    inputs, buffers = list(range(count)), [pick.choice([None, b""])]
    if constant is not None:
        inputs.append(count + 1)
        buffers.append(constant.tobytes())
    tensors += [output, FileTensor(constant.shape, 2, 1, scale=None, zero_point=None)] if inputs[count:] else [output]
    fields: dict[str, Any] = {"OutputType": 2} if op == "ARG_MAX" else {}
    options = (*table, fields) if table and (fields or pick.random() < 0.6) else None
    operator = FileOperator(inputs, [count], pick.choice([0, None]), options)
    code = _code(pick, number) | pick.choice([{}, {"Version": 1}])
    return File(tensors, [operator], [code], buffers, list(range(count)), [count]).data()


@pytest.fixture(scope="module", params=["TFLM", "LiteRT"])
def runtime(request: pytest.FixtureRequest) -> Iterator[tuple[str, Oracle]]:
    with Oracle(request.param) as oracle:
        yield request.param, oracle


def _answer(oracle: Oracle, model: bytes, inputs: int) -> tuple[list[int] | None, str]:
    """The output, or None and why there is none."""
    try:
        return oracle.run(model, [[X, X[:, ::-1].copy()][:inputs]])[0][0].ravel().tolist(), ""
    except RefusedError as error:
        return None, str(error)


@pytest.mark.parametrize("op", OPERATORS)
def test_a_file_means_what_it_means_to_the_runtimes(runtime: tuple[str, Oracle], op: str) -> None:
    name, oracle = runtime
    ran = 0
    for seed in range(16):
        model, count = _file(op, random.Random(f"{op} {seed}")), OPERATORS[op][1]
        graph = parse_model(model)
        assert [node.op for node in graph.nodes] == [op]
        check(graph)
        wanted, reason = _answer(oracle, model, count)
        assert wanted is not None or any(known in reason for known in STRICT[name]), (seed, reason)
        if wanted is not None:
            ran += 1
            assert _answer(oracle, to_tflite(graph), count)[0] == wanted, seed
    assert ran > 1


def _sub(**changes: Any) -> bytes:
    """SUB of two inputs."""
    code = {"BuiltinCode": 41, "DeprecatedBuiltinCode": 41}
    parts = {"tensors": [FileTensor(SHAPE)] * 3, "operators": [FileOperator([0, 1], [2])], "codes": [code]}
    return File(**{**parts, "inputs": (0, 1), "outputs": (2,), **changes}).data()


NOWHERE = {
    "no zero points": {"tensors": [FileTensor(SHAPE, zero_point=None)] * 3},
    "empty zero points": {"tensors": [FileTensor(SHAPE, zero_point=[])] * 3},
    "no scales": {"tensors": [FileTensor(SHAPE, scale=None)] * 3},
    "scale 0": {"tensors": [FileTensor(SHAPE, scale=[0.0])] * 3},
    "a dimension of -1": {"tensors": [FileTensor((-1, *SHAPE[1:]))] * 3},
    "no subgraph's inputs": {"inputs": ()},
}


@pytest.mark.parametrize("case", NOWHERE)
def test_what_no_runtime_takes_is_refused(runtime: tuple[str, Oracle], case: str) -> None:
    model = _sub(**NOWHERE[case])
    assert _answer(runtime[1], model, 2)[0] is None
    with pytest.raises(UserError):
        check(parse_model(model))


def test_the_plain_file_is_taken(runtime: tuple[str, Oracle]) -> None:
    check(parse_model(_sub()))
    assert _answer(runtime[1], _sub(), 2)[0] is not None


KERNEL = np.arange(8, dtype=np.int8)
WITHOUT_OPTIONS = {
    "CONV_2D": (3, 1, (2, 1, 1, 4), (*SHAPE[:3], 2)),
    "DEPTHWISE_CONV_2D": (4, 1, (1, 1, 2, 4), SHAPE),
    "SOFTMAX": (25, 1, None, SHAPE),
    "PACK": (83, 2, None, (2, *SHAPE)),
    "UNPACK": (88, 1, None, SHAPE[1:]),
    "MIRROR_PAD": (100, 1, (4, 2), SHAPE),
}
"""Number, inputs, shape of the constant input (paddings of 0 for MIRROR_PAD), shape of the output."""
EMPTY = {"PACK": (59, "PackOptions"), "UNPACK": (64, "UnpackOptions")}


def _of_defaults(op: str, table: tuple[int, str] | None) -> bytes:
    """An operator without a table of options, or with an empty one."""
    number, count, constant, shape = WITHOUT_OPTIONS[op]
    tensors, buffers = [FileTensor(SHAPE)] * count, [None]
    if constant is not None:
        data = np.zeros(8, np.int32) if op == "MIRROR_PAD" else KERNEL
        tensors.append(FileTensor(constant, 2 if op == "MIRROR_PAD" else 9, 1))
        buffers.append(data.tobytes())
    last = FileTensor(shape, scale=[1 / 256], zero_point=[-128]) if op == "SOFTMAX" else FileTensor(shape)
    options = (*table, {}) if table else None
    operator = FileOperator(list(range(len(tensors))), [len(tensors)], 0, options)
    code = {"BuiltinCode": number, "Version": 1}
    return File([*tensors, last], [operator], [code], buffers, list(range(count)), [len(tensors)]).data()


@pytest.mark.parametrize("op", WITHOUT_OPTIONS)
def test_options_without_defaults_must_be_there(op: str) -> None:
    model = _of_defaults(op, None)
    with Oracle("LiteRT") as litert:
        assert _answer(litert, model, WITHOUT_OPTIONS[op][1])[0] is None
    with pytest.raises(UserError, match=rf"operator 0.*{op} has no options, and no runtime runs it so"):
        parse_model(model, "m")


@pytest.mark.parametrize(("op", "said"), [("PACK", "values_count is 0 for 2 inputs"), ("UNPACK", "num is 0 for 1 out")])
def test_numbers_of_parts_are_believed(op: str, said: str) -> None:
    """TensorFlow Lite Micro packs as many inputs as the file says, LiteRT refuses what differs."""
    model = _of_defaults(op, EMPTY[op])
    with Oracle("LiteRT") as litert:
        assert _answer(litert, model, WITHOUT_OPTIONS[op][1])[0] is None
    with pytest.raises(UserError, match=said):
        check(parse_model(model))


OF_NONE = {
    "MEAN": (40, (27, "ReducerOptions", {"KeepDims": True}), (0,)),
    "SUM": (74, (27, "ReducerOptions", {}), (0,)),
    "REDUCE_MAX": (82, (27, "ReducerOptions", {}), (0,)),
    "CONCATENATION": (2, (10, "ConcatenationOptions", {"Axis": 1}), (1, 0, 3, 4)),
}
"""Number, options and shape of a constant of no elements."""


@pytest.mark.parametrize("dtype", ["int8", "int16", "float32"])
@pytest.mark.parametrize("op", OF_NONE)
def test_a_constant_of_no_elements_is_nothing(tmp_path: Path, op: str, dtype: str) -> None:
    """As in both runtimes: nothing is reduced, nothing is joined."""
    number, options, shape = OF_NONE[op]
    kind = {"int8": 9, "int16": 7, "float32": 0}[dtype]
    data = FileTensor(SHAPE, kind) if kind else FileTensor(SHAPE, kind, scale=None, zero_point=None)
    none = replace(data, shape=shape, buffer=1)
    none = none if op == "CONCATENATION" else FileTensor(shape, 2, 1, scale=None, zero_point=None)
    code, operator = {"BuiltinCode": number, "Version": 1}, FileOperator([0, 1], [2], 0, options)
    graph = parse_model(File([data, none, data], [operator], [code], [None, b""], [0], [2]).data())
    program = build(compile_model(graph, "m"), tmp_path)
    x = X.astype(dtype)
    np.testing.assert_array_equal(program.run([x[None]])[0][0], x)


@pytest.mark.parametrize("version", [None, 0, 1, 2, 4])
def test_schema_version_as_litert_has_it(version: int | None) -> None:
    model = _sub(version=version)
    with Oracle("LiteRT") as oracle:
        assert "not equal to supported version 3" in _answer(oracle, model, 2)[1]
    with pytest.raises(UserError, match="unknown schema version"):
        parse_model(model)
