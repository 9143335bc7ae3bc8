"""An epoch by a function of model.py: the same bytes after a kill as without one; mistakes told with their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edgewright.errors import UserError
from edgewright.training import own_fit
from testbench.stages import held, wait_for
from tests.training.test_training import RANDOM, digest

if TYPE_CHECKING:
    from testbench.stages import Stages

OWN = (
    RANDOM
    + """

def fit(model, epoch):
    import tensorflow as tf

    wait(epoch.number)
    losses = []
    for number, (x, y, _) in enumerate(epoch.batches()):
        with tf.GradientTape() as tape:
            loss = model.compute_loss(x, y, model(x, training=True))
        model.optimizer.minimize(loss, model.trainable_variables, tape)
        losses.append(float(loss))
        epoch.step(number, {"loss": sum(losses) / len(losses)})
    return {"loss": sum(losses) / len(losses), "steps": len(losses)}
"""
)
EPOCHS = 3


def test_an_own_fit_goes_on_after_a_kill_to_the_same_bytes(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source, own = model_py(OWN), {"epochs": EPOCHS, "fit": "model:fit"}
    printed = stages.train(source, tmp_path / "whole.h5", **own)
    assert f"epoch {EPOCHS}/{EPOCHS}, loss" in printed, "the usual progress"
    rows = json.loads((tmp_path / "whole.json").read_text())["epochs"]
    assert len(rows) == EPOCHS
    assert rows[0]["steps"] > 1
    assert rows[0]["val_loss"] > 0

    out = tmp_path / "killed.h5"
    files = ("--source", source, "--out", out, "--stats", out.with_suffix(".json"))
    with held(source):
        process = stages.start("train", *files, data={"validation": 50}, train=own)
        wait_for(tmp_path / ".killed.h5.checkpoint0.npz", process)
        stages.kill(process)
    assert "goes on after epoch " in stages.train(source, out, **own)
    assert digest(out) == digest(tmp_path / "whole.h5")


def epoch_of(said: list[Any]) -> own_fit.Epoch:
    return own_fit.Epoch(4, list(range(5)), list("abcde"), None, 2, 7, lambda step, logs: said.append((step, logs)))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("pass", r"\[train\] fit = model:fit: gives no loss, allowed: numbers by their names"),
        ("return {'mae': 1.0}", "gives no loss, got 'dict'"),
        ("return {'loss': float('nan')}", "loss is no number in epoch 5"),
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_mistakes(tmp_path: Path, body: str, said: str) -> None:
    source = tmp_path / "model.py"
    source.write_text(f"def fit(model, epoch):\n    {body}\n")
    with pytest.raises(UserError, match=said):
        own_fit.run("model:fit", source, None, epoch_of([]))


def test_a_function_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("")
    with pytest.raises(UserError, match=r"no function fit\(\)"):
        own_fit.run("model:fit", tmp_path / "model.py", None, epoch_of([]))
