"""The range coder of weights: exact both ways, small, and sure to notice broken data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgewright.coding import HEADER_BYTES, Form, best_form, decode, encode, estimate_bytes
from edgewright.coding.pack import pack, unpack
from edgewright.errors import UserError

FORMS = (Form(), Form(1, 20, 7), Form(8), Form(5, 20, 2), Form(20, 80, 1))


def sparse(count: int, density: float, largest: int, seed: int = 1) -> NDArray[np.int8]:
    random = np.random.default_rng(seed)
    values = random.integers(1, largest + 1, count) * random.choice([-1, 1], count)
    return np.where(random.random(count) < density, values, 0).astype(np.int8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-127, 127) | st.just(0), max_size=400), st.integers(1, 62), st.integers(1, 124))
def test_what_is_decoded_is_what_was_coded(symbols: list[int], group: int, classes: int) -> None:
    array = np.array(symbols[: len(symbols) // group * group], np.int8)
    form = Form(group, classes)
    form = form if form.fits(array.size) else Form(group)
    assert decode(encode(array, form), array.size).tolist() == array.tolist()
    assert decode(encode(array, best_form(array)), array.size).tolist() == array.tolist()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("density", [0.0, 0.004, 0.05, 0.5, 1.0])
def test_every_form_at_every_density(density: float, form: Form) -> None:
    symbols = sparse(4000, density, 127)
    assert np.array_equal(decode(encode(symbols, form), 4000), symbols)


@pytest.mark.parametrize(("density", "largest"), [(0.05, 4), (0.05, 127), (0.5, 3), (0.95, 127)])
@pytest.mark.parametrize("form", FORMS)
def test_close_to_the_entropy_and_to_the_estimate(density: float, largest: int, form: Form) -> None:
    symbols = sparse(40000, density, largest)
    share = np.unique(symbols, return_counts=True)[1] / symbols.size
    entropy = float(-(share * np.log2(share)).sum()) * symbols.size / 8
    coded = len(encode(symbols, form))
    assert 0.99 * entropy < coded < 1.04 * entropy + 60
    assert abs(estimate_bytes(symbols, form) - coded) < 0.04 * coded


def test_channels_that_are_alike_are_found_and_pay() -> None:
    there = np.random.default_rng(1).random(25) < 0.2
    symbols = np.where(there, sparse(20000, 0.9, 3).reshape(800, 25), 0)
    form = best_form(symbols)
    assert 25 in (form.group, form.classes)
    assert len(encode(symbols, form)) < 0.65 * len(encode(symbols))
    assert len(encode(symbols.T, best_form(symbols.T))) < 0.65 * len(encode(symbols))


def test_zeros_that_come_together_are_grouped_and_cost_fewer_decisions() -> None:
    symbols = np.repeat(sparse(4000, 0.05, 3), 8) * sparse(32000, 0.9, 1)
    form = best_form(symbols)
    assert form.group >= 8
    assert len(encode(symbols, form)) < 0.5 * len(encode(symbols))


def test_clusters_cost_what_their_number_costs_and_not_what_their_values_do() -> None:
    clusters = np.array([-113, -60, 0, 55, 101])[np.random.default_rng(3).integers(0, 5, 20000)]
    coded = encode(clusters)
    assert len(coded) < 1.03 * 20000 * np.log2(5) / 8
    assert np.array_equal(decode(coded, 20000), clusters)


def test_the_bytes_are_these() -> None:
    symbols = np.array([0, 0, 1, -1, 0, 127, 0, 0, 0, -3], np.int8)
    assert encode(symbols, Form(1, 5)).hex() == "2100010501002688feca87fc0000"
    assert encode(symbols, Form(5, 2)).hex() == "2100050201009349dfb31bc28000"


@pytest.mark.parametrize("form", FORMS)
def test_every_truncation_is_noticed(form: Form) -> None:
    data = encode(sparse(400, 0.2, 9), form)
    for length in range(len(data)):
        with pytest.raises(UserError):
            decode(data[:length], 400)
    with pytest.raises(UserError, match="truncated or changed"):
        decode(data + b"\0", 400)


@pytest.mark.parametrize("form", FORMS)
def test_every_changed_bit_is_noticed(form: Form) -> None:
    symbols = sparse(200, 0.2, 9)
    data = encode(symbols, form)
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            found = decode(bytes(changed), 200)
        except UserError:
            continue
        assert bit // 8 in range(3, HEADER_BYTES)  # classes, where so many are never reached
        assert np.array_equal(found, symbols)


def test_another_number_of_symbols_is_refused() -> None:
    data = encode(sparse(200, 0.2, 9), Form(8))
    for count in (0, 8, 96, 199, 2000):
        with pytest.raises(UserError):
            decode(data, count)


def test_data_of_an_older_format_is_refused() -> None:
    with pytest.raises(UserError, match="of another version"):
        decode(bytes.fromhex("110400000a0000002940793984d612"), 10)


def test_a_file_is_packed_and_weights_of_blocks_are_folded() -> None:
    weights = sparse(10 * 13 * 13 * 8, 0.1, 3).reshape(10, 13, 13, 8)
    blocks = weights.repeat(2, axis=1).repeat(2, axis=2)[:, :25, :25].reshape(10, -1)
    dense = sparse(3000, 0.9, 127).reshape(30, 100)
    file = b"head" + blocks.tobytes() + b"between" + dense.tobytes() + bytes(500)
    packed = pack(file, [dense, blocks])
    assert unpack(packed) == file
    assert len(packed) < len(encode(weights)) + len(encode(dense)) + 100
    for broken in (packed[:40], packed[:-1], b"EWP1" + packed[4:]):
        with pytest.raises(UserError, match="make the file again"):
            unpack(broken)


def test_symbols_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UserError, match="too large to be coded"):
        encode(np.array([1, -128]))
    with pytest.raises(UserError, match="no integers"):
        encode(np.array([0.5]))
    for form in (Form(2), Form(63), Form(1, 127), Form(1, 1, 65536), Form(0)):
        with pytest.raises(UserError, match="form"):
            encode(np.array([1]), form)
