"""The range coder of weights: exact both ways, small, and sure to notice broken data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgewright.coding import HEADER_BYTES, best_width, decode, encode, estimate_bytes
from edgewright.errors import UserError


def sparse(count: int, density: float, largest: int, seed: int = 1) -> NDArray[np.int8]:
    random = np.random.default_rng(seed)
    values = random.integers(1, largest + 1, count) * random.choice([-1, 1], count)
    return np.where(random.random(count) < density, values, 0).astype(np.int8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-127, 127) | st.just(0), max_size=400),
    st.integers(0, 31),
    st.booleans(),
)
def test_what_is_decoded_is_what_was_coded(symbols: list[int], width: int, runs: bool) -> None:
    array = np.array(symbols, np.int8)
    assert decode(encode(array, width=width, runs=runs)).tolist() == symbols


@pytest.mark.parametrize("runs", [False, True])
@pytest.mark.parametrize("density", [0.0, 0.004, 0.05, 0.5, 1.0])
def test_long_runs_and_no_runs(density: float, runs: bool) -> None:
    symbols = sparse(5000, density, 127)
    assert np.array_equal(decode(encode(symbols, width=30, runs=runs)), symbols)


@pytest.mark.parametrize(("density", "largest"), [(0.05, 4), (0.05, 127), (0.5, 3), (0.95, 127)])
@pytest.mark.parametrize("runs", [False, True])
def test_close_to_the_entropy_and_to_the_estimate(density: float, largest: int, runs: bool) -> None:
    symbols = sparse(40000, density, largest)
    share = np.unique(symbols, return_counts=True)[1] / symbols.size
    entropy = float(-(share * np.log2(share)).sum()) * symbols.size / 8
    coded = len(encode(symbols, runs=runs))
    assert 0.99 * entropy < coded < 1.04 * entropy + 60
    assert abs(estimate_bytes(symbols, runs=runs) - coded) < 0.04 * coded


def test_the_width_of_rows_that_are_alike_is_found_and_pays() -> None:
    row = sparse(25, 0.2, 3) != 0
    symbols = np.where(row, sparse(20000, 0.9, 3).reshape(800, 25), 0)
    assert best_width(symbols, [10, 25, 100]) == 25
    assert len(encode(symbols, width=25)) < 0.65 * len(encode(symbols))


def test_clusters_cost_what_their_number_costs_and_not_what_their_values_do() -> None:
    clusters = np.array([-113, -60, 0, 55, 101])[np.random.default_rng(3).integers(0, 5, 20000)]
    coded = encode(clusters)
    assert len(coded) < 1.03 * 20000 * np.log2(5) / 8
    assert np.array_equal(decode(coded), clusters)


def test_the_bytes_are_these() -> None:
    symbols = np.array([0, 0, 1, -1, 0, 127, 0, 0, 0, -3], np.int8)
    assert encode(symbols, width=4).hex() == "110400000a0000002940793984d612"
    assert encode(symbols, runs=True).hex() == "120000000a000000a28ae848dce9fc00"


@pytest.mark.parametrize("runs", [False, True])
def test_every_truncation_is_noticed(runs: bool) -> None:
    data = encode(sparse(400, 0.2, 9), width=20, runs=runs)
    for length in range(len(data)):
        with pytest.raises(UserError):
            decode(data[:length])
    with pytest.raises(UserError, match="truncated or changed"):
        decode(data + b"\0")


@pytest.mark.parametrize("runs", [False, True])
def test_every_changed_bit_is_noticed(runs: bool) -> None:
    symbols = sparse(200, 0.2, 9)
    data = encode(symbols, width=20, runs=runs)
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        if runs and bit // 8 == 1:
            continue  # runs have no width
        if bit // 8 in range(4, HEADER_BYTES):
            continue  # the number of symbols
        with pytest.raises(UserError):
            assert not np.array_equal(decode(bytes(changed)), symbols)


def test_another_number_of_symbols_than_is_known_is_refused() -> None:
    data = encode(sparse(200, 0.2, 9))
    assert len(decode(data, count=200)) == 200
    with pytest.raises(UserError, match="number of symbols"):
        decode(data, count=201)


def test_symbols_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UserError, match="too large to be coded"):
        encode(np.array([1, -128]))
    with pytest.raises(UserError, match="no integers"):
        encode(np.array([0.5]))
    with pytest.raises(UserError, match="width"):
        encode(np.array([1]), width=32)
