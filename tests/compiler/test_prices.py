"""What a byte has to save under `optimize = "balanced"`, and SOFTMAX's table, which is chosen by that."""

from __future__ import annotations

import numpy as np
import pytest

from edgewright.compiler import CompiledModel, CompileOptions, Core, compile_model
from edgewright.compiler.select.price import CYCLES_PER_BYTE, cycles_per_byte
from testbench.nets import Net

M4 = Core("cortex-m4", "armv7e-m", has_dsp=True)


@pytest.mark.parametrize(
    ("constants", "flash", "cycles"),
    [
        (None, None, 45),
        (16 << 10, None, 45),
        (1 << 20, 2 << 20, 45),
        (8 << 10, 1 << 20, 45 / 4),
        (4 << 10, None, 45 / 16),
        (4 << 10, 16 << 10, 45),
        (4 << 10, 32 << 10, 45 / 4),
    ],
)
def test_a_byte_counts_by_the_flash_that_constants_take(
    constants: int | None, flash: int | None, cycles: float
) -> None:
    assert cycles_per_byte(CompileOptions("balanced", flash_bytes=flash, constant_bytes=constants)) == cycles
    for name in ("speed", "size"):
        assert cycles_per_byte(CompileOptions(name, constant_bytes=constants)) == CYCLES_PER_BYTE[name]


def classifier(depth: int, optimize: str) -> CompiledModel:
    random, net = np.random.default_rng(1), Net()
    x = net.dense(net.input((1, depth)), random.integers(-127, 128, (10, depth)), None, 0.07)
    graph = net.graph(net.op("SOFTMAX", [x], (1, 10), 1 / 256, -128, 2, beta=1.0))
    return compile_model(graph, "net", M4, CompileOptions(optimize))


@pytest.mark.parametrize(
    ("depth", "optimize", "variant"),
    [(64, "speed", "ref"), (64, "balanced", "ref"), (3000, "balanced", "steps"), (3000, "size", "steps")],
)
def test_softmax_has_its_table_in_flash_or_made_of_steps(depth: int, optimize: str, variant: str) -> None:
    found = classifier(depth, optimize)
    assert [step.variant for step in found.program.steps][-1] == variant
    assert (found.program.steps[-1].scratch_bytes > 0) == (variant == "steps")
