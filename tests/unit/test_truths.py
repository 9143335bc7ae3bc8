"""Which test examples are judged where a device is given a part of them."""

import numpy as np
import pytest

from edgewright.sections.task import Task
from edgewright.tasks import Truths


@pytest.mark.parametrize(
    ("examples", "first", "chosen"), [(6, 2, [0, 1, 2, 4, 6, 9]), (2, 2, [0, 1]), (0, 3, [0, 1, 2])]
)
def test_examples_across_data_that_are_sorted(examples: int, first: int, chosen: list[int]) -> None:
    truths = Truths(Task(), np.arange(10)[:, None], [np.arange(10) // 5])
    found = truths.across(max(examples, first), first)
    assert found.inputs[:, 0].tolist() == chosen
    assert found.truth[0].tolist() == [number // 5 for number in chosen]


def test_no_more_examples_than_there_are() -> None:
    assert len(Truths(Task(), np.zeros((3, 1)), [np.zeros(3)]).across(200, 1)) == 3
    assert len(Truths(Task(), np.zeros((3, 1)), [np.zeros(3)]).across(200, 50)) == 3
