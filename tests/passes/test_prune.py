from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from pydantic import ValidationError

from edgewright.passes import Facts, _sensitivity, prune
from edgewright.registry import passes
from tests.passes.fashion import DATA as FASHION
from tests.passes.fashion import TRAIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from testbench.stages import Stages

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
        ({"begin_step": 1000, "end_step": 1000}, "must be greater than begin_step"),
        ({"begin_step": 5, "end_step": 4}, "must be greater than begin_step"),
        ({"frequency": 300, "end_step": 1000}, "must divide end_step - begin_step"),
        ({"end": 0.5, "end_step": 10}, "one of them is enough"),
        ({"end": 1.0}, "less than 1"),
        ({"frequency": 0}, "greater than or equal to 1"),
        ({"kind": "cubic"}, "polynomial"),
        ({"end_step": 2.5}, "integer"),
        ({"kind": "constant", "initial": 0.2}, "initial belongs to kind 'polynomial'"),
        ({"kind": "constant", "power": 2}, "power belongs to kind 'polynomial'"),
        ({"kind": "constant", "begin_step": 9, "end_step": 9}, "must be greater than begin_step"),
    ],
)
def test_senseless_schedules_are_refused(schedule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        options(**schedule)


@pytest.mark.parametrize(("end", "every"), [(1000, 100), (60, 60), (130, 65), (150, 75), (101, 1)])
def test_the_last_update_falls_on_the_last_step(end: int, every: int) -> None:
    assert options(end_step=end).schedule.update_every == every


@pytest.mark.parametrize(
    ("schedule", "last"),
    [
        ({}, 1000),  # of 2150: half of it, in whole updates
        ({"begin_step": 150}, 1150),
        ({"frequency": 300}, 900),
        ({"end_step": 7}, 7),
        ({"end": 0.8}, 1700),  # 1720, in whole updates
        ({"end": 0.8, "begin_step": 30}, 1630),
        ({"kind": "constant"}, 1),
        ({"kind": "constant", "begin_step": 40}, 40),
    ],
)
def test_a_schedule_without_an_end_follows_the_training(schedule: dict[str, Any], last: int) -> None:
    assert options(**schedule).schedule.last_step(2150) == last


@pytest.mark.parametrize("epochs", [1, 3, 40])
def test_the_shipped_targets_prune_in_trainings_of_any_length(epochs: int) -> None:
    assert prune.check(options(end=0.8), Facts(40, epochs, 10), "compress[0]") == []


@pytest.mark.parametrize("steps", [2, 3, 20, 99, 201, 1000])
def test_a_schedule_without_an_end_fits_any_training(steps: int) -> None:
    assert 0 < options().schedule.last_step(steps) < steps


def test_a_schedule_that_begins_after_the_training_is_refused() -> None:
    for kind in ("polynomial", "constant"):
        [error] = prune.check(options(kind=kind, begin_step=20), FACTS, "compress[0]")
        assert str(error).startswith("compress[0].schedule.begin_step: the training ends before"), error


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"layers": {"conv": 1.5}}, "less than 1"),
        ({"layers": {"conv": -0.5}}, "greater than or equal to 0"),
        ({"layers": {"conv": 0.5}, "skip": ["conv"]}, "layers and skip both name 'conv'"),
        ({"per_layer": "magic"}, "sensitivity"),
        ({"block": [0, 4]}, "greater than or equal to 1"),
        ({"block": [4]}, "block"),
        ({"pattern": "1:4"}, "2:4"),
        ({"pattern": "2:4", "block": [2, 2]}, "leaves no choice to block"),
        ({"pattern": "2:4", "per_layer": "sensitivity"}, "leaves no choice to per_layer"),
        ({"pattern": "2:4", "schedule": {"final": 0.75}}, "leaves no choice to schedule"),
        ({"pattern": "2:4", "layers": {"conv": 0.75}}, "leaves no choice to layers"),
    ],
)
def test_senseless_entries_are_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        prune.Options.model_validate(entry)


@pytest.mark.parametrize("before", ["cluster", "latent"])
def test_it_may_not_undo_a_pass_that_gave_weights_few_values(before: str) -> None:
    [error] = prune.check_order(options(), [("prune", options()), (before, None)], "compress[2]")
    assert str(error).startswith(f"compress[2].pass: 'prune' may not come after '{before}'")
    assert prune.check_order(options(), [("prune", options())], "compress[1]") == []


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


def test_small_data_get_as_many_epochs_as_make_up_the_steps() -> None:
    shipped = prune.Options.model_validate({"schedule": {"end": 0.8}, "epochs": 3, "min_steps": 1000})
    small, large = Facts(examples=40, epochs=5, batch_size=16), Facts(examples=55_000, epochs=5, batch_size=128)
    assert [prune._epochs(shipped, facts) for facts in (small, large)] == [334, 3]
    late = prune.Options.model_validate({"schedule": {"end_step": 1005}, "epochs": 3, "min_steps": 1000})
    [error] = prune.check(late, small, "compress[0]")
    assert "less than 1002 (334 epochs of 3 steps)" in str(error)


def test_unknown_size_of_data_is_checked_later() -> None:
    assert prune.check(options(end_step=10**9), Facts(None, 1, 1), "") == []


LONG = {"schedule": {"end_step": 1000}}


@pytest.fixture(scope="module")
def pruned(stages: Stages, fashion_cnn: Callable[[str], Path]) -> Path:
    """The folder of a fashion_cnn trained and pruned on a slice of the data."""
    folder = fashion_cnn("pruned")
    files = ("--model", folder / "float.h5", "--out", folder / "model.h5", "--stats", folder / "compress.json")
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
    printed = stages.run("evaluate", *files, data=FASHION, task={"metric": "top1"})
    result = json.loads(out.read_text())
    assert (result["metric"], result["split"], result["samples"]) == ("top1", "test", 800)
    assert result["value"] > 0.6
    assert f"top1 {100 * result['value']:.2f} % (" in printed


def test_int8_model_keeps_the_zeros(pruned: Path, stages: Stages) -> None:
    files = ("--model", pruned / "model.h5", "--out", pruned / "m.tflite", "--stats", pruned / "quantize.json")
    stages.run("quantize", *files, data=FASHION, quantize={"calibration_samples": 20, "qat": "never"})
    stats = json.loads((pruned / "quantize.json").read_text())
    assert stats["weights"] == 216_650
    assert stats["nonzero_weights"] <= json.loads((pruned / "compress.json").read_text())["nonzero_weights"]


def test_mistakes_come_before_any_work(pruned: Path, stages: Stages) -> None:
    files = ("--model", pruned / "float.h5", "--out", pruned / "x.h5", "--stats", pruned / "x.json")
    late = stages.run("compress", "--pass", "prune", *files, code=2, compress=LONG, data=FASHION, train=TRAIN)
    assert "compress.schedule.end_step: the training ends before the schedule does, got 1000" in late
    wrong = stages.run("compress", "--pass", "prune", *files, code=2, compress={"epoch": 1}, data=FASHION, train=TRAIN)
    assert "--options: compress.epoch" in wrong
    skip = {"skip": ["conf"]}
    skipped = stages.run("compress", "--pass", "prune", *files, code=2, compress=skip, data=FASHION, train=TRAIN)
    assert "pass prune: skip: the model has no such layer with weights, got 'conf', allowed: conv, classes" in skipped
    assert "did you mean 'conv'?" in skipped
    unknown = stages.run("compress", "--pass", "prone", *files, code=2, compress={}, data=FASHION, train=TRAIN)
    assert "did you mean 'prune'?" in unknown
    assert not (pruned / "x.h5").exists()


def run(folder: Path, stages: Stages, name: str, **compress: Any) -> dict[str, Any]:
    """Prune the trained model of `folder` in another way; the statistics."""
    files = ("--model", folder / "float.h5", "--out", folder / f"{name}.h5", "--stats", folder / f"{name}.json")
    stages.run("compress", "--pass", "prune", *files, compress=compress, data=FASHION, train=TRAIN)
    statistics: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return statistics


def kernels(folder: Path, name: str) -> list[NDArray[np.float32]]:
    """The kernels of fashion_cnn in an .h5 file: [3, 3, 1, 32] and [21632, 10]."""
    import h5py

    with h5py.File(folder / f"{name}.h5") as file:
        weights = file["model_weights"]
        return [np.asarray(weights[layer][layer]["kernel:0"]) for layer in ("conv", "classes")]


def validation_accuracy(statistics: dict[str, Any]) -> float:
    return float(statistics["trainings"][0][-1]["val_accuracy"])


def test_sensitivity_protects_the_small_layer_and_meets_the_whole(pruned: Path, stages: Stages) -> None:
    stats = run(pruned, stages, "sensitive", per_layer="sensitivity", schedule={"final": 0.9})
    sparsities = stats["notes"]["sparsities"]
    assert sparsities["conv"] < 0.1
    assert sparsities["classes"] >= 0.9
    zeros = sum(int((kernel == 0).sum()) for kernel in kernels(pruned, "sensitive"))
    assert zeros == pytest.approx(0.9 * (288 + 216_320), abs=2)
    conv, classes = stats["notes"]["scan"]
    assert (conv["layer"], conv["weights"], classes["weights"]) == ("conv", 288, 216_320)
    assert list(classes["loss_rise"]) == ["0.25", "0.5", "0.75", "0.875", "0.9375", "0.9688", "0.975"]
    assert validation_accuracy(stats) > 0.6


def test_constant_blocks_become_zero_together(pruned: Path, stages: Stages) -> None:
    schedule = {"kind": "constant", "final": 0.75}
    stats = run(pruned, stages, "blocks", block=[4, 2], schedule=schedule, skip=["conv"])
    assert stats["notes"]["left_dense"] == {"conv": "skipped"}
    conv, classes = kernels(pruned, "blocks")
    assert np.count_nonzero(conv) == conv.size
    dead = (classes.reshape(21632 // 4, 4, 5, 2) == 0).sum(axis=(1, 3))
    assert set(np.unique(dead)) == {0, 8}
    assert (dead == 8).mean() == pytest.approx(0.75, abs=1e-4)
    assert validation_accuracy(stats) > 0.6


def test_two_of_every_four_inputs_become_zero(pruned: Path, stages: Stages) -> None:
    stats = run(pruned, stages, "pattern", pattern="2:4")
    assert "pattern 2:4 removes none" in stats["notes"]["left_dense"]["conv"]
    conv, classes = kernels(pruned, "pattern")
    assert np.count_nonzero(conv) == conv.size
    assert ((classes.reshape(-1, 4, 10) == 0).sum(axis=1) == 2).all()
    assert validation_accuracy(stats) > 0.6


def test_layers_named_get_their_own_sparsity_and_keep_the_zeros_they_have(pruned: Path, stages: Stages) -> None:
    again = ("--model", pruned / "model.h5", "--out", pruned / "again.h5", "--stats", pruned / "again.json")
    entry = {"layers": {"conv": 0.0, "classes": 0.8}}
    stages.run("compress", "--pass", "prune", *again, compress=entry, data=FASHION, train=TRAIN)
    (conv, classes), (old_conv, old_classes) = kernels(pruned, "again"), kernels(pruned, "model")
    assert ((conv == 0) == (old_conv == 0)).all()
    assert (classes[old_classes == 0] == 0).all()
    assert (classes == 0).mean() == pytest.approx(0.8, abs=1e-4)


def test_the_cheapest_zeros_are_taken_first() -> None:
    curves = {
        "large": _sensitivity.Curve(1000, [(0.5, 0.01), (0.9, 0.50)]),
        "tender": _sensitivity.Curve(1000, [(0.5, 1.00), (0.9, 2.00)]),
        "small": _sensitivity.Curve(10, [(0.5, 0.00), (0.9, 0.00)]),
    }
    assert _sensitivity.allocate(curves, 500) == {"large": 0.5, "tender": 0.0, "small": 0.0}
    assert _sensitivity.allocate(curves, 505) == {"large": 0.5, "tender": 0.0, "small": 0.5}
    assert _sensitivity.allocate(curves, 1809) == {"large": 0.9, "tender": 0.9, "small": 0.9}


@settings(max_examples=60, deadline=None)
@given(data=strategies.data(), final=strategies.floats(0.05, 0.98))
def test_any_scan_leads_to_the_wanted_sparsity(data: strategies.DataObject, final: float) -> None:
    levels = _sensitivity.levels(final)
    assert levels == sorted(set(levels))
    rises = strategies.lists(strategies.floats(-1, 10), min_size=len(levels), max_size=len(levels))
    sizes = data.draw(strategies.lists(strategies.integers(1, 10**6), min_size=1, max_size=6))
    curves = {
        str(n): _sensitivity.Curve(size, list(zip(levels, data.draw(rises), strict=True)))
        for n, size in enumerate(sizes)
    }
    chosen = _sensitivity.allocate(curves, final * sum(sizes))
    assert all(0 <= sparsity <= levels[-1] + 1e-6 for sparsity in chosen.values())
    zeros = sum(chosen[str(n)] * size for n, size in enumerate(sizes))
    assert zeros == pytest.approx(final * sum(sizes), rel=1e-5)
