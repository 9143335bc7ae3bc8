"""The compression benchmark: its project, its rows, its page and its picture, on a small network of its own."""

from __future__ import annotations

import dataclasses
import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.compression import __main__ as benchmark
from benchmarks.compression import _collect, _picture, _project, _recipes, _table
from edgewright.home import home
from edgewright.spec import Step, load_project

MODEL = """\
description = "small"

[data]
dataset    = "fashion-mnist"
validation = 200
limit      = 1200

[train]
epochs     = 2
batch_size = 50
learning_rate = 0.01
seed       = 1                  # the benchmark has its own
"""

SOURCE = """\
from tensorflow import keras


def build():
    return keras.Sequential(
        [
            keras.layers.InputLayer((28, 28, 1)),
            keras.layers.Conv2D(4, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
"""

DENSE = """\
description = "nothing but int8"
board       = "raspberry-pi-4"
runtime     = "litert"

[quantize]
calibration_samples = 20

[measure]
transport = "none"
"""

PRUNED = """\
extends     = "tiny-dense"
description = "nine tenths zero"

[[compress]]
pass     = "prune"
schedule = { kind = "polynomial", final = 0.9, end_step = 30 }
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a model and recipes that stand in the place of the benchmark's own."""
    folder = tmp_path_factory.mktemp("small")
    files = {
        "models/tiny/model.toml": MODEL,
        "models/tiny/model.py": SOURCE,
        "recipes/tiny-dense.toml": DENSE,
        "recipes/tiny-prune_90.toml": PRUNED,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_recipes, "MODELS", folder / "models")
        patch.setattr(_recipes, "FOLDER", folder / "recipes")
        yield folder


@pytest.fixture(scope="module")
def results(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tables that a whole run writes."""
    out = small / "results"
    words = ["--folder", str(small / "project"), "--results", str(out), "--seeds", "1,2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGEWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        assert benchmark.main(words) == 0
    return out


def rows(results: Path) -> list[_collect.Row]:
    found = json.loads((results / "compression.json").read_text())["rows"]
    return [_collect.Row(**{**row, "passes": tuple(row["passes"])}) for row in found]


def test_every_seed_is_a_model_of_its_own(small: Path, results: Path) -> None:
    assert results.is_dir()
    for seed in (1, 2):
        file = small / f"project/models/tiny_seed{seed}/model.toml"
        text = file.read_text()
        assert f"\nseed       = {seed} " in text
        assert text.replace(f"= {seed} ", "= 1 ", 1) == MODEL
        assert (file.parent / "model.py").read_text() == SOURCE


def test_rows_hold_what_the_reports_say(small: Path, results: Path) -> None:
    found = rows(results)
    assert [(row.recipe, row.seed) for row in found] == [
        *(("tiny-dense", 1), ("tiny-dense", 2)),
        *(("tiny-prune_90", 1), ("tiny-prune_90", 2)),
    ]
    for row in found:
        name = f"{row.model}_seed{row.seed}"
        report = json.loads((small / f"project/build/{row.recipe}/{name}/report.json").read_text())
        assert row.accuracy == report["accuracy"]["quantized"] > 0.4
        assert row.float_accuracy == report["accuracy"]["float"]
        assert row.macs == report["size"]["macs"] == 4 * 9 * 13 * 13 + 6760
        assert row.weights == 4 * 10 + 6770
        # int8 weights, int32 biases; a scale for each channel of the convolution, one or ten for the dense layer
        assert row.weight_bytes - (4 * 9 + 6760 + 4 * 14 + 4 * 4) in (4, 40)
        is_dense = row.recipe == "tiny-dense"
        assert row.device_bytes == (row.weight_bytes if is_dense else row.coded_bytes)
        assert row.coded_bytes <= row.weight_bytes * (1 if is_dense else 0.4)
        assert row.weight_bytes < row.tflite_bytes
        assert row.passes == (() if row.recipe == "tiny-dense" else ("prune",))
        assert (row.nonzero_weights < 0.15 * row.weights) == (row.recipe == "tiny-prune_90")
    assert found[0].accuracy != found[1].accuracy


def test_page_and_picture_come_from_the_rows(results: Path) -> None:
    found = rows(results)
    summaries = _table.summaries(found)
    assert (results / "compression.md").read_text() == _table.page(summaries)
    assert (results / "compression.svg").read_text() == _picture.render(summaries)
    table = [line for line in _table.page(summaries).splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in table] == ["dense", "prune_90"]
    dense, pruned = summaries
    assert dense.loss == 0
    loss = sum(found[i].accuracy - found[i + 2].accuracy for i in (0, 1)) / 2
    assert pruned.loss == pytest.approx(loss)
    assert f"{-100 * loss:+.2f}" in table[1]
    assert dense.shrink == pytest.approx(4 * found[0].weights / found[0].device_bytes)


def test_picture_is_a_document_with_a_mark_for_each_recipe(results: Path) -> None:
    root = ET.fromstring((results / "compression.svg").read_text())
    titles = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert sum(title.startswith("tiny-dense: ") for title in titles) == 1
    assert sum(title.startswith("tiny-prune_90: ") for title in titles) == 1
    assert "Deep Compression's 39-49x, of tiny" in titles


@pytest.mark.parametrize(
    ("options", "method"), [({}, "latent"), ({"decoder": "upsample"}, "latent"), ({"decoder": "vae"}, "latent (vae)")]
)
def test_latents_of_a_network_are_a_method_of_their_own(options: dict[str, str], method: str) -> None:
    assert _collect._method(Step("latent", options)) == method


def test_a_second_run_writes_the_same_and_touches_no_file_of_the_project(small: Path, results: Path) -> None:
    before = {path.name: path.read_bytes() for path in results.iterdir()}
    written = {p: p.stat().st_mtime_ns for p in (small / "project/models").rglob("*.toml")}
    _project.write(small / "project", ["tiny"], [1, 2])
    words = ["--folder", str(small / "project"), "--results", str(results), "--seeds", "1,2", "--collect-only"]
    assert benchmark.main(words) == 0
    assert before == {path.name: path.read_bytes() for path in results.iterdir()}
    assert written == {p: p.stat().st_mtime_ns for p in (small / "project/models").rglob("*.toml")}


def test_recipes_that_are_gone_go(small: Path, results: Path) -> None:
    old = small / "project/targets/tiny-old.toml"
    assert results.is_dir()
    old.write_text("board = 1")
    _project.write(small / "project", ["tiny"], [1])
    assert [path.name for path in sorted(old.parent.iterdir())] == ["tiny-dense.toml", "tiny-prune_90.toml"]


def test_another_project_is_left_alone(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "SConstruct").write_text("mine")
    assert benchmark.main(["--folder", str(tmp_path), "--results", str(tmp_path)]) == 2
    assert "another project is in this folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["SConstruct"]


def test_what_is_not_built_is_said(small: Path, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--folder", str(small / "project"), "--results", str(small / "some"), "--seeds", "2,3", "--collect-only"]
    assert results.is_dir()
    assert benchmark.main(words) == 0
    assert "not built: tiny-prune_90, seeds 3" in capsys.readouterr().err
    assert {row.seed for row in rows(small / "some")} == {2}


def test_rows_of_other_recipes_stay_until_these_change(small: Path, results: Path, tmp_path: Path) -> None:
    shutil.copy(results / "compression.json", tmp_path)
    words = ["--folder", str(small / "project"), "--results", str(tmp_path), "--seeds", "1", "--collect-only"]
    assert benchmark.main([*words, "--recipes", "tiny-prune_90"]) == 0
    assert [(row.recipe, row.seed) for row in rows(tmp_path)] == [
        *(("tiny-dense", 1), ("tiny-dense", 2)),
        ("tiny-prune_90", 1),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_recipes, "FOLDER", shutil.copytree(small / "recipes", tmp_path / "recipes"))
        (tmp_path / "recipes/tiny-dense.toml").write_text(DENSE.replace("= 20", "= 30"))
        assert benchmark.main([*words, "--recipes", "tiny-prune_90"]) == 0
    assert [(row.recipe, row.seed) for row in rows(tmp_path)] == [("tiny-prune_90", 1)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seeds", "one"], "error: --seeds: no list of seeds, got 'one'"),
        (["--recipes", "tiny-prune_9"], "did you mean 'tiny-prune_90'?"),
        (["--collect-only", "--folder", "/nowhere"], "error: /nowhere: holds no report"),
    ],
)
def test_mistakes_are_told(small: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(words) == 2
    assert message in capsys.readouterr().err


def test_the_twin_on_a_microcontroller_is_not_drawn_twice(results: Path) -> None:
    found = rows(results)
    twins = [dataclasses.replace(row, recipe=f"{row.recipe}-mcu", runtime="aot") for row in found]
    assert _picture.render(_table.summaries([*found, *twins])) == _picture.render(_table.summaries(found))


def test_the_recipes_that_are_kept_are_valid_targets(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_recipes, "FOLDER", Path(_recipes.__file__).parent / "targets")
        patch.setattr(_recipes, "MODELS", home() / "models")
        recipes = _recipes.select("all")
        _project.write(tmp_path, sorted({recipe.model for recipe in recipes}), [1])
        project = load_project(tmp_path, home())
    assert {recipe.name for recipe in recipes} <= set(project.targets)
    baselines = {recipe.model for recipe in recipes if not project.targets[recipe.name].steps}
    assert baselines == {recipe.model for recipe in recipes} == {"fashion_cnn", "fashion_resnet", "fashion_resnet_wide"}
