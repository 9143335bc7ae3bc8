"""Kernels are chosen together: code is paid for once, whatever the number of layers that share it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from edgewright.compiler.ir import CompileOptions
from edgewright.compiler.select.schedule import schedule_of
from edgewright.kernels.core import Core
from edgewright.tflite.graph import Graph
from testbench.nets import RELU, Net

M4 = Core("cortex-m4", "armv7e-m", has_dsp=True)


def dense(*widths: int) -> Graph:
    net, random = Net(), np.random.default_rng(1)
    x = net.input((1, widths[0]), 0.02, -128)
    for before, after in pairwise(widths):
        x = net.dense(x, random.integers(-60, 61, (after, before)), [0] * after, 1.0, -128, act=RELU)
    return net.graph(x)


def variants(graph: Graph, optimize: str) -> list[str]:
    return [step.variant for step in schedule_of(graph, M4, CompileOptions(optimize=optimize)).steps]


@pytest.mark.parametrize("optimize", ["size", "balanced"])
def test_a_small_layer_takes_a_fast_kernel_where_another_one_brings_it(optimize: str) -> None:
    assert variants(dense(64, 12), optimize) == ["ref"]
    assert variants(dense(640, 640, 64, 12), optimize) == ["compact"] * 3


def test_speed_pays_for_no_byte() -> None:
    assert "ref" not in variants(dense(64, 12), "speed")


def test_layers_that_are_small_alone_share_a_fast_kernel() -> None:
    alone, many = dense(128, 64), dense(*[128, 64] * 6)
    assert variants(alone, "size") == ["ref"]
    assert set(variants(many, "balanced")) == {"compact"}


def test_why_counts_code() -> None:
    (step,) = schedule_of(dense(64, 12), M4, CompileOptions(optimize="size")).steps
    code = M4.costs.code_bytes("fully_connected_s8_compact") - M4.costs.code_bytes("fully_connected_s8_ref")
    assert "compact would save" in step.why
    assert code > 500
