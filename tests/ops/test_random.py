"""Random cases of every operator against TensorFlow Lite Micro."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.differential.network import Network
from benchmarks.differential.operators import GENERATORS
from benchmarks.differential.oracle import Oracle
from edgewright import registry
from tests.ops.batch import Case, assert_bit_exact

CASES = 12
SEED = 20


@pytest.mark.parametrize("op", sorted(GENERATORS))
def test_random(op: str, tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng([SEED, *op.encode()]))
    cases = []
    for number in range(CASES):
        x = net.input((net.pick(1, 1, 1, 2), net.between(1, 9), net.between(1, 9), net.between(1, 7)))
        cases.append(Case(f"{op} {number}: {x}", GENERATORS[op](net, x)))
    assert_bit_exact(net, cases, tmp_path, oracle)


def test_every_operator_has_random_cases() -> None:
    names = {name.upper().replace("-", "_") for name in registry.ops.names()}
    assert names == {*GENERATORS, "DEQUANTIZE"}  # test_by_hand.py has that one
