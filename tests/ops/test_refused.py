"""What operators do not take is said in one sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgewright.compiler.check import check
from edgewright.errors import UserError
from testbench.nets import Net

Make = Callable[[Net, int], int]


def _move(name: str, shape: tuple[int, ...], *constants: object, **options: object) -> Make:
    return lambda net, x: net.op(name, [x, *(net.const(c) for c in constants)], shape, **options)


CASES: dict[str, tuple[Make, str]] = {
    "permutation": (_move("TRANSPOSE", (3, 4), [0, 0]), r"\[0, 0\] is no permutation of 2 dimensions"),
    "slice": (_move("SLICE", (2, 2), [2, 3], [2, 2]), "reach beyond"),
    "slice of negative size": (_move("SLICE", (2, 2), [0, 0], [-2, 2]), "reach beyond"),
    "stride": (_move("STRIDED_SLICE", (3, 4), [0, 0], [3, 4], [0, 1]), "do not fit"),
    "index": (_move("STRIDED_SLICE", (4,), [3, 0], [4, 4], [1, 1], shrink_axis_mask=1), "an index is outside"),
    "two ellipses": (_move("STRIDED_SLICE", (3, 4), [0, 0], [0, 0], [1, 1], ellipsis_mask=3), "do not fit"),
    "indices": (_move("GATHER", (1, 4), [3], axis=0), r"an index is outside 0..2"),
    "gather axis": (_move("GATHER", (1, 4), [0], axis=2), "axis 2 and batch_dims 0"),
    "mirror": (_move("MIRROR_PAD", (6, 4), [[3, 0], [0, 0]], mode=0), "more than can be mirrored"),
    "reduced axis": (_move("SUM", (3,), [2]), r"axes \[2\] are none of"),
    "parts": (_move("SPLIT_V", (3, 3), [3, 3], 1), "are no parts of 4"),
    "unpacked axis": (_move("UNPACK", (4,), axis=5), "axis 5 is none of"),
    "norm": (_move("L2_NORMALIZATION", (3, 4)), "not 1/128 and 0"),
    "swish": (lambda net, x: net.op("HARD_SWISH", [x], (3, 4), 1e-6), "the output's scale is too small"),
    "matrices": (lambda net, x: net.op("BATCH_MATMUL", [x, x], (3, 3)), "cannot be multiplied"),
    "type of a cast": (
        lambda net, _: net.op("CAST", [net.tensor((2,), None, dtype="float16", data=[1, 2])], (2,)),
        "float16",
    ),
    "reversed axis": (_move("REVERSE_V2", (3, 4), [0, 0]), r"axes \[0, 0\] are none of 2 dimensions, each once"),
    "broadcast": (_move("BROADCAST_TO", (3, 8), [3, 8]), r"\[3, 4\] is not broadcast to \[3, 8\]"),
    "multiples": (_move("TILE", (3, 8), [2, 2]), "the output has shape"),
    "places": (_move("GATHER_ND", (1,), [[0, 4]]), "an index is outside the input"),
    "summed axis": (_move("CUMSUM", (3, 4), 2), "the axis is none of 2 dimensions"),
}


@pytest.mark.parametrize("name", CASES)
def test_refused(name: str) -> None:
    make, message = CASES[name]
    net = Net()
    x = net.input((3, 4))
    with pytest.raises(UserError, match=message):
        check(net.graph(make(net, x)))
