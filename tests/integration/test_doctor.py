"""`edgewright doctor`: what is there, what is not with its fix, and the exit code that a script reads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from edgewright import cli
from edgewright.commands._doctor import machine, packages, programs
from edgewright.commands._doctor.finding import Finding
from edgewright.home import home
from edgewright.spec import load_project

DATA = """\
description = "declared"
[data]
dataset = "table"
path = "readings.csv"
label = ["kind"]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGEWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(programs, "_version", lambda _: "7.2")
    return tmp_path


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program is installed."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    status = cli.main(["doctor", "--json", *words])
    found = json.loads(capsys.readouterr().out)
    return status, {each["name"]: each for each in found}


def test_what_a_named_target_needs_has_to_be_there(
    project: Path, nothing: None, capsys: pytest.CaptureFixture[str]
) -> None:
    status, found = ask(capsys, "mcu")
    assert status == 4
    missing = {name for name, each in found.items() if each["state"] == "missing" and each["needed"]}
    assert missing == {"arm-none-eabi-gcc", "cc", "gcc", "qemu-system-arm"}
    assert found["qemu-system-arm"]["fix"] == "apt-get install qemu-system-arm"
    assert not found["qemu-aarch64"]["needed"], "that is for others"


def test_without_a_target_those_of_the_project_count(
    project: Path, nothing: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(capsys)[0] == 0, "the project has none of its own"
    (project / "targets").mkdir()
    (project / "targets/own.toml").write_text('description = "own"\nextends = "phone"\n')
    status, found = ask(capsys)
    assert status == 4
    assert {name for name, each in found.items() if each["needed"] and each["state"] == "missing"} == {
        "aarch64-linux-gnu-gcc",
        "gcc",
        "qemu-aarch64",
    }


def test_each_fault_of_a_page_has_its_fix(project: Path, nothing: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "mcu"]) == 4
    lines = capsys.readouterr().out.splitlines()
    faults = [number for number, line in enumerate(lines) if line.split()[:1] in (["missing"], ["(missing)"])]
    assert faults
    assert all(lines[number + 1].startswith("             fix: ") for number in faults)


def test_a_version_that_does_not_do(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_version", lambda _: "9.1")
    targets = load_project(project, home()).targets
    found = {each.name: each for each in programs.findings([targets["rpi"]], ["rpi"])}
    assert found["qemu-aarch64"].state == "wrong"
    assert "QEMU 9.1 is not supported" in found["qemu-aarch64"].text
    assert "qemu-user (7.2)" in str(found["qemu-aarch64"].fix)


def test_every_program_that_a_target_calls_has_a_way_to_get_it() -> None:
    for target in load_project(home(), home()).targets.values():
        for program in programs.programs_of(target):
            assert program.hint, (target.name, program)


def test_declared_data_that_are_not_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project / "models/readings"
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text(DATA)
    (folder / "model.py").write_text("def build(): ...\n")
    status, found = ask(capsys)
    assert status == 4
    assert found["readings [data]"]["state"] == "missing"
    (folder / "readings.csv").write_text("a,kind\n1,x\n")
    assert ask(capsys)[1]["readings [data]"]["state"] == "ok"


def test_a_file_with_a_fault_is_told_beside_the_rest(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "targets").mkdir()
    (project / "targets/own.toml").write_text('description = "own"\nboard = "mps2-an386"\nruntime = "aott"\n')
    status, found = ask(capsys)
    assert status == 4
    assert found["targets/own.toml:3: runtime"]["fix"] == "did you mean 'aot'?"
    assert found["python"]["state"] == "ok"


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "requires", lambda _: ['no-such-package>=3; extra == "train"'])
    found = {each.name: each for each in packages.findings({"train"})}
    assert found["no-such-package"] == Finding(
        "Python",
        "no-such-package",
        "missing",
        "no-such-package is not installed",
        "training, compression and quantization",
        'pip install "edgewright[train]"',
    )


def test_a_full_disk(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ROOM", 1 << 60)
    found = {each.name: each for each in machine.findings(project)}
    assert found["disk of the project"].state == "wrong"
    assert str(found["disk of the project"].fix).startswith("make room")
