"""The records of kernels say the truth: their headers are there, and their calls name these alone."""

from __future__ import annotations

import numpy as np
import pytest

from edgewright import ops
from edgewright.compiler._unsupported import unsupported
from edgewright.errors import UserError
from edgewright.kernels.headers import headers
from edgewright.kernels.record import Kernel
from edgewright.ops import base, table
from edgewright.tflite.reader import parse_model
from testbench.differential import typed
from testbench.differential.network import Network
from testbench.differential.pairs import KINDS

CASES = 6


def test_headers_are_there_and_define_the_function() -> None:
    for kernel in table.kernels():
        for file in kernel.files:
            assert f"ew_{file}" in headers()[f"{file}.h"].read_text(), kernel.op


def test_every_operator_has_one_portable_kernel() -> None:
    for op in table.operators():
        assert [kernel.name for kernel in op.kernels].count("ref") == 1, op.name


def test_calls_name_the_files_of_their_record() -> None:
    seen = set()
    for seed in range(CASES):
        for op, dtype in KINDS:
            net = Network(np.random.default_rng([seed, len(op)]))
            shape = (1, net.between(2, 6), net.between(2, 6), net.pick(1, 2, 3, 4, 8))
            given = "float32" if dtype == "hybrid" else dtype
            x = net.input(shape) if given == "int8" else typed.given(net, given, *shape)
            KINDS[op, dtype](net, x)
            graph = parse_model(net.builder.finish(net.inputs, net.builder.unread()))
            for view in graph.views():
                if any(unsupported(view)):
                    continue
                for kernel in ops.get_for(view).kernels:
                    if kernel.unsupported(view) is None:
                        called = {call.kernel for call in kernel.lower(view)}
                        assert called <= set(kernel.files), (view.node.op, kernel.name)
                        seen |= called
    assert len(seen) > 100


def test_two_kernels_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    op = ops.get("ABS")
    twin = Kernel("ABS", ("abs_s8_twin",), op.lower_ref)
    monkeypatch.setattr(base, "kernels_of", lambda _: (twin,))
    monkeypatch.delitem(op.__dict__, "kernels", raising=False)
    with pytest.raises(UserError, match="kernel ref of ABS: two kernels have this name"):
        _ = op.kernels
