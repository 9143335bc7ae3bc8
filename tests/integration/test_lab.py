"""The devices of a lab: devices.toml, targets that name a device, and the list with states."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from edgewright import cli
from edgewright.commands import devices
from edgewright.devices import hold
from edgewright.home import home
from edgewright.pipeline import stages_of
from edgewright.spec import Project, load_project

BASE = Path(__file__).parents[1] / "failing/_base"
LAB = """
[kitchen-pi]
description = "on the shelf"
transport   = "ssh"
host        = "pi@kitchen.invalid"
port        = 2222
runs        = 77

[here]
transport = "host"
"""
TARGET = """
extends = "pi"

[measure]
device = "kitchen-pi"
warmup = 9
"""


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a lab, and the working folder in it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(tmp_path / "cache"))
    project = tmp_path / "project"
    shutil.copytree(BASE, project)
    (project / "devices.toml").write_text(LAB)
    (project / "targets/kitchen.toml").write_text(TARGET)
    monkeypatch.chdir(project)
    return project


def load(lab: Path) -> Project:
    return load_project(lab, home())


def test_a_target_lays_its_keys_over_the_devices(lab: Path) -> None:
    measure = load(lab).targets["kitchen"].measure
    assert measure is not None
    assert (measure.transport, measure.device) == ("ssh", "kitchen-pi")
    assert {key: measure.options[key] for key in ("host", "port", "runs", "warmup")} == {
        "host": "pi@kitchen.invalid",
        "port": 2222,
        "runs": 77,
        "warmup": 9,
    }


def test_a_device_may_have_a_budget_of_time(lab: Path) -> None:
    (lab / "targets/kitchen.toml").write_text(TARGET + '\n[budget]\nlatency = "5 ms"\n')
    assert load(lab).targets["kitchen"].spec.budget.latency == 5000


def test_the_measurement_holds_the_device_and_not_the_board(lab: Path) -> None:
    project = load(lab)
    (model,) = project.models.values()
    held = {name: {stage.device for stage in stages_of(project.targets[name], model) if stage.name == "measure"}
            for name in ("pi", "kitchen")}  # fmt: skip
    assert held == {"pi": {"pi-board"}, "kitchen": {"kitchen.invalid-2222"}}


def test_the_projects_devices_stand_before_the_users(lab: Path, tmp_path: Path) -> None:
    users = tmp_path / "config/edgewright/devices.toml"
    users.parent.mkdir(parents=True)
    users.write_text('[here]\ntransport = "ssh"\nhost = "elsewhere"\n\n[mine]\ntransport = "host"\n')
    (lab / "targets/mine.toml").write_text('extends = "pi"\n\n[measure]\ndevice = "mine"\n')
    (lab / "targets/ours.toml").write_text('extends = "pi"\n\n[measure]\ndevice = "here"\n')
    found = [load(lab).targets[name].measure for name in ("mine", "ours")]
    assert [measure.transport for measure in found if measure] == ["host", "host"]


def test_the_list_says_what_answers(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["devices", "--json"]) == 0
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert found["kitchen-pi"]["state"] == "not reachable: pi@kitchen.invalid: no such host name"
    assert found["kitchen-pi"]["description"] == "on the shelf"
    assert found["here"]["state"] == "free"


def test_the_list_says_who_is_busy(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with hold("kitchen.invalid:2222", "measuring fashion_cnn"):
        assert devices.main(["--offline"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "transport", "board", "state"]
    assert "busy: measuring fashion_cnn (process " in lines[2]


def test_a_lab_without_devices(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lab / "devices.toml").unlink()
    assert devices.main([]) == 0
    assert capsys.readouterr().out.startswith("no devices: devices.toml")


def test_a_mistake_in_the_file_is_shown(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lab / "devices.toml").write_text('[a]\ntransport = "ssh"\nhost = "-x"\n\n[b]\ntransport = 3\n')
    assert cli.main(["devices"]) == 2
    printed = capsys.readouterr().err
    assert "devices.toml:3: a.host" in printed
    assert "devices.toml:6: b.transport: has the wrong type, got 3" in printed
