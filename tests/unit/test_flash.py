"""Formats of weights for all layers: the whole is counted as it changes, and the search looks at few moves a layer."""

import numpy as np
import pytest

from edgewright.arch import costs_of
from edgewright.compiler.select.candidate import RAW, Candidate
from edgewright.compiler.select.flash import fastest_that_fits
from edgewright.compiler.select.whole import Whole
from edgewright.kernels.call import Call, Const

M4 = costs_of("cortex-m4", "armv7e-m", has_dsp=True)
KERNELS = {"conv_2d": ("dsp", "ref"), "fully_connected": ("dsp", "ref")}
FORMATS = ("lut", "sparse", "coded", "startup")


def candidate(name: str, op: str, variant: str, size: int, cycles: float) -> Candidate:
    weights = Const("weights", np.zeros(size, np.int8))
    shape = (("rows", size % 3),)
    return Candidate(name, variant, (Call(f"{op}_s8_{variant}", f"ew_{op}_s8_shape", shape, (weights,)),), cycles)


def layers(count: int) -> dict[int, dict[str, Candidate]]:
    random = np.random.default_rng(count)
    found: dict[int, dict[str, Candidate]] = {}
    for node in range(count):
        op = ("conv_2d", "fully_connected")[int(random.integers(2))]
        size, cycles = int(random.integers(1000, 5000)), float(random.integers(10_000, 90_000))
        found[node] = {RAW: candidate(RAW, op, KERNELS[op][int(random.integers(2))], size, cycles)}
        for name in FORMATS:
            less, slower = random.uniform(0.3, 1.1), random.uniform(0.8, 4)
            variant = "ref" if name == "startup" else name
            found[node][name] = candidate(name, op, variant, int(size * less), cycles * slower)
    return found


def test_whole_is_counted_as_it_changes() -> None:
    random, found = np.random.default_rng(1), layers(7)
    whole = Whole({node: each[RAW] for node, each in found.items()}, M4)
    for _ in range(200):
        node, name = int(random.integers(7)), (RAW, *FORMATS)[int(random.integers(5))]
        before, saved = whole.bytes, whole.saved(node, found[node][name])
        whole.change(node, found[node][name])
        assert whole.bytes == before - saved == Whole(whole.chosen, M4).bytes


@pytest.mark.parametrize("room", [0.5, 0.7, 0.9])
def test_what_is_picked_fits(room: float) -> None:
    found = layers(9)
    raw = Whole({node: each[RAW] for node, each in found.items()}, M4)
    pick = fastest_that_fits(found, raw.bytes * room, M4)
    whole = Whole({node: found[node][name] for node, name in pick.items()}, M4)
    least = Whole({n: min(each.values(), key=lambda c: c.flash_bytes) for n, each in found.items()}, M4)
    assert whole.bytes <= max(raw.bytes * room, least.bytes)


def test_of_equal_layers_the_first_gives_way() -> None:
    """Not the one whose object happens to lie lower in memory: the same model gives the same bytes."""
    one = {
        RAW: candidate(RAW, "conv_2d", "dsp", 4000, 1000.0),
        "coded": candidate("coded", "conv_2d", "coded", 1000, 9000.0),
    }
    found = dict.fromkeys((5, 3, 9, 1), one)
    room = Whole({key: each[RAW] for key, each in found.items()}, M4).bytes - 1
    pick = fastest_that_fits(found, room, M4)
    assert [key for key, name in pick.items() if name == "coded"] == [5]


def test_moves_are_looked_at_about_once_a_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the layers, about four times the work."""

    def looks(count: int) -> int:
        seen = []
        saved = Whole.saved
        monkeypatch.setattr(Whole, "saved", lambda *arguments: seen.append(1) or saved(*arguments))
        fastest_that_fits(layers(count), 0, M4)
        monkeypatch.undo()
        return len(seen)

    assert looks(80) < 6 * looks(20)
