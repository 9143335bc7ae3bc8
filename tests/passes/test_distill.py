from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from edgewright.passes import Facts, distill, latent, low_rank, prune_channels, prune_layers

if TYPE_CHECKING:
    from testbench.stages import Stages

FASHION = {"dataset": "fashion-mnist", "validation": 200, "limit": 1200}
TRAIN = {"epochs": 2, "batch_size": 50, "seed": 3}
SOURCE = Path("models/fashion_cnn/model.py")
FACTS = Facts(1000, 1, 100)
LEARNS: dict[Any, dict[str, Any]] = {latent: {"distill": True}}  # where that is not the default


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"temperature": 0.5}, "greater than or equal to 1"),
        ({"share": 0}, "greater than 0"),
        ({"share": 1.1}, "less than or equal to 1"),
        ({"epochs": 0}, "greater than or equal to 1"),
        ({"learning_rate": 0}, "greater than 0"),
        ({"teacher": "teacher.tflite"}, "an .h5 or .keras file"),
    ],
)
def test_senseless_options_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        distill.OPTIONS.model_validate(wrong)


def test_a_teacher_is_an_input_and_must_be_there(tmp_path: Path) -> None:
    assert distill.inputs(distill.OPTIONS()) == []
    missing = distill.OPTIONS(teacher=str(tmp_path / "t.h5"))
    assert distill.inputs(missing) == [missing.teacher]
    [error] = distill.check(missing, FACTS, "targets/t.toml:7: compress[0]")
    assert str(error).startswith("targets/t.toml:7: compress[0].teacher: no such file")
    (tmp_path / "t.h5").touch()
    assert distill.check(missing, FACTS, "") == []
    assert distill.check(distill.OPTIONS(teacher="build/models/other/float.h5"), FACTS, "") == []


@pytest.mark.parametrize("module", [latent, low_rank, prune_channels, prune_layers])
def test_other_passes_have_teachers_as_well(module: Any, tmp_path: Path) -> None:
    assert module.inputs(module.OPTIONS()) == []
    options = module.OPTIONS.model_validate({"teacher": str(tmp_path / "t.h5")} | LEARNS.get(module, {}))
    assert module.inputs(options) == [options.teacher]
    [error] = module.check(options, FACTS, "targets/t.toml:7: compress[0]")
    assert str(error).startswith("targets/t.toml:7: compress[0].teacher: no such file")


@pytest.mark.parametrize("module", [latent, prune_channels, prune_layers])
def test_a_teacher_that_nobody_listens_to_is_refused(module: Any) -> None:
    with pytest.raises(ValidationError, match="teacher is for distill = true"):
        module.OPTIONS.model_validate({"teacher": "t.h5", "distill": False})


@pytest.fixture(scope="module")
def folder(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With teacher.h5, trained for some epochs, and student.h5, the same network trained for one."""
    folder = tmp_path_factory.mktemp("distilled")
    for name, epochs in (("teacher", 5), ("student", 1)):
        files = ("--source", SOURCE, "--out", folder / f"{name}.h5", "--stats", folder / f"{name}.json")
        train = TRAIN | {"epochs": epochs, "learning_rate": 0.002}
        stages.run("train", *files, data=FASHION, train=train)
    return folder


def compress(
    stages: Stages, folder: Path, out: str, code: int = 0, student: str = "student", pass_name: str = "distill",
    **options: Any,
) -> str:  # fmt: skip
    files = ("--model", folder / f"{student}.h5", "--reference", folder / "teacher.h5", "--source", SOURCE)
    made = ("--out", folder / f"{out}.h5", "--stats", folder / f"{out}.json")
    return stages.run(
        "compress", "--pass", pass_name, *files, *made, code=code, compress=options, data=FASHION, train=TRAIN
    )


def accuracy(stages: Stages, model: Path) -> float:
    out = model.with_suffix(".evaluation.json")
    task = {"metric": "top1"}
    stages.run("evaluate", "--model", model, "--out", out, "--split", "test", data=FASHION, task=task)
    return float(json.loads(out.read_text())["value"])


def test_the_student_comes_up_to_its_teacher(folder: Path, stages: Stages) -> None:
    compress(stages, folder, "out", epochs=5, learning_rate=0.002)
    teacher, before, after = (accuracy(stages, folder / f"{name}.h5") for name in ("teacher", "student", "out"))
    assert before < teacher
    assert after > before
    assert after > teacher - 0.02
    notes = json.loads((folder / "out.json").read_text())["notes"]
    assert notes["teacher"] == {"file": None, "weights": 216_650}
    assert 0.7 < notes["teacher_validation_metric"] < 0.95


def distance(left: Path, right: Path) -> float:
    """Mean square of the difference of all weights."""
    import h5py
    import numpy as np

    def weights(path: Path) -> Any:
        found: list[Any] = []
        with h5py.File(path) as file:
            file.visititems(lambda _, item: found.append(np.ravel(item[()])) if hasattr(item, "dtype") else None)
        return np.concatenate(found)

    return float(np.mean((weights(left) - weights(right)) ** 2))


def test_a_teacher_of_ones_own_is_listened_to(folder: Path, stages: Stages) -> None:
    compress(stages, folder, "own", epochs=1, share=1.0, teacher=str(folder / "student.h5"))
    compress(stages, folder, "reference", epochs=1, share=1.0)
    start = folder / "student.h5"
    # who is the teacher's equal has nothing to learn from it
    assert distance(start, folder / "own.h5") < 0.2 * distance(start, folder / "reference.h5")


@pytest.mark.slow  # the test above stands for it: passes listen to their teacher by the same function
def test_a_cut_network_learns_from_a_teacher_of_ones_own(folder: Path, stages: Stages) -> None:
    cut = {"pass_name": "prune_channels", "steps": 1, "final_epochs": 2, "learning_rate": 0.002, "share": 1.0}
    compress(stages, folder, "cut", **cut)
    compress(stages, folder, "cut_misled", **cut, teacher=str(constant(stages, folder)))
    assert accuracy(stages, folder / "cut_misled.h5") < 0.5 < accuracy(stages, folder / "cut.h5")


def test_zeros_stay_zero(folder: Path, stages: Stages) -> None:
    files = ("--model", folder / "student.h5", "--out", folder / "sparse.h5", "--stats", folder / "sparse.json")
    schedule = {"final": 0.75, "end_step": 10}
    stages.run(
        "compress", "--pass", "prune", *files, compress={"schedule": schedule, "epochs": 1}, data=FASHION, train=TRAIN
    )
    compress(stages, folder, "sparse_distilled", student="sparse", epochs=1)
    before, after = (json.loads((folder / f"{name}.json").read_text()) for name in ("sparse", "sparse_distilled"))
    assert before["sparsity"] > 0.74
    assert after["nonzero_weights"] <= before["nonzero_weights"] + 42  # biases that were zero by chance


def make(stages: Stages, folder: Path, name: str, build: str) -> Path:
    """An untrained model as .h5, beside its source."""
    source = folder / name / "model.py"
    source.parent.mkdir()
    source.write_text(f"from tensorflow import keras\n\n\ndef build():\n    return {build}\n")
    out = source.with_name("float.h5")
    stages.run(
        "train", "--source", source, "--out", out, "--stats", out.with_suffix(".json"),
        data=FASHION, train={"epochs": 1, "batch_size": 1000},
    )  # fmt: skip
    return out


TAUGHT: dict[str, dict[str, Any]] = {
    "latent": {"distill": True},
    "low_rank": {"rank": {"classes": 4}},
    "prune_channels": {"steps": 1},
}


def constant(stages: Stages, folder: Path) -> Path:
    """A teacher that finds all classes equally likely, whatever it sees."""
    layers = "keras.layers.Flatten(input_shape=(28, 28, 1)), keras.layers.Rescaling(0.0), keras.layers.Dense(10)"
    return make(stages, folder, "constant", f"keras.Sequential([{layers}, keras.layers.Softmax()])")


LOGITS = "keras.Sequential([keras.layers.Flatten(input_shape=(28, 28, 1)), keras.layers.Dense({classes}{activation})])"


def test_teachers_that_cannot_teach(folder: Path, stages: Stages, pytestconfig: pytest.Config) -> None:
    wide = make(stages, folder, "wide", LOGITS.format(classes=12, activation=', activation="softmax"'))
    assert "knows other classes than the student, got '[N, 12]', allowed: [N, 10]" in compress(
        stages, folder, "x", code=2, teacher=str(wide)
    )
    taught = TAUGHT if pytestconfig.getoption("--slow") else {"low_rank": TAUGHT["low_rank"]}  # it stands for all
    for pass_name, more in taught.items():
        printed = compress(stages, folder, "x", code=2, pass_name=pass_name, teacher=str(wide), **more)
        assert "knows other classes than the student" in printed
    logits = make(stages, folder, "logits", LOGITS.format(classes=10, activation=""))
    assert "its outputs are no probabilities" in compress(stages, folder, "x", code=2, teacher=str(logits))
    (folder / "torn.h5").write_bytes(b"\x89HDF\r\n\x1a\n and no more")
    torn = compress(stages, folder, "x", code=2, teacher=str(folder / "torn.h5"))
    assert "torn.h5: cannot be read as a Keras model" in torn
    assert "compress.teacher: no such file" in compress(stages, folder, "x", code=2, teacher="nowhere.h5")
    assert "build/no.h5: no such file" in compress(stages, folder, "x", code=2, teacher="build/no.h5")
    assert not (folder / "x.h5").exists()


def test_a_mad_learning_rate_ends_in_a_clean_message(folder: Path, stages: Stages) -> None:
    files = {name: (folder / name).read_bytes() for name in ("student.h5", "teacher.h5")}
    printed = compress(stages, folder, "mad", code=2, learning_rate=1e30, epochs=1)
    assert "the loss is no number any more at epoch 1, step " in printed
    assert "lower the learning rate (1e+30)" in printed
    assert "Traceback" not in printed
    assert not (folder / "mad.h5").exists()
    assert not (folder / "mad.json").exists()
    assert {name: (folder / name).read_bytes() for name in files} == files
