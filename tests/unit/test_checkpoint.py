"""A checkpoint is of a training with the same options, files, code and libraries, or it is not used."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.training import checkpoint


def test_the_key_names_all_that_a_training_depends_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1")
    keys = [checkpoint.key_of({"epochs": 1}, [data]), checkpoint.key_of({"epochs": 2}, [data])]
    data.write_text("2")
    keys.append(checkpoint.key_of({"epochs": 1}, [data]))
    monkeypatch.setattr(checkpoint, "version", lambda package: f"another {package}")
    keys.append(checkpoint.key_of({"epochs": 1}, [data]))
    assert len(set(keys)) == 4


class Learner:
    """What a checkpoint asks of a Keras model."""

    def __init__(self, stop_training: bool) -> None:
        self.stop_training = stop_training
        self.optimizer = SimpleNamespace(variables=[], build=lambda _: None)
        self.trainable_variables: list[object] = []
        self.weights = [np.zeros(2)]

    def get_weights(self) -> list[NDArray[np.float64]]:
        return self.weights

    def set_weights(self, weights: list[NDArray[np.float64]]) -> None:
        self.weights = weights


@pytest.mark.parametrize("ended", [False, True])
def test_a_training_that_a_callback_ended_stays_ended(tmp_path: Path, ended: bool) -> None:
    kept = checkpoint.Checkpoint(tmp_path / "m.h5", "key")
    kept.save(Learner(ended), [{"loss": 1.0}])
    again = Learner(not ended)
    assert kept.restore(again) == ([{"loss": 1.0}], None)
    assert again.stop_training is ended
