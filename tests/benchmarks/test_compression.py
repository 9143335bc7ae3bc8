"""The compression benchmark: its project, its rows, its page and its picture, on a small network of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from edgewright.files import read_json, write_json
from edgewright.home import home
from edgewright.pipeline import stages_of
from edgewright.spec import load_project

Row = dict[str, Any]

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
qat                 = "never"

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


def run(small: Path, *words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """The benchmark with the models and recipes of `small`, from anywhere."""
    command = [sys.executable, "-m", "benchmarks.compression", "--folder", small / "project"]
    command += ["--models", small / "models", "--targets", small / "recipes", *words]
    environment = {**os.environ, "EDGEWRIGHT_CACHE": str(small / "cache")}
    done = subprocess.run(
        list(map(str, command)), cwd=home(), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def rows(results: Path) -> list[Row]:
    found: list[Row] = read_json(results / "compression.json")["rows"]
    return found


def lines(results: Path) -> list[str]:
    """The lines of the page's table, a recipe each."""
    return [line for line in (results / "compression.md").read_text().splitlines() if line.startswith("| `")]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and recipes."""
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
    return folder


@pytest.fixture(scope="module")
def results(small: Path) -> Path:
    """The folder of the tables that a whole run writes."""
    run(small, "--results", small / "results", "--seeds", "1,2")
    return small / "results"


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
    assert [(row["recipe"], row["seed"]) for row in found] == [
        *(("tiny-dense", 1), ("tiny-dense", 2)),
        *(("tiny-prune_90", 1), ("tiny-prune_90", 2)),
    ]
    for row in found:
        name = f"{row['model']}_seed{row['seed']}"
        report = json.loads((small / f"project/build/{row['recipe']}/{name}/report.json").read_text())
        assert row["accuracy"] == report["accuracy"]["quantized"] > 0.4
        assert row["float_accuracy"] == report["accuracy"]["float"]
        assert row["macs"] == report["size"]["macs"] == 4 * 9 * 13 * 13 + 6760
        assert row["weights"] == 4 * 10 + 6770
        assert row["counted"] == "C"
        is_dense = row["recipe"] == "tiny-dense"
        # int8 weights; a bias, a multiplier and a shift of each channel, which may be one; a table of exponentials
        least = 4 * 9 + 6760 + 4 * (4 + 4 + 1) + 10 * 4 + 5
        assert not is_dense or 0 < row["weight_bytes"] - least < 512
        assert row["device_bytes"] == (row["weight_bytes"] if is_dense else row["coded_bytes"])
        assert row["coded_bytes"] <= row["weight_bytes"] * (1 if is_dense else 0.4)
        assert row["weight_bytes"] < row["tflite_bytes"]
        assert row["passes"] == ([] if row["recipe"] == "tiny-dense" else ["prune"])
        assert (row["nonzero_weights"] < 0.15 * row["weights"]) == (row["recipe"] == "tiny-prune_90")
    assert found[0]["accuracy"] != found[1]["accuracy"]


def test_the_page_comes_from_the_rows(results: Path) -> None:
    found, (dense, pruned) = rows(results), lines(results)
    assert (dense.split("`")[1], pruned.split("`")[1]) == ("dense", "prune_90")
    loss = sum(found[i]["accuracy"] - found[i + 2]["accuracy"] for i in (0, 1)) / 2
    assert dense.split(" | ")[5] == "-"
    assert f"{-100 * loss:+.2f}" in pruned
    assert f" {4 * found[0]['weights'] / found[0]['device_bytes']:.1f} " in dense


def titles(picture: Path) -> list[str]:
    root = ET.fromstring(picture.read_text())
    return [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}title")]


def test_picture_is_a_document_with_a_mark_for_each_recipe(results: Path) -> None:
    found = titles(results / "compression.svg")
    assert sum(title.startswith("tiny-dense: ") for title in found) == 1
    assert sum(title.startswith("tiny-prune_90: ") for title in found) == 1
    assert "Deep Compression's 39-49x, of tiny" in found


def project_files(small: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (small / "project").glob("*s/**/*.toml")}


def test_a_second_run_writes_the_same_and_touches_no_file_of_the_project(small: Path, results: Path) -> None:
    before, written = {path.name: path.read_bytes() for path in results.iterdir()}, project_files(small)
    run(small, "--results", results, "--seeds", "1,2")
    assert before == {path.name: path.read_bytes() for path in results.iterdir()}
    assert written == project_files(small)


def test_recipes_that_are_gone_go(small: Path, results: Path, tmp_path: Path) -> None:
    old = small / "project/targets/tiny-old.toml"
    assert results.is_dir()
    old.write_text("board = 1")
    run(small, "--results", tmp_path, "--seeds", "1")
    assert [path.name for path in sorted(old.parent.iterdir())] == ["tiny-dense.toml", "tiny-prune_90.toml"]


def test_another_project_is_left_alone(small: Path, tmp_path: Path) -> None:
    (tmp_path / "SConstruct").write_text("mine")
    done = run(small, "--folder", tmp_path, "--results", tmp_path, code=2)
    assert "another project is in this folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["SConstruct"]


def test_what_is_not_built_is_said(small: Path, results: Path, tmp_path: Path) -> None:
    assert results.is_dir()
    done = run(small, "--results", tmp_path, "--seeds", "2,3", "--collect-only")
    assert "not built: tiny-prune_90, seeds 3" in done.stderr
    assert {row["seed"] for row in rows(tmp_path)} == {2}


def test_rows_of_other_recipes_stay_until_these_change(small: Path, results: Path, tmp_path: Path) -> None:
    shutil.copy(results / "compression.json", tmp_path)
    words = ("--results", tmp_path, "--seeds", "1", "--collect-only", "--recipes", "tiny-prune_90")
    run(small, *words)
    assert [(row["recipe"], row["seed"]) for row in rows(tmp_path)] == [
        *(("tiny-dense", 1), ("tiny-dense", 2)),
        ("tiny-prune_90", 1),
    ]
    other = shutil.copytree(small / "recipes", tmp_path / "recipes")
    (other / "tiny-dense.toml").write_text(DENSE.replace("= 20", "= 30"))
    run(small, *words, "--targets", other)
    assert [(row["recipe"], row["seed"]) for row in rows(tmp_path)] == [("tiny-prune_90", 1)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seeds", "one"], "error: --seeds: no list of seeds, got 'one'"),
        (["--recipes", "tiny-prune_9"], "did you mean 'tiny-prune_90'?"),
        (["--collect-only", "--folder", "/nowhere"], "error: /nowhere: holds no report"),
    ],
)
def test_mistakes_are_told(small: Path, words: list[str], message: str) -> None:
    assert message in run(small, *words, code=2).stderr


def content(small: Path, recipes: Path, *names: str) -> str:
    """What a row says of its recipe: a hash of it, of those that it extends, and of the model."""
    files = [*(recipes / f"{name}.toml" for name in names), *sorted((small / "models/tiny").glob("model.*"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def test_the_twin_on_a_microcontroller_is_not_drawn_twice(small: Path, results: Path, tmp_path: Path) -> None:
    recipes = shutil.copytree(small / "recipes", tmp_path / "recipes")
    (recipes / "tiny-dense-mcu.toml").write_text('extends = "tiny-dense"\ndescription = "the same"\n')
    twin = {"recipe": "tiny-dense-mcu", "runtime": "aot"}
    twin["content"] = content(small, recipes, "tiny-dense-mcu", "tiny-dense")
    write_json(tmp_path / "compression.json", {"rows": [{**row, **twin} for row in rows(results)[:2]]})
    chosen = ("--recipes", "tiny-dense,tiny-prune_90", "--seeds", "1,2", "--collect-only")
    run(small, "--results", tmp_path, "--targets", recipes, *chosen)
    assert [line.split("`")[1] for line in lines(tmp_path)] == ["dense", "dense-mcu", "prune_90"]
    assert (tmp_path / "compression.svg").read_text() == (results / "compression.svg").read_text()


@pytest.mark.parametrize(
    ("options", "method"), [("", "latent"), ('decoder = "upsample"', "latent"), ('decoder = "vae"', "latent (vae)")]
)
def test_latents_of_a_network_are_a_method_of_their_own(
    options: str, method: str, small: Path, results: Path, tmp_path: Path
) -> None:
    """The reports and the model are those of another recipe: what is looked at is the name."""
    assert results.is_dir()
    recipes, project = shutil.copytree(small / "recipes", tmp_path / "recipes"), tmp_path / "project"
    recipe = f'extends = "tiny-dense"\n\n[[compress]]\npass = "latent"\nrate = 1e-6\n{options}\n'
    shutil.copytree(small / "project", project, ignore=shutil.ignore_patterns("build"))
    for folder in (recipes, project / "targets"):
        (folder / "tiny-named.toml").write_text(recipe)
    known = load_project(project, home())
    for stage in stages_of(known.targets["tiny-named"], known.models["tiny_seed1"]):
        for output in stage.outputs:
            (project / output).parent.mkdir(parents=True, exist_ok=True)
            (project / output).write_text("{}")
    for file in ("report.json", "tiny_seed1.tflite"):
        shutil.copy(
            small / "project/build/tiny-dense/tiny_seed1" / file, project / "build/tiny-named/tiny_seed1" / file
        )
    chosen = ("--recipes", "tiny-named", "--seeds", "1", "--collect-only")
    run(small, "--folder", project, "--targets", recipes, "--results", tmp_path, *chosen)
    assert [row["passes"] for row in rows(tmp_path)] == [[method]]


def test_the_recipes_that_are_kept_are_valid_targets(tmp_path: Path) -> None:
    recipes = sorted((home() / "benchmarks/compression/targets").glob("*.toml"))
    (tmp_path / "targets").mkdir()
    for recipe in recipes:
        shutil.copy(recipe, tmp_path / "targets")
    shutil.copytree(home() / "models", tmp_path / "models")
    project = load_project(tmp_path, home())
    assert {recipe.stem for recipe in recipes} <= set(project.targets)
    models = {recipe.stem: recipe.stem.partition("-")[0] for recipe in recipes}
    baselines = {model for name, model in models.items() if not project.targets[name].steps}
    assert baselines == set(models.values()) == {"fashion_cnn", "fashion_resnet", "fashion_resnet_wide"}
