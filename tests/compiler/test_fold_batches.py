"""Convolutions over the parts of an image become dilated ones, and no output changes by a bit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.compiler.check import check
from edgewright.compiler.rewrites import rewrite
from edgewright.tflite.graph import Graph
from testbench.nets import SAME, VALID, Net, tflm, to_tflite
from tests.compiler.test_rewrites import bias, facts, images, ops_of, outputs, weights

Pairs = Sequence[tuple[int, int]]


def to_batches(net: Net, x: int, block: Sequence[int], pads: Pairs) -> int:
    n, *sizes, c = net.tensors[x].shape
    parts = [(size + sum(pad)) // b for size, b, pad in zip(sizes, block, pads, strict=True)]
    inputs = [x, net.const(list(block)), net.const(pads)]
    return net.op("SPACE_TO_BATCH_ND", inputs, (n * int(np.prod(block)), *parts, c))


def to_space(net: Net, x: int, block: Sequence[int], crops: Pairs) -> int:
    n, *parts, c = net.tensors[x].shape
    sizes = [part * b - sum(crop) for part, b, crop in zip(parts, block, crops, strict=True)]
    inputs = [x, net.const(list(block)), net.const(crops)]
    return net.op("BATCH_TO_SPACE_ND", inputs, (n // int(np.prod(block)), *sizes, c))


def conv(net: Net, x: int, padding: int, *, depthwise: bool = False, size: tuple[int, int] = (3, 2)) -> int:
    """A convolution of as many images as there are."""
    shape = (1, *size, 4) if depthwise else (4, *size, 2)
    out = net.conv(x, weights(5, *shape), bias(6, 4), 0.7, 3, padding=padding, depthwise=depthwise)
    tensor = net.tensors[out]
    net.tensors.pop(out)
    batches = net.tensors[x].shape[0]
    net.tensors[out] = type(tensor)(out, tensor.name, (batches, *tensor.shape[1:]), "int8", tensor.quantization)
    return out


def dilated(shape: Sequence[int] = (9, 7), block: Any = (2, 3), pads: Pairs = ((2, 3), (1, 1)),
            crops: Pairs = ((0, 1), (0, 0)), padding: int = VALID, depthwise: bool = False) -> Graph:  # fmt: skip
    net = Net()
    parts = to_batches(net, net.input((1, *shape, 2), 0.1, -9), block, pads)
    return net.graph(to_space(net, conv(net, parts, padding, depthwise=depthwise), block, crops))


def sequence(wide: bool, pads: tuple[int, int] = (4, 1)) -> Graph:
    """As converters write Conv1D(dilation_rate=3, padding="causal") of an open batch, with a PAD before it."""
    net = Net()
    x = net.pad(net.input((1, 11, 2), 0.1, -9), [[0, 0], [2, 0], [0, 0]])
    parts = to_batches(net, x, [3], [pads])
    n, steps, _ = net.tensors[parts].shape
    image = net.op(
        "EXPAND_DIMS", [parts, net.const([1 if wide else 2])], (n, 1, steps, 2) if wide else (n, steps, 1, 2)
    )
    made = conv(net, image, VALID, size=(1, 3) if wide else (3, 1))
    flat = net.reshape(made, (n, steps - 2, 4))
    return net.graph(to_space(net, flat, [3], [(0, pads[1])]))


GRAPHS = {
    "valid": dilated(),
    "same-inside": dilated(padding=SAME),
    "depthwise": dilated(depthwise=True),
    "cropped-before": dilated(pads=((2, 3), (2, 3)), crops=((1, 1), (2, 0))),
    "one-axis": dilated(block=(1, 2), pads=((0, 0), (0, 1)), crops=((0, 0), (0, 1))),
    "sequence-along-width": sequence(wide=True),
    "sequence-along-height": sequence(wide=False),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_parts_of_an_image_become_dilation(name: str, tmp_path: Path) -> None:
    graph = GRAPHS[name]
    assert facts(graph, "fold_batches") == {"folded_batches": 1}
    folded = rewrite(graph)[0]
    check(folded)
    assert not {"SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "EXPAND_DIMS"} & set(ops_of(folded))
    found = outputs(graph, tmp_path / "folded", frozenset())
    expected = outputs(graph, tmp_path / "apart", frozenset({"fold_batches"}))
    for got, want in zip(found, expected, strict=True):
        np.testing.assert_array_equal(got, want)
    assert len({want.tobytes() for want in expected}) > 1


def test_it_is_the_dilated_convolution_of_the_runtime(tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro", reason="the oracle needs Python 3.11")
    net = Net()
    x = net.pad(net.input((1, 9, 7, 2), 0.1, -9), [(0, 0), (2, 2), (1, 1), (0, 0)])
    out = net.conv(x, weights(5, 4, 3, 2, 2), bias(6, 4), 0.7, 3, padding=VALID)
    net.nodes[-1].options.update(dilation_h_factor=2, dilation_w_factor=3)  # type: ignore[attr-defined]
    tensor = net.tensors[out]
    net.tensors[out] = type(tensor)(out, tensor.name, (1, 9, 6, 4), "int8", tensor.quantization)
    graph = dilated()
    found = outputs(graph, tmp_path / "folded", frozenset())
    for got, want in zip(found, tflm(to_tflite(net.graph(out)), images(graph)), strict=True):
        np.testing.assert_array_equal(got, want)


def test_a_part_that_something_else_reads_stays() -> None:
    net = Net()
    parts = to_batches(net, net.input((1, 8, 8, 2), 0.1, -9), (2, 2), ((0, 0), (0, 0)))
    out = to_space(net, conv(net, parts, VALID), (2, 2), ((0, 0), (0, 0)))
    assert facts(net.graph(out, parts), "fold_batches") == {}


@pytest.mark.parametrize(
    "graph",
    [
        dilated(pads=((0, 1), (0, 2)), crops=((1, 0), (0, 0))),
        dilated(pads=((0, 1), (0, 2)), crops=((0, 2), (0, 0))),
    ],
    ids=["cut-before", "cut-after"],
)
def test_a_result_that_is_cut_further_than_it_was_padded_stays(graph: Graph) -> None:
    assert facts(graph, "fold_batches") == {}
