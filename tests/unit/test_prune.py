from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from edgewright.passes import Facts, prune
from edgewright.registry import passes

if TYPE_CHECKING:
    from tests.unit.conftest import Stages

FACTS = Facts(examples=1000, epochs=2, batch_size=100)  # 20 steps


def options(**schedule: Any) -> prune.Options:
    return prune.Options.model_validate({"schedule": schedule})


@pytest.mark.parametrize("name", passes.names())
def test_every_pass_keeps_the_contract(name: str) -> None:
    module = passes.load(name)
    assert module.__doc__
    assert callable(module.apply)
    defaults = module.OPTIONS()
    assert module.OPTIONS.model_validate(defaults.model_dump(mode="json")) == defaults
    with pytest.raises(ValidationError, match="extra"):
        module.OPTIONS.model_validate({"no such key": 1})


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ({"final": 1.0}, "less than 1"),
        ({"final": -0.1}, "greater than 0"),
        ({"initial": 1.5}, "less than 1"),
        ({"initial": 0.6, "final": 0.5}, "must not be less than initial"),
        ({"begin_step": 1000}, "must be greater than begin_step"),
        ({"begin_step": 5, "end_step": 4}, "must be greater than begin_step"),
        ({"frequency": 300}, "must divide end_step - begin_step"),
        ({"frequency": 0}, "greater than or equal to 1"),
        ({"kind": "cubic"}, "polynomial"),
        ({"end_step": 2.5}, "integer"),
    ],
)
def test_senseless_schedules_are_refused(schedule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        options(**schedule)


@pytest.mark.parametrize(("end", "every"), [(1000, 100), (60, 60), (130, 65), (150, 75), (101, 1)])
def test_the_last_update_falls_on_the_last_step(end: int, every: int) -> None:
    assert options(end_step=end).schedule.update_every == every


def test_schedule_must_end_within_the_training() -> None:
    assert prune.check(options(end_step=19), FACTS, "compress[0]") == []
    [error] = prune.check(options(end_step=20), FACTS, "targets/t.toml:7: compress[0]")
    assert str(error).startswith("targets/t.toml:7: compress[0].schedule.end_step: the training ends before")
    assert "less than 20 (2 epochs of 10 steps)" in str(error)


def test_own_epochs_and_batches_count() -> None:
    long = prune.Options.model_validate({"schedule": {"end_step": 59}, "epochs": 3, "batch_size": 50})
    assert prune.check(long, FACTS, "") == []
    assert prune.check(long.model_copy(update={"batch_size": 51}), Facts(1020, 1, 1), "") == []
    assert prune.check(long, Facts(900, 1, 1), "")


def test_unknown_size_of_data_is_checked_later() -> None:
    assert prune.check(options(end_step=10**9), Facts(None, 1, 1), "") == []


FASHION = {"dataset": "fashion-mnist", "validation": 100, "limit": 800}
TRAIN = {"epochs": 2, "batch_size": 50, "seed": 3}


@pytest.fixture(scope="module")
def pruned(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a fashion_cnn trained and pruned on a slice of the data."""
    folder = tmp_path_factory.mktemp("pruned")
    source = ("--source", "models/fashion_cnn/model.py")
    float_h5 = folder / "float.h5"
    stages.run("train", *source, "--out", float_h5, "--stats", folder / "train.json", data=FASHION, train=TRAIN)
    files = ("--model", float_h5, "--out", folder / "model.h5", "--stats", folder / "compress.json")
    schedule = {"final": 0.75, "end_step": 20}
    stages.run("compress", "--pass", "prune", *files, compress={"schedule": schedule}, data=FASHION, train=TRAIN)
    return folder


def test_pruning_reaches_the_sparsity_in_every_layer(pruned: Path) -> None:
    stats = json.loads((pruned / "compress.json").read_text())
    assert [layer["name"] for layer in stats["layers"]] == ["conv", "classes"]
    for layer, kernel in zip(stats["layers"], (288, 216_320), strict=True):
        biases = layer["weights"] - kernel
        assert kernel * 0.25 - 1 <= layer["nonzero"] <= kernel * 0.25 + 1 + biases
    assert stats["weights"] == 216_650
    assert stats["nonzero_weights"] == sum(layer["nonzero"] for layer in stats["layers"])
    assert stats["int8_tflite_bytes"] > 216_650


def test_pruned_model_still_classifies(pruned: Path, stages: Stages) -> None:
    out = pruned / "eval.json"
    files = ("--model", pruned / "model.h5", "--out", out, "--split", "test")
    printed = stages.run("evaluate", *files, data=FASHION, metric={"kind": "top1"})
    result = json.loads(out.read_text())
    assert (result["metric"], result["split"], result["samples"]) == ("top1", "test", 800)
    assert result["value"] > 0.6
    assert f"top1 {result['value']:.2%} of 800 test examples" in printed


def test_int8_model_keeps_the_zeros(pruned: Path, stages: Stages) -> None:
    files = ("--model", pruned / "model.h5", "--out", pruned / "m.tflite", "--stats", pruned / "quantize.json")
    stages.run("quantize", *files, data=FASHION, quantize={"calibration_samples": 20})
    stats = json.loads((pruned / "quantize.json").read_text())
    assert stats["weights"] == 216_650
    assert stats["nonzero_weights"] <= json.loads((pruned / "compress.json").read_text())["nonzero_weights"]


def test_mistakes_come_before_any_work(pruned: Path, stages: Stages) -> None:
    files = ("--model", pruned / "float.h5", "--out", pruned / "x.h5", "--stats", pruned / "x.json")
    late = stages.run("compress", "--pass", "prune", *files, code=2, compress={}, data=FASHION, train=TRAIN)
    assert "compress.schedule.end_step: the training ends before the schedule does, got 1000" in late
    wrong = stages.run("compress", "--pass", "prune", *files, code=2, compress={"epoch": 1}, data=FASHION, train=TRAIN)
    assert "--options: compress.epoch" in wrong
    unknown = stages.run("compress", "--pass", "prone", *files, code=2, compress={}, data=FASHION, train=TRAIN)
    assert "did you mean 'prune'?" in unknown
    assert not (pruned / "x.h5").exists()
