"""A .tflite file becomes a Graph; whatever is wrong with it becomes a UserError with the place.

The file is taken for hostile: see `_flatbuffer`. Nothing is allocated by a size that the file claims; constants are
views of its bytes. Time and memory are linear in the file's size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence, Set
from functools import cache
from pathlib import Path

import numpy as np
from flatbuffers import number_types
from tflite.Model import Model

from edgewright.errors import UserError
from edgewright.tflite._bidirectional import without_bidirectional
from edgewright.tflite._entries import note
from edgewright.tflite._flatbuffer import Record, corrupt
from edgewright.tflite._lists import without_lists
from edgewright.tflite._options import OPERATORS, read_options
from edgewright.tflite._sparse import without_densify
from edgewright.tflite._states import resolve
from edgewright.tflite._tensors import Buffers, read_tensors
from edgewright.tflite.anomaly import read_threshold
from edgewright.tflite.control import Part, without_control
from edgewright.tflite.custom import NAMES, read_custom
from edgewright.tflite.graph import NONE, Graph, Node, Tensor
from edgewright.tflite.signal_states import with_signal_states

MAX_FILE_BYTES = (1 << 31) - 1
"""What offsets of a flatbuffer reach."""


MAX_OPERATORS = 1 << 14
"""Of a subgraph: seconds of reading. The compiler takes fewer."""

_NEED_OPTIONS = frozenset(
    ("CONV_2D", "DEPTHWISE_CONV_2D", "MIRROR_PAD", "PACK", "SOFTMAX", "UNPACK"),
)
"""Operators whose options have no default: without them LiteRT refuses the file, and TensorFlow Lite Micro ends or
answers nonsense."""


def read_bytes(path: Path) -> bytes:
    """Content of a .tflite file. UserError when it cannot be read or is too large to be one."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            problem = "the file is too large: weights beyond 2 GiB lie outside the flatbuffer, which is not supported"
            raise UserError(str(path), problem, got=f"{size:,} bytes", allowed=f"up to {MAX_FILE_BYTES:,}")
        return path.read_bytes()
    except OSError as error:
        raise UserError(str(path), f"cannot read the model: {error.strerror}") from error


def read_model(path: Path) -> Graph:
    """The first subgraph of a .tflite file, with its states. UserError when it cannot be read or is not sound."""
    return parse_model(read_bytes(path), path.name)


def subgraph_count(data: bytes, name: str = "model.tflite") -> int:
    """How many subgraphs a .tflite file has: more than one where operators such as WHILE and IF have bodies."""
    return len(Record.root(Model, data, name).records("Subgraphs", "subgraph"))


def parse_model(data: bytes | bytearray, name: str = "model.tflite") -> Graph:
    """As `read_model`, from the file's content; `name` is for messages.

    Constants and scales are views of `data`: with a bytearray, what is written to them is written to the file.
    """
    if data[4:8] != b"TFL3":
        raise UserError(name, "not a .tflite file", got=bytes(data[4:8]), allowed="the identifier b'TFL3' at byte 4")
    model = Record.root(Model, data, name)
    if model.value("Version") != 3:
        raise UserError(name, "unknown schema version", got=model.value("Version"), allowed="3")
    subgraphs = model.records("Subgraphs", "subgraph")
    if not subgraphs:
        raise corrupt(name, "it has no subgraph")
    return _graph(model, subgraphs, data, name)


def _graph(model: Record, subgraphs: Sequence[Record], data: bytes | bytearray, name: str) -> Graph:
    buffers = Buffers(model, name)
    codes = [_operator_code(code) for code in model.records("OperatorCodes", "operator code")]
    nodes, inputs, outputs = _operators(subgraphs[0], codes)
    tensors, variables = read_tensors(subgraphs[0], nodes, (inputs, outputs), buffers)
    graph = without_densify(Graph(name, hashlib.sha256(data).hexdigest(), tensors, nodes, inputs, outputs))
    _check_order(graph, variables)

    @cache
    def part(number: int) -> Part | None:
        if not 0 < number < len(subgraphs):
            return None
        its_nodes, *ends = _operators(subgraphs[number], codes)
        its_tensors, its_variables = read_tensors(
            subgraphs[number], its_nodes, (ends[0], ends[1]), buffers, is_main=False
        )
        return Part(its_nodes, its_tensors, ends[0], ends[1], bool(its_variables))

    flat = without_bidirectional(without_lists(without_control(graph, part)))
    if flat is not graph:
        _check_order(flat, variables)
    resolved = resolve(flat.nodes, flat.tensors, variables, part)
    said = note(model, subgraphs, name)
    known = {"states": resolved.states, "note": said, "anomaly": read_threshold(model, buffers)}
    return with_signal_states(flat.with_(nodes=resolved.nodes, tensors=resolved.tensors, **known))


def _operators(
    subgraph: Record, codes: Sequence[tuple[str, int]]
) -> tuple[tuple[Node, ...], tuple[int, ...], tuple[int, ...]]:
    """The operators of a subgraph, and the numbers of its inputs and outputs."""
    count, operators = subgraph.count("Tensors"), subgraph.count("Operators")
    if operators > MAX_OPERATORS:
        raise UserError(
            subgraph.where, "the model has too many operators", got=operators, allowed=f"up to {MAX_OPERATORS}"
        )
    inputs, outputs = (_indices(subgraph, field, count) for field in ("Inputs", "Outputs"))
    return _nodes(subgraph, codes, count), inputs, outputs


def _nodes(subgraph: Record, codes: Sequence[tuple[str, int]], tensor_count: int) -> tuple[Node, ...]:
    records = subgraph.records("Operators", "operator")
    return tuple(_node(index, record, codes, tensor_count) for index, record in enumerate(records))


def _operator_code(record: Record) -> tuple[str, int]:
    """Name and version; the larger of the two numbers that are stored holds, as in the runtimes."""
    stored = (record.stored(0, number_types.Int8Flags), record.stored(3, number_types.Int32Flags))
    number = max(stored)
    name = OPERATORS.get(number, f"UNKNOWN({number})")
    if name == "CUSTOM":
        custom = record.text("CustomCode")
        name = NAMES.get(custom, f"CUSTOM({custom})")
    return name, int(record.value("Version"))


def _node(index: int, record: Record, codes: Sequence[tuple[str, int]], tensor_count: int) -> Node:
    code = int(record.value("OpcodeIndex"))
    if not 0 <= code < len(codes):
        raise corrupt(record.where, f"it names operator code {code} of {len(codes)}")
    name, version = codes[code]
    inputs = _indices(record, "Inputs", tensor_count, optional=True)
    options = read_options(record)
    if name in NAMES.values():
        options = read_custom(name, record.numbers("CustomOptions").tobytes())
    if name in _NEED_OPTIONS and not options:
        raise UserError(
            record.where, f"{name} has no options, and no runtime runs it so", hint="convert the model again"
        )
    if name == "UNIDIRECTIONAL_SEQUENCE_LSTM":
        options = {**options, "intermediates": record.count("Intermediates")}
    return Node(index, name, version, inputs, _indices(record, "Outputs", tensor_count), options)


def _indices(record: Record, field: str, count: int, optional: bool = False) -> tuple[int, ...]:
    numbers = record.numbers(field)
    bad = (numbers >= count) | (numbers < (NONE if optional else 0))
    if np.any(bad):
        raise corrupt(record.where, f"{field.lower()} name tensor {int(numbers[bad][0])} of {count}")
    return tuple(int(number) for number in numbers)


def _check_order(graph: Graph, variables: Set[int]) -> None:
    """Every tensor is written once, before it is read."""
    known = {t.id for t in graph.tensors.values() if t.is_constant} | variables
    written = {number for node in graph.nodes for number in node.outputs}
    for number in graph.inputs:
        _write(known, number, graph.name, "the model's inputs")
    for node in graph.nodes:
        where = f"{graph.name}: operator {node.index} ({node.op})"
        for number in _unknown(node.inputs, known):
            raise _unwritten(where, graph.tensors[number], later=number in written)
        for number in node.outputs:
            _write(known, number, where, "operator outputs")
    for number in _unknown(graph.outputs, known):
        raise corrupt(graph.name, f"output tensor {number} is never written")


def _unwritten(where: str, tensor: Tensor, later: bool) -> UserError:
    """A tensor that is read while nothing stands in it: written `later`, or never."""
    if later:
        return corrupt(where, f"tensor {tensor.id} is read before it is written: a cycle, or a wrong order")
    problem = f"nothing writes its input tensor {tensor.id} ({describe(tensor)}), which is no constant"
    return UserError(where, problem, hint="convert the model again")


def _unknown(numbers: Sequence[int], known: set[int]) -> Iterator[int]:
    return (number for number in numbers if number != NONE and number not in known)


def _write(known: set[int], number: int, where: str, what: str) -> None:
    if number in known:
        raise corrupt(where, f"{what} name tensor {number}, which has its content already")
    known.add(number)


def describe(tensor: Tensor) -> str:
    """A tensor in a message: "int8[1,49,10,1] 'name'"."""
    title = repr(tensor.name) if tensor.name else f"tensor {tensor.id}"
    return f"{tensor.dtype}[{','.join(map(str, tensor.shape))}] {title}"
