"""The table of exponentials that int8 SOFTMAX makes of steps is the one that TensorFlow Lite Micro computes."""

from __future__ import annotations

import numpy as np
import pytest

from edgewright.kernels.quant import doubling_high_mul
from edgewright.ops.softmax import exp_table
from edgewright.ops.softmax.steps import steps_of

SCALES = (0.0004, 0.003, 0.02, 0.1447, 0.1719, 0.1986, 0.5, 1.0, 3.0, 17.0)


@pytest.mark.parametrize("scale", SCALES)
def test_steps_make_the_very_table(scale: float) -> None:
    table = exp_table(scale * (1 << 26))
    ratio, heads, steps = steps_of(table)
    made = table[:heads].tolist()
    for step in steps.tolist():
        made.append(doubling_high_mul(made[-1], ratio) + step - 128)
    assert made == table.tolist()


def test_common_scales_take_a_byte_an_entry() -> None:
    for scale in (0.1447, 0.1719, 0.1986):
        table = exp_table(scale * (1 << 26))
        _, heads, steps = steps_of(table)
        assert 4 * heads + steps.nbytes < 0.4 * table.nbytes


def test_a_table_of_one_entry() -> None:
    assert steps_of(np.array([0x7FFFFFFF], np.int32))[1:][0] == 1
