"""Operators that meet in one firmware: each pair of them compiles, links and gives the bytes of this machine."""

from __future__ import annotations

from itertools import combinations, islice
from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import CompileOptions
from testbench.differential import images
from testbench.differential.images import emulated_boards
from testbench.differential.pairs import KINDS, Mix, Pairs, check, mix, mixes

BOARDS = emulated_boards()
ON_EVERY_RUN = "mps2-an386"


def every_operator() -> Mix:
    random = np.random.default_rng(3)
    mixed = mix(random, [kind for kind, _ in sorted(KINDS.items(), key=lambda _: random.random())])
    return Mix(mixed.model, mixed.inputs, CompileOptions())


@pytest.mark.parametrize(
    "board", [pytest.param(name, marks=() if name == ON_EVERY_RUN else pytest.mark.slow) for name in BOARDS]
)
def test_every_operator_in_one_firmware(board: str, tmp_path: Path) -> None:
    assert check(every_operator(), BOARDS[board], tmp_path) is None


def test_models_are_drawn_until_each_pair_has_met() -> None:
    pairs, random, met = Pairs(), np.random.default_rng(1), set()
    while not pairs.complete:
        chosen = pairs.draw(random, 40)
        assert len(set(chosen)) == 40
        met |= {frozenset(pair) for pair in combinations(chosen, 2)}
    assert met == {frozenset(pair) for pair in combinations(KINDS, 2)}


def test_a_mix_is_the_same_for_the_same_seed() -> None:
    first, second = (list(islice(mixes(5, 12), 3)) for _ in range(2))
    assert [mixed.model for mixed in first] == [mixed.model for mixed in second]
    assert len({mixed.model for mixed in first}) == 3


def test_a_firmware_that_does_not_compile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mixed = mix(np.random.default_rng(1), [("RELU", "int16")])
    part = images.part
    broken = {"toolchain": {"cpu_flags": ["-Dint16_t=struct"]}}
    monkeypatch.setattr(images, "part", lambda *of: {**part(*of), **broken})
    problem = check(mixed, BOARDS["mps2-an385"], tmp_path)
    assert problem is not None
    assert "arm-none-eabi-gcc failed" in problem
