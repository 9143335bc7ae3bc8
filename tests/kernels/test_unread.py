"""Kernels of layers that a rewrite made, on emulated boards, against the portable kernels of the layers before it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgewright import ops
from edgewright.compiler import CompileOptions, Core, compile_model
from edgewright.compiler.rewrites import ORDER, rewrite
from edgewright.compiler.select.kernels import prices_of
from edgewright.kernels import unpack
from edgewright.tflite.graph import Graph, View
from testbench.host_build import HostModel
from testbench.kernels.image import BOARDS, Case, run
from tests.compiler.test_rewrites_unread import NETS, network

pytestmark = pytest.mark.skipif(
    not (shutil.which("qemu-system-arm") and shutil.which("arm-none-eabi-gcc")), reason="no emulator or cross compiler"
)
SMALL = CompileOptions(optimize="size")
GRAPHS = {name: graph for name, graph in NETS.items() if name != "pointwise-blocks-of-largest"}


def answers(graph: Graph, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """An input and the output without any rewrite."""
    folder.mkdir()
    compiled = compile_model(graph, "net", Core(), CompileOptions(without=frozenset(ORDER)))
    x = np.random.default_rng(3).integers(-128, 128, graph.tensors[graph.inputs[0]].shape).astype(np.int8)
    model = HostModel(compiled.files, "net", folder)
    (y,) = model.run([x], graph.tensors[graph.outputs[0]].shape, compiled.program.plan.arena_bytes)
    return x, y


def case(view: View, variant: str, name: str, x: np.ndarray, y: np.ndarray) -> Case:
    op = ops.get_for(view)
    assert op.unsupported(view, variant, BOARDS["m4"].core) is None
    inputs = (np.frombuffer(x.tobytes(), np.int8),)
    return Case(name, op.lower(view, variant), inputs, y, op.overlap(view, variant), op.macs(view), view)


def fused(variant: str, folder: Path) -> Iterator[Case]:
    for name, graph in GRAPHS.items():
        found = rewrite(graph, frozenset(ORDER) - {"pool_blocks", "skip_unread"}, prices=prices_of(Core(), SMALL))[0]
        view = next(view for view in found.views() if view.node.op == "CONV_2D_FULLY_CONNECTED")
        yield case(view, variant, f"{name} {variant}", *answers(graph, folder / f"{name}-{variant}"))


def sums(variant: str, folder: Path) -> Iterator[Case]:
    for block in ((2, 2), (7, 1), (3, 4)):
        graph = network(block, kept=0.9, size=(7, 7, 2))
        found = rewrite(graph, frozenset(ORDER) - {"pool_blocks"})[0]
        view = next(view for view in found.views() if view.node.op == "FULLY_CONNECTED_SUMS")
        _, y = answers(graph, folder / f"sums-{block}-{variant}")
        yield case(view, variant, f"sums {block} {variant}", _summed(graph, block, folder), y)


def _summed(graph: Graph, block: tuple[int, int], folder: Path) -> np.ndarray:
    """int16 sums of the blocks of the convolution's output."""
    conv = Graph(graph.name, graph.sha256, graph.tensors, graph.nodes[:1], graph.inputs, graph.nodes[0].outputs)
    image = answers(conv, folder / f"image-{block}-{len(list(folder.iterdir()))}")[1][0].astype(np.int16)
    rows = np.add.reduceat(image, np.arange(0, image.shape[0], block[0]), axis=0)
    return np.add.reduceat(rows, np.arange(0, image.shape[1], block[1]), axis=1).astype(np.int16)


@pytest.mark.parametrize(("board", "variants"), [("m4", ("dsp", "ref")), ("m0", ("ref",)), ("m33", ("dsp",))])
def test_what_a_rewrite_made(board: str, variants: tuple[str, ...], tmp_path: Path) -> None:
    check([each for variant in variants for make in (fused, sums) for each in make(variant, tmp_path)], board, tmp_path)


@pytest.mark.parametrize(("board", "variants"), [("m4", ("dsp", "ref")), ("m0", ("ref",))])
def test_what_a_rewrite_made_with_codes(board: str, variants: tuple[str, ...], tmp_path: Path) -> None:
    raw = [each for variant in variants for make in (fused, sums) for each in make(variant, tmp_path)]
    made = [(each, unpack.unpacked(each.calls)) for each in raw]
    found = [replace(each, calls=unpack.decoded(calls)) for each, calls in made if calls is not None]
    kinds = {case.calls[-1].kernel for case in found}
    assert kinds == {f"{stem}_s8_{variant}" for variant in variants for stem in ("conv_dense", "fully_connected_sums")}
    check([*sums("coded", tmp_path), *found], board, tmp_path)


def check(found: list[Case], board: str, folder: Path) -> None:
    outcomes = run(found, BOARDS[board], folder)
    assert len(outcomes) >= len(found)
    assert [f"{o.name}, input over output: {o.overlapping}" for o in outcomes if o.differing] == []
