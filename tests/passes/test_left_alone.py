"""low_rank and latent tell the layers that they leave, and refuse a model of which they leave all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from testbench.stages import Stages

TRANSPOSED = """
def build():
    layers = keras.layers
    return keras.Sequential([
        layers.InputLayer((6, 6, 1)), layers.Reshape((6, 6)),
        layers.Conv1DTranspose(2, 3, name="transposed"), layers.GlobalAveragePooling1D(),
        layers.Softmax(),
    ])
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("low_rank", "pass low_rank: no layer can be split (transposed: a Conv1DTranspose is not split)"),
        ("latent", "pass latent: no layer can be coded (transposed: a Conv1DTranspose is not coded)"),
    ],
)
def test_a_model_of_which_all_is_left_is_refused(
    tmp_path: Path, stages: Stages, model_py: Any, name: str, message: str
) -> None:
    source = model_py(TRANSPOSED)
    stages.train(source, tmp_path / "float.h5", epochs=1)
    files = ("--model", tmp_path / "float.h5", "--reference", tmp_path / "float.h5", "--out", tmp_path / "x.h5")
    more = ("--stats", tmp_path / "x.json", "--source", source)
    options = {"compress": {}, "data": {"validation": 50}, "train": {"epochs": 1}}
    assert message in stages.run("compress", "--pass", name, *files, *more, code=2, **options)
    assert not (tmp_path / "x.h5").exists()
