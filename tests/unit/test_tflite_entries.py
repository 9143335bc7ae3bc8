"""A file with several signatures or subgraphs: which one is built is said, or the file is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edgewright.errors import UserError
from edgewright.stages.model import adopt
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder
from testbench.streams import FIRST, ring

_BUILT = "(subgraph 0) is built, as runtimes run it; not built:"


def _several(signatures: Sequence[tuple[str, int]], subgraphs: int = 1) -> bytes:
    """RELU, and further subgraphs of a RELU6 each."""
    net = ModelBuilder()
    for _ in range(subgraphs):
        other = net.subgraph()
        ends = [other.tensor((1, 4), 0.1) for _ in range(2)]
        other.op("RELU6", ends[:1], ends[1:], version=2)
        other.ends = (ends[:1], ends[1:])
    x, y = (net.tensor((1, 4), 0.1) for _ in range(2))
    net.op("RELU", [x], [y], version=2)
    return net.finish([x], [y], signatures)


@pytest.mark.parametrize(
    ("signatures", "subgraphs", "note"),
    [
        ([], 0, ""),
        ([("serving_default", 0)], 0, ""),
        ([("infer", 0), ("serving_default", 0)], 0, ""),
        ([], 1, "subgraph 0 is built, as runtimes run it; not built: subgraph 1"),
        ([("infer", 0), ("train", 1)], 2, f"signature 'infer' {_BUILT} signature 'train' (subgraph 1), subgraph 2"),
    ],
)
def test_what_is_not_built_is_said(
    signatures: list[tuple[str, int]], subgraphs: int, note: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = _several(signatures, subgraphs)
    graph = parse_model(model)
    assert [node.op for node in graph.nodes] == ["RELU"]
    assert graph.note == note
    (tmp_path / "net.tflite").write_bytes(model)
    words = ["--model", str(tmp_path / "net.tflite"), "--out", str(tmp_path / "o.tflite")]
    adopt.main([*words, "--stats", str(tmp_path / "s.json")])
    said = [line for line in capsys.readouterr().out.splitlines() if "built" in line]
    assert said == ([f"net.tflite: {note}"] if note else [])


def test_what_an_operator_calls_is_no_entry() -> None:
    assert parse_model(ring(FIRST)).note == ""
    assert parse_model(_if()).note == ""


def _if() -> bytes:
    net = ModelBuilder()
    for op in ("RELU", "RELU6"):
        part = net.subgraph()
        ends = [part.tensor((1, 4), 0.1) for _ in range(2)]
        part.op(op, ends[:1], ends[1:], version=2)
        part.ends = (ends[:1], ends[1:])
    x, y = (net.tensor((1, 4), 0.1) for _ in range(2))
    condition = net.constant(np.array(True))
    net.op("IF", [condition, x], [y], then_subgraph_index=1, else_subgraph_index=2)
    return net.finish([x], [y])


@pytest.mark.parametrize("signatures", [[("infer", 1)], [("train", 1), ("infer", 0)]])
def test_a_first_signature_of_another_subgraph_is_refused(signatures: list[tuple[str, int]]) -> None:
    place = "net.tflite: which of its subgraphs is meant is not clear: the first signature is not of the first one"
    with pytest.raises(UserError, match=rf"{place}.*'infer'"):
        parse_model(_several(signatures), "net.tflite")
