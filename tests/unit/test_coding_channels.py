"""Biases and factors of channels as codes: exact, and few bytes where they are coarse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgewright.coding import MOST_FOLD, best_fold, decode_channels, encode_channels
from edgewright.kernels.quant import channel_multipliers

Channels = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]


def is_kept(channels: Channels) -> bool:
    code = encode_channels(*channels)
    assert code is not None
    found = decode_channels(code.data, len(channels[0]))
    return same(found, channels)


def same(some: Sequence[NDArray[Any]], others: Sequence[NDArray[Any]]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(some, others, strict=True))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**31), 2**31 - 1) | st.integers(-9, 9), st.integers(2**30, 2**31 - 1), st.integers(-30, 31)
        ),
        min_size=1,
        max_size=40,
    )
)
def test_all_channels_come_out_as_they_went_in(rows: list[tuple[int, int, int]]) -> None:
    bias, multiplier, shift = zip(*rows, strict=True)
    assert is_kept((np.array(bias, np.int32), np.array(multiplier, np.int32), np.array(shift, np.int8)))


def coarse(channels: int, bits: int = 4) -> Channels:
    """Factors of so many bits times the scale of an input, biases of whole and half steps."""
    random = np.random.default_rng(channels)
    small = random.integers(1 << (bits - 1), 1 << bits, channels) * 2.0 ** -random.integers(8, 11, channels)
    multiplier, shift = channel_multipliers(float(np.float32(0.0235)) * small)
    bias = np.rint(random.normal(0, 40, channels)).astype(np.int64) << np.maximum(shift.astype(int) - 1, 0)
    return bias.astype(np.int32), multiplier, shift


@pytest.mark.parametrize(("channels", "most"), [(64, 1.9), (16, 2.4)])
def test_coarse_channels_take_few_bytes(channels: int, most: float) -> None:
    found = coarse(channels)
    code = encode_channels(*found)
    assert is_kept(found)
    assert code is not None
    assert len(code.data) < most * channels
    exact = encode_channels(found[0] + np.int32(1), found[1] | np.int32(1), found[2])
    assert exact is not None
    assert len(exact.data) > 2 * len(code.data)


def test_equal_channels_take_next_to_nothing() -> None:
    found = np.full(100, -640, np.int32), np.full(100, 1_518_500_249, np.int32), np.full(100, 6, np.int8)
    code = encode_channels(*found)
    assert is_kept(found)
    assert code is not None
    assert len(code.data) < 16


def test_the_bytes_are_these() -> None:
    bias, multiplier, shift = [256, -64, 0], [9 << 27, 10 << 27, 9 << 27], [7, 6, 6]
    code = encode_channels(np.array(bias, np.int32), np.array(multiplier, np.int32), np.array(shift, np.int8))
    assert code is not None
    assert code.data.hex() == "0471810a3800849c8140"


@pytest.mark.parametrize("fold", [0, 112, -128, MOST_FOLD])
def test_what_follows_from_the_weights_is_taken_from_biases(fold: int) -> None:
    bias, multiplier, shift = coarse(32)
    sums = np.random.default_rng(fold + 200).integers(-900, 900, 32)
    whole = (bias + fold * sums).astype(np.int32)
    found = best_fold(whole, shift, sums)
    least, some = (encode_channels((whole - each * sums).astype(np.int32), multiplier, shift) for each in (fold, found))
    assert least is not None
    assert some is not None
    assert some.bits <= least.bits


def test_biases_stay_numbers_of_32_bits() -> None:
    sums, shift = np.array([1 << 24, 0, 5]), np.full(3, 4, np.int8)
    found = best_fold(np.array([(1 << 31) - 1, 0, 0], np.int32), shift, sums)
    assert -(2**31) < (1 << 31) - 1 - found * (1 << 24) < 2**31


def test_a_multiplier_of_0_has_no_form() -> None:
    none, one = np.zeros(1, np.int32), np.zeros(1, np.int8)
    assert encode_channels(none, none, one) is None
    assert encode_channels(none[:0], none[:0], one[:0]) is None
