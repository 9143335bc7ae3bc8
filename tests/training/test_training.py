from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from testbench.stages import held, wait_for
from tests.conftest import DENSE

if TYPE_CHECKING:
    from testbench.stages import Stages

# dropout and random flips have generators of their own, Adam has moments, batch norm has moving means
RANDOM = """
def build():
    return keras.Sequential([
        keras.layers.RandomFlip("horizontal", input_shape=(6, 6, 1)),
        keras.layers.Conv2D(4, 3),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.3),
        keras.layers.Flatten(),
        keras.layers.Dense(2, activation="softmax"),
    ])
"""
EPOCHS = 3


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_same_inputs_give_same_bytes_warm_and_alone_and_after_others(
    tmp_path: Path, stages: Stages, forked: Stages, alone: Stages, model_py: Any
) -> None:
    source = model_py(RANDOM)
    runners = {"warm": forked, "alone": alone, "in turn": stages}
    for name, runner in runners.items():
        folder = tmp_path / name
        runner.train(source, folder / "float.h5", epochs=1, decay="cosine")
        files = ("--model", folder / "float.h5", "--out", folder / "m.tflite", "--stats", folder / "quantize.json")
        runner.run(
            "quantize", *files, "--source", source, data={"validation": 50}, quantize={"calibration_samples": 16}
        )
    names = sorted(path.name for path in (tmp_path / "warm").iterdir())
    assert names == ["float.h5", "float.json", "m.tflite", "quantize.json"]
    found = {runner: [digest(tmp_path / runner / name) for name in names] for runner in runners}
    assert found["warm"] == found["alone"] == found["in turn"]


def test_another_seed_gives_another_model(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source = model_py()
    for seed in (1, 2):
        stages.train(source, tmp_path / f"{seed}.h5", epochs=1, seed=seed)
    assert digest(tmp_path / "1.h5") != digest(tmp_path / "2.h5")


def test_a_killed_training_resumes_to_the_same_bytes(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source, train = model_py(RANDOM), {"epochs": EPOCHS, "decay": "cosine", "callbacks": ["model:held"]}
    stages.train(source, tmp_path / "whole.h5", **train)

    out = tmp_path / "killed.h5"
    files = ("--source", source, "--out", out, "--stats", out.with_suffix(".json"))
    with held(source):
        process = stages.start("train", *files, data={"validation": 50}, train=train)
        wait_for(tmp_path / ".killed.h5.checkpoint0.npz", process)
        stages.kill(process)
    assert not out.exists()

    printed = stages.train(source, out, **train)
    assert "train tiny: goes on after epoch " in printed
    assert "epoch 1/" not in printed
    assert digest(out) == digest(tmp_path / "whole.h5")
    assert digest(out.with_suffix(".json")) == digest(tmp_path / "whole.json")
    assert not list(tmp_path.glob(".killed.h5.checkpoint*"))


def test_a_killed_pruning_resumes_to_the_same_bytes(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source = model_py()
    stages.train(source, tmp_path / "float.h5", epochs=1)

    def arguments(out: Path) -> tuple[Any, ...]:
        files = ("--out", out, "--stats", out.with_suffix(".json"), "--source", source)
        return ("compress", "--pass", "prune", "--model", tmp_path / "float.h5", *files)

    schedule = {"end_step": 21, "frequency": 7}
    train = {"epochs": EPOCHS, "batch_size": 32, "callbacks": ["model:held"]}
    options: dict[str, Any] = {"compress": {"schedule": schedule}, "data": {"validation": 50}, "train": train}
    stages.run(*arguments(tmp_path / "whole.h5"), **options)
    with held(source):
        process = stages.start(*arguments(tmp_path / "killed.h5"), **options)
        wait_for(tmp_path / ".killed.h5.checkpoint0.npz", process)
        stages.kill(process)
    assert "goes on after epoch " in stages.run(*arguments(tmp_path / "killed.h5"), **options)
    assert digest(tmp_path / "killed.h5") == digest(tmp_path / "whole.h5")


# ends the training: with the third epoch, or in the second one behind its first step
STOPPING = """
class Stop(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch == 2

class StopInside(keras.callbacks.Callback):
    steps = 0
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = self.epoch == 1 and batch == 0
        print("step", self.epoch, batch, file=open(Path(__file__).parent.with_name("steps"), "a"))
"""


@pytest.mark.parametrize(("callback", "epochs"), [("Stop", 3), ("StopInside", 2)])
def test_a_callback_of_ones_own_ends_the_training(
    tmp_path: Path, stages: Stages, model_py: Any, callback: str, epochs: int
) -> None:
    source = model_py(DENSE + STOPPING)
    stages.train(source, tmp_path / "float.h5", epochs=5, batch_size=125, callbacks=[f"model:{callback}"])
    assert len(json.loads((tmp_path / "float.json").read_text())["epochs"]) == epochs
    if callback == "StopInside":
        assert source.parent.with_name("steps").read_text() == "step 0 0\nstep 0 1\nstep 1 0\n"


def test_a_checkpoint_of_other_options_is_not_used(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source, out = model_py(), tmp_path / "float.h5"
    files = ("--source", source, "--out", out, "--stats", out.with_suffix(".json"))
    process = stages.start("train", *files, data={"validation": 50}, train={"epochs": 500})
    wait_for(tmp_path / ".float.h5.checkpoint0.npz", process)
    stages.kill(process)
    assert "epoch 1/2" in stages.train(source, out, epochs=2)


def test_a_damaged_checkpoint_is_not_used(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    (tmp_path / ".float.h5.checkpoint0.npz").write_bytes(b"PK\x03\x04 half of it")
    assert "epoch 1/1" in stages.train(model_py(), tmp_path / "float.h5", epochs=1)


def test_nan_stops_at_its_step_and_keeps_the_checkpoint(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source = model_py("""
        class Exploding(keras.layers.Layer):
            def build(self, shape):
                self.steps = self.add_weight(name="steps", initializer="zeros", trainable=False)
            def call(self, x, training=False):
                if training:
                    self.steps.assign_add(1.0)
                return x / keras.backend.cast(self.steps < 7, "float32")

        def build():
            return keras.Sequential([
                Exploding(input_shape=(6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax"),
            ])
        """)
    printed = stages.train(source, tmp_path / "float.h5", code=2, epochs=3, batch_size=50)
    assert "the loss is no number any more at epoch 2, step 2 (step 7 of 15), got nan" in printed
    assert "lower the learning rate (0.001)" in printed
    checkpoint = tmp_path / ".float.h5.checkpoint0.npz"
    assert f"the state after epoch 1 is kept in {checkpoint}" in printed
    assert checkpoint.exists()
    assert not (tmp_path / "float.h5").exists()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        ("", r"model.py: no function build()"),
        ("def build():\n    return 1 / 0\n", "ZeroDivisionError: division by zero"),
        ("import nosuchmodule\n", "ModuleNotFoundError: No module named 'nosuchmodule'"),
    ],
)
def test_a_wrong_model_is_the_users_mistake(
    tmp_path: Path, stages: Stages, model_py: Any, build: str, message: str
) -> None:
    printed = stages.train(model_py(build), tmp_path / "float.h5", code=2)
    assert message in printed
    assert "Traceback" not in printed


def test_a_bug_shows_what_the_libraries_said(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source = model_py("""
        print("a hint of the library")
        from edgewright.training import keras as ours
        ours.layers = None  # a mistake that is nobody's but ours

        def build():
            return keras.Sequential([keras.layers.Flatten(input_shape=(6, 6, 1)), keras.layers.Dense(2)])
        """)
    printed = stages.train(source, tmp_path / "float.h5", code=1)
    assert "Traceback" in printed
    assert "this is a bug in Edgewright" in printed
    assert "a hint of the library" in printed


def test_training_says_little_and_counts(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    printed = stages.train(model_py(), tmp_path / "float.h5", epochs=2, batch_size=25, learning_rate=0.02)
    assert [line.split(",")[0] for line in printed.splitlines()] == ["train tiny: epoch 1/2", "train tiny: epoch 2/2"]
    stats = json.loads((tmp_path / "float.json").read_text())
    assert (stats["model"], stats["examples"], stats["validation_examples"]) == ("tiny", 250, 50)
    assert stats["weights"] == 36 * 2 + 2
    assert len(stats["epochs"]) == 2
    assert stats["epochs"][-1]["val_accuracy"] > 0.8
