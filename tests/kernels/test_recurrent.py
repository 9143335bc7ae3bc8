"""Kernels of recurrent layers for DSP cores on emulated boards, against the portable ones on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from edgewright import ops
from edgewright.compiler import CompileOptions
from edgewright.compiler.select.kernels import best_kernel
from edgewright.kernels.record import REF
from testbench.differential import recurrent
from testbench.differential.network import Network
from testbench.kernels.image import BOARDS, Case, run
from testbench.kernels.recurrent import case

pytestmark = pytest.mark.skipif(
    not (shutil.which("qemu-system-arm") and shutil.which("arm-none-eabi-gcc")), reason="no emulator or cross compiler"
)

MAKES = {"UNIDIRECTIONAL_SEQUENCE_LSTM": recurrent.lstm, "SVDF": recurrent.svdf}
KERNELS = ("unidirectional_sequence_lstm_s8_dsp", "svdf_s8_dsp")
CASES = 6


def found(op: str) -> list[Case]:
    """Layers of random sizes."""
    cases = []
    for number in range(CASES):
        net = Network(np.random.default_rng([number, *op.encode()]))
        x = net.input((net.pick(1, 1, 2), net.between(1, 4), net.between(1, 3), net.between(1, 9)))
        cases.append(case(op, net, x, MAKES[op](net, x), "dsp"))
    return [each for each in cases if each is not None]


@pytest.mark.parametrize("board", ["m4", "m55"])
@pytest.mark.parametrize("op", MAKES)
def test_every_kernel(op: str, board: str, tmp_path: Path) -> None:
    cases, core = found(op), BOARDS[board].core
    for each in cases:
        (ref,) = ops.get_for(each.view).lower(each.view, REF)
        assert all(core.costs.has(call.kernel, call.work or {"": 0}) for call in (*each.calls, ref))  # price decides
        assert best_kernel(each.view, core, CompileOptions(optimize="speed")).variant == "dsp"
    outcomes = run(cases, BOARDS[board], tmp_path, optimize="-O2" if board == "m4" else "-O0")
    assert len(outcomes) == len(cases) >= CASES / 2
    assert {call.kernel for each in cases for call in each.calls} <= set(KERNELS)
    assert [o.name for o in outcomes if o.differing] == []
