"""Keys of [train] that need no TensorFlow: weights of examples, and when a training ends early."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgewright.datasets import Split
from edgewright.errors import UserError
from edgewright.sections.task import Learning
from edgewright.sections.train import EarlyStopping, Train
from edgewright.training.stopping import stopping
from edgewright.training.weighting import weights

Y = np.array([0, 0, 0, 1])
DATA = Split(np.ones((4, 2), np.float32), Y, np.ones((1, 2), np.float32), Y[:1])


def weighed(task: Learning | None = None, source: Path | None = None, **train: object) -> list[float] | None:
    found = weights(Train.model_validate(train), task or Learning(), DATA, source)
    return None if found is None else found.tolist()


def test_balanced_classes_count_the_same_together() -> None:
    assert weighed(class_weights="balanced") == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2.0])
    assert weighed(class_weights=[1.0, 5.0]) == [1, 1, 1, 5]
    assert weighed() is None


def test_weights_of_ones_own_multiply_those_of_classes(tmp_path: Path) -> None:
    source = tmp_path / "model.py"
    source.write_text("def weights(x, y): return y + 1\ndef few(x, y): return y[:2]\n")
    assert weighed(source=source, sample_weights="model:weights", class_weights=[1.0, 5.0]) == [1, 1, 1, 10]
    with pytest.raises(UserError, match=r"model:few: gives no weight an example, got \(2,\)"):
        weighed(source=source, sample_weights="model:few")


def test_weights_of_classes_need_all_of_them_and_a_task_with_classes() -> None:
    with pytest.raises(UserError, match="too few for the classes of the data, got 1, allowed: 2"):
        weighed(class_weights=[1.0])
    with pytest.raises(UserError, match="are for one class an example, got 'regression'"):
        weighed(Learning(kind="regression"), class_weights="balanced")


def rows(*values: float) -> list[dict[str, float]]:
    return [{"val_loss": value, "val_accuracy": 1 - value} for value in values]


@pytest.mark.parametrize("by", ["loss", "metric"])
def test_a_training_ends_when_patience_does(by: str) -> None:
    rule = stopping(EarlyStopping(patience=2, by=by), "accuracy")  # type: ignore[arg-type]
    assert rule is not None
    assert not rule.is_over(rows())
    assert rule.is_best(rows(0.5, 0.4))
    assert not rule.is_over(rows(0.5, 0.4, 0.45))
    assert rule.is_over(rows(0.5, 0.4, 0.45, 0.4))
    assert rule.best(rows(0.5, 0.4, 0.45, 0.4)) == 1


def test_a_figure_has_to_be_better_by_the_least() -> None:
    rule = stopping(EarlyStopping(patience=1, least=0.1), "accuracy")
    assert rule is not None
    assert rule.is_over(rows(0.5, 0.45))
    assert stopping(None, "accuracy") is None


@pytest.mark.parametrize(
    ("train", "words"),
    [
        ({"decay": "exponential"}, "never comes to 0"),
        ({"decay": "steps"}, "belong together"),
        ({"decay": "steps", "decay_epochs": [3, 3]}, "must rise"),
        ({"callbacks": ["watch"]}, "names no function of one's own"),
        ({"callbacks": ["model:watch"], "fit": "model:fit"}, "exclude each other"),
    ],
)
def test_keys_that_make_no_sense_are_refused(train: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Train.model_validate(train)
