"""Kernels of recurrent layers for DSP cores on emulated boards, against the portable ones on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from edgewright import ops
from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.tflite.reader import parse_model
from testbench.differential import recurrent
from testbench.differential.network import Network
from testbench.kernels.image import BOARDS, Case, run

pytestmark = pytest.mark.skipif(
    not (shutil.which("qemu-system-arm") and shutil.which("arm-none-eabi-gcc")), reason="no emulator or cross compiler"
)

MAKES = {"UNIDIRECTIONAL_SEQUENCE_LSTM": recurrent.lstm, "SVDF": recurrent.svdf}
CASES = 6


def found(op: str, folder: Path) -> list[Case]:
    """Layers of random sizes, and what their first run from an empty state gives."""
    cases = []
    for number in range(CASES):
        net = Network(np.random.default_rng([number, *op.encode()]))
        x = net.input((net.pick(1, 1, 2), net.between(1, 4), net.between(1, 3), net.between(1, 9)))
        y = MAKES[op](net, x)
        graph = parse_model(net.builder.finish(net.inputs, [y]))
        view = next(view for view in graph.views() if view.node.op == op)
        kernel = ops.get_for(view).kernel("dsp")
        if kernel.unsupported(view) is None:
            given = net.random.integers(-128, 128, x.shape).astype(np.int8)
            place = folder / f"{op}-{number}"
            place.mkdir()
            (expected,) = build(compile_model(graph, "model"), place).run([given[None]])
            calls, overlap = kernel.lower(view), {}
            data = given.reshape(-1), expected.reshape(-1).view(np.int8)
            cases.append(Case(f"{op} {number}", calls, data[:1], data[1], overlap, ops.get_for(view).macs(view), view))
    return cases


@pytest.mark.parametrize("board", ["m4", "m55"])
@pytest.mark.parametrize("op", MAKES)
def test_every_kernel(op: str, board: str, tmp_path: Path) -> None:
    cases = found(op, tmp_path)
    outcomes = run(cases, BOARDS[board], tmp_path, optimize="-O2" if board == "m4" else "-O0")
    assert len(outcomes) == len(cases) >= CASES / 2
    assert [o.name for o in outcomes if o.differing] == []
