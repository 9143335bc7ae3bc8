"""The arrays of a data set: as it is published, and as training, compression and evaluation take it."""

from __future__ import annotations

from typing import Any, NamedTuple

from edgewright.errors import UserError
from edgewright.sections.data import Data
from edgewright.sections.task import Task

CLASSES = Task()
"""One class an example, told by the share of right ones."""


class Dataset(NamedTuple):
    """Examples and what is true of them.

    `*_x`: float32 [N, height, width, channels] in 0..1 (or [N, ...] of the model's input shape); `*_y`: int64 [N] of
    classes, and of other tasks what `_truth.truth` tells. Several inputs or outputs are `Several`, by their names.
    """

    train_x: Any
    train_y: Any
    test_x: Any
    test_y: Any


class Split(NamedTuple):
    """Training data with the validation data taken off; shapes and types as in `Dataset`."""

    train_x: Any
    train_y: Any
    validation_x: Any
    validation_y: Any

    def first(self, examples: int | None) -> Split:
        """The same with so many training examples at most."""
        if examples is None or examples >= len(self.train_x):
            return self
        return self._replace(train_x=self.train_x[:examples], train_y=self.train_y[:examples])


class Splits(NamedTuple):
    """All three parts; shapes and types as in `Dataset`."""

    train_x: Any
    train_y: Any
    validation_x: Any
    validation_y: Any
    test_x: Any
    test_y: Any

    @property
    def training(self) -> Split:
        """What a training sees: all but the test data."""
        return Split(*self[:4])

    def part(self, name: str) -> tuple[Any, Any]:
        """Examples and truth of "train", "validation" or "test"."""
        return getattr(self, f"{name}_x"), getattr(self, f"{name}_y")


def split(dataset: Dataset, data: Data, task: Task = CLASSES) -> Splits:
    """Take the last training examples as validation data, as many as `data` says; both parts must have some."""
    examples = len(dataset.train_x)
    validation = data.validation_of(examples)
    if not 0 < validation < examples:
        raise UserError("[data] validation", "leaves no data", got=validation, allowed=f"1 to {examples - 1}")
    cut = examples - validation
    x, y = dataset.train_x, dataset.train_y
    return normal_alone(Splits(x[:cut], y[:cut], x[cut:], y[cut:], dataset.test_x, dataset.test_y), task)


def normal_alone(splits: Splits, task: Task) -> Splits:
    """A reconstruction learns from normal examples alone; its validation data have the anomalies that were there."""
    if task.kind != "reconstruction":
        return splits
    normal = (splits.train_y == 0).nonzero()[0]
    if not len(normal) or not (splits.validation_y == 0).any():
        raise UserError("[task]", "no normal example is left to learn from, or to validate by", hint="1 is an anomaly")
    return splits._replace(train_x=splits.train_x[normal], train_y=splits.train_y[normal])
