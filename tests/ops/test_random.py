"""Random cases of every operator against TensorFlow Lite Micro, and against LiteRT where that does not run them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from edgewright import ops, registry
from testbench.differential import floats, signals
from testbench.differential.network import Generator, Network
from testbench.differential.operators import GENERATORS, LITERT
from testbench.differential.oracle import Oracle
from testbench.differential.whole import TFLM
from tests.ops.batch import Case, assert_bit_exact

CASES = 4
SEED = 20
STATEFUL = ("ASSIGN_VARIABLE", "CALL_ONCE", "READ_VARIABLE", "VAR_HANDLE")
"""Tested in test_state.py."""
NAMES = {name.upper().replace("-", "_") for name in registry.ops.names()} - {op for op, _ in signals.GENERATORS}
"""Signal operators are tested in test_signal.py."""
WHOLE = ({op for op, _ in TFLM} & NAMES) - {*GENERATORS, *LITERT}
"""Of types that test_whole.py tests alone."""
GROUPS = 16
"""Operators of a group are one model: one build for all of them."""


def compare(generators: Mapping[str, Generator], oracle: Oracle, folder: Path) -> None:
    net = Network(np.random.default_rng([SEED, *"".join(generators).encode()]))
    cases = []
    for op, make in generators.items():
        for number in range(CASES):
            x = net.input((net.pick(1, 1, 1, 2), net.between(1, 9), net.between(1, 9), net.between(1, 7)))
            cases.append(Case(f"{op} {number}: {x}", make(net, x)))
    assert_bit_exact(net, cases, folder, oracle)


@pytest.mark.parametrize("group", range(GROUPS))
def test_random(group: int, tmp_path: Path, oracle: Oracle) -> None:
    compare({op: GENERATORS[op] for op in sorted(GENERATORS)[group::GROUPS]}, oracle, tmp_path)


def test_random_of_litert(tmp_path: Path, litert: Oracle) -> None:
    compare(LITERT, litert, tmp_path)


def test_every_operator_has_random_cases() -> None:
    floating = {name for name in NAMES if ops.get(name).dtypes == ("float32",)} - {*GENERATORS}  # test_typed.py's
    assert NAMES - floating == {*GENERATORS, *LITERT, *STATEFUL, *WHOLE, "NEG"}  # test_elementwise.py has that one


@pytest.mark.parametrize("name", sorted(registry.ops.names()))
def test_the_oracle_of_an_operator_is_the_one_it_is_tested_against(name: str) -> None:
    op = ops.get(name.upper().replace("-", "_"))
    runs, litert = {*GENERATORS, *STATEFUL, *WHOLE, *(op for op, _ in signals.GENERATORS)}, {*LITERT}
    if op.dtypes == ("float32",) and op.name not in GENERATORS:
        runs, litert = {*floats.GENERATORS}, {*floats.LITERT}
    assert op.oracle == ("TFLM" if op.name in runs else "LiteRT" if op.name in litert else "its definition")
