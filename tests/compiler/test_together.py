"""Models compiled together: each content once, each function once, names of their own."""

from __future__ import annotations

import re

import numpy as np

from edgewright.compiler import CompileOptions, compile_model, compile_together
from edgewright.tflite.graph import Graph
from testbench.nets import Net


def convolutions(seed: int, sizes: tuple[int, ...]) -> Graph:
    chance = np.random.default_rng(seed)
    net = Net()
    x, channels = net.input((1, 5, 5, 2), 0.05, 0), 2
    for size in sizes:
        x = net.conv(x, chance.integers(-127, 128, (size, 3, 3, channels)), chance.integers(-99, 99, size), 0.1, 0)
        channels = size
    return net.graph(x)


def arrays(text: str) -> list[str]:
    return re.findall(r"^static const [\w ]+ (\w+)\[", text, re.MULTILINE)


def test_what_is_equal_is_written_once() -> None:
    net = convolutions(1, (4,))
    alone = compile_model(net, "a")
    both = compile_together([(net, "a", ()), (net, "b", ("x",))], "a_and_b")
    assert both.facts()["weights_bytes"] == alone.facts()["weights_bytes"]
    assert arrays(both.files["a_and_b_weights.h"]) == [f"a_{name}" for name in arrays(alone.files["a_weights.h"])]
    assert both.files["a_and_b.c"].count("EW_NOINLINE") == alone.files["a.c"].count("EW_NOINLINE")
    assert "/* Layers a 0, b 0. */" in both.files["a_and_b.c"]
    assert [facts["name"] for facts in both.facts()["models"]] == ["a", "b"]


def test_what_differs_has_names_of_its_own() -> None:
    both = compile_together([(convolutions(1, (4,)), "a", ()), (convolutions(2, (4,)), "b", ())], "a_and_b")
    names = arrays(both.files["a_and_b_weights.h"])
    assert len(names) == len(set(names)) >= 4
    assert {name.partition("_")[0] for name in names} == {"a", "b"}


def test_shapes_of_all_count_where_code_is_to_be_small() -> None:
    """Two shapes of one kernel here and one there: together they are enough for one function of all shapes."""
    small = CompileOptions(optimize="size")
    nets = [convolutions(1, (4, 6)), convolutions(2, (3,))]
    alone = [compile_model(net, "a", options=small).files["a.c"].count("EW_NOINLINE") for net in nets]
    both = compile_together([(net, name, ()) for net, name in zip(nets, "ab", strict=True)], "ab", options=small)
    assert alone == [2, 1]
    assert both.files["ab.c"].count("EW_NOINLINE") == 1
