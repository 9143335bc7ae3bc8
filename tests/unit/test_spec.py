"""Targets, boards and models; their mistakes are in tests/failing."""

from __future__ import annotations

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
    assert model.tflite == path
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
