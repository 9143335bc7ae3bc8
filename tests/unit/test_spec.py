"""Targets, boards and models; their mistakes are in tests/failing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edgewright.errors import UserError
from edgewright.home import home
from edgewright.spec import Project, identifier, load_project
from edgewright.spec.target import merge


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(home(), home())


def test_every_file_of_the_project_is_right(project: Project) -> None:
    assert {"rpi", "mcu"} <= set(project.targets)
    assert "fashion_cnn" in project.models


def test_units_become_numbers(project: Project) -> None:
    mcu = project.targets["mcu"]
    assert mcu.spec.budget.flash == 256 * 1024
    assert mcu.board.memory is not None
    assert mcu.board.core.clock == 25_000_000


def test_options_of_passes_and_transports_are_filled_in(project: Project) -> None:
    rpi = project.targets["rpi"]
    assert rpi.steps[0].name == "prune"
    assert rpi.steps[0].options["schedule"]["final"] == 0.5
    assert rpi.steps[0].where.startswith("targets/rpi.toml:")
    assert rpi.measure is not None
    assert rpi.measure.transport == "qemu-user"
    assert rpi.measure.options["runs"] == 50
    assert rpi.measure.options["threads"] == 1


def test_extends_lays_tables_over_tables(project: Project) -> None:
    base, derived = project.targets["mcu"], project.targets["mcu-m3"]
    assert derived.spec.runtime == base.spec.runtime
    assert derived.spec.board != base.spec.board
    assert derived.spec.budget.flash == base.spec.budget.flash
    assert derived.spec.budget.latency != base.spec.budget.latency


def test_merge_replaces_lists_and_keeps_its_arguments() -> None:
    base = {"a": {"b": 1, "c": 2}, "list": [1, 2]}
    assert merge(base, {"a": {"b": 3}, "list": []}) == {"a": {"b": 3, "c": 2}, "list": []}
    assert base == {"a": {"b": 1, "c": 2}, "list": [1, 2]}


def test_a_board_that_is_only_built_has_no_measurement(project: Project) -> None:
    assert project.targets["pico"].measure is None


def test_selecting(project: Project) -> None:
    assert [target.name for target in project.select_targets("rpi, mcu,rpi")] == ["rpi", "mcu"]
    assert len(project.select_targets("all")) == len(project.targets)
    with pytest.raises(UserError, match="did you mean 'rpi'"):
        project.select_targets("rpo")
    with pytest.raises(UserError, match="no such target"):
        project.select_targets(",")


def test_a_tflite_file_is_a_model(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "3 my-net.tflite"
    path.write_bytes(b"")
    (model,) = project.select_models(str(path))
    assert model.name == "m_3_my_net"
    assert model.origin == str(path)
    assert model.spec is None


@pytest.mark.parametrize(
    ("text", "name"), [("kws", "kws"), ("my net-1", "my_net_1"), ("3x", "m_3x"), ("!!", "model"), ("é", "model")]
)
def test_identifiers(text: str, name: str) -> None:
    assert identifier(text) == name


def test_a_projects_own_board_stands_before_one_of_the_same_name(tmp_path: Path) -> None:
    board = (home() / "targets/boards/raspberry-pi-4.toml").read_text()
    (tmp_path / "targets/boards").mkdir(parents=True)
    (tmp_path / "targets/boards/raspberry-pi-4.toml").write_text(board.replace("1.5 GHz", "1.8 GHz"))
    assert load_project(tmp_path, home()).targets["rpi"].board.core.clock == 1_800_000_000


def a_model(folder: Path, text: str) -> Project:
    """A project with one model."""
    (folder / "models/m").mkdir(parents=True)
    (folder / "models/m/model.toml").write_text(f'description = "m"\n{text}')
    (folder / "models/m/model.py").write_text("def build(): ...\ndef load(): ...\ndef focal(y, p): ...\n")
    return load_project(folder, folder)


def test_keys_have_their_old_names_too(tmp_path: Path) -> None:
    spec = a_model(tmp_path, '[metric]\nkind = "f1"\n[data]\n[train]\nloss = "kl_divergence"\n').models["m"].spec
    assert spec is not None
    assert (spec.task.judged_by, spec.task.minimised) == ("f1", "kl_divergence")


def test_both_names_in_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"model.toml:3: metric.kind: means the same as task.metric") as error:
        a_model(tmp_path, '[metric]\nkind = "f1"\n[data]\n[train]\n[task]\nmetric = "top1"\n')
    assert error.value


def test_a_task_of_several_outputs(tmp_path: Path) -> None:
    outputs = """
[data]
[train]
[[task.outputs]]
name   = "kind"
metric = "model:focal"
better = "less"
[[task.outputs]]
name = "angle"
kind = "regression"
unit = "deg"
"""
    spec = a_model(tmp_path, outputs).models["m"].spec
    assert spec is not None
    assert [goal.told for goal in spec.task.goals] == [["model:focal"], ["mae"]]
    assert [goal.minimised for goal in spec.task.learning.goals] == [
        "sparse_categorical_crossentropy",
        "mean_squared_error",
    ]


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (
            'kind = "regression"\nmetric = "top1"',
            "'top1' is no metric for kind = \"regression\", .*: mae, mse, rmse",
        ),
        ('kind = "binary"\nloss = "mse"', "'mse' is no loss for kind = \"binary\""),
        ('loss = "model:foca"', r"task.loss: model.py has no function foca\(\), .* did you mean 'focal'"),
        ('loss = "losses:focal"', "task.loss: no losses.py beside model.toml"),
        ('metric = "model:focal"', "better is missing"),
        ('better = "less"', "better says of a metric of one's own"),
        ('metric = "f1"\noutputs = [{name = "a"}]', "metric belongs to the outputs"),
        ('outputs = [{name = "a"}, {name = "a"}]', "two outputs have the same name"),
        ('outputs = [{name = "a", kind = "reconstruction"}]', "only output"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused(task: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        a_model(tmp_path, f"[data]\n[train]\n[task]\n{task}\n")
    assert re.search(words, " ".join(str(error.value).split()))
