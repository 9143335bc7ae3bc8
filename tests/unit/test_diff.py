"""Two builds against each other: rules, Markdown, JUnit, and the exit status."""

from __future__ import annotations

import json
import re
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from edgewright import cli
from edgewright.errors import UserError
from edgewright.home import home
from edgewright.report import diff
from testbench.pages import report_of

HOSTILE = "|a\n<script>`*"


def report(flash: int = 32768, accuracy: float = 0.889, name: str = "net") -> dict[str, Any]:
    found = report_of(name, flash)
    return {**found, "accuracy": {**found["accuracy"], "quantized": accuracy}}


def broken(before: dict[str, Any] | None, after: dict[str, Any], text: str) -> list[str]:
    limits = diff.rules(text)
    return [change.broken.text for change in diff.changes(before, after, limits) if change.broken]


@pytest.mark.parametrize(
    ("flash", "accuracy", "expected"),
    [
        (32768, 0.889, []),
        (33423, 0.889, []),  # 1.999 %
        (33424, 0.889, ["flash>2%"]),  # 2.002 %
        (20000, 0.8841, []),
        (20000, 0.8839, ["metric<-0.5"]),
        (40000, 0.5, ["metric<-0.5", "flash>2%"]),
    ],
)
def test_rules_are_of_per_cents_and_of_points(flash: int, accuracy: float, expected: list[str]) -> None:
    assert broken(report(), report(flash, accuracy), "flash>2%, metric<-0.5") == expected


def test_what_is_new_breaks_no_rule() -> None:
    assert broken(None, report(60000), "flash>0%") == []


def test_what_was_counted_is_not_held_against_what_was_measured() -> None:
    measured = {**report(), "latency": {"kind": "measured", "latency_us": 1.0}}
    assert broken(measured, report(), "latency>0%") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("flash", "is no rule"),
        ("flash>2", "needs a %"),
        ("metric<-1%", "in points"),
        ("flsh>2%", "did you mean 'flash'"),
        ("flash>=2%", "is no rule"),
    ],
)
def test_what_is_no_rule_is_told(text: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        diff.rules(text)


def test_a_breach_ends_with_3_and_has_its_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, flash in (("base", 32768), ("new", 70000)):
        place = tmp_path / name / "mcu" / "net" / "report.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(report(flash)))
    words = [str(tmp_path / "base"), str(tmp_path / "new"), "--fail-on", "flash>2%,size>1%"]
    assert cli.main(["diff", *words, "--junit", str(tmp_path / "diff.xml")]) == 3
    out = capsys.readouterr()
    assert "\\*\\*" not in out.out
    assert "**Breached:**" in out.out
    assert "mcu/net: flash +113.62 % (flash>2%)" in out.err
    assert "budget flash: 68.4 KiB of 64.0 KiB" in out.err
    suite = ET.parse(tmp_path / "diff.xml").getroot()
    failed = {case.get("name") for case in suite if len(case)}
    assert failed == {"flash>2%", "budget flash"}
    assert (suite.get("tests"), suite.get("failures")) == (str(len(suite)), "2")


def test_nothing_changed_is_status_0(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(report()))
    assert (
        cli.main(["diff", str(tmp_path / "report.json"), str(tmp_path / "report.json"), "--fail-on", "flash>0%"]) == 0
    )


def test_a_builds_folder_stands_for_its_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "report.json").write_text(json.dumps(report()))
    folder, file = str(tmp_path), str(tmp_path / "report.json")
    for command in ("compare", "diff"):
        assert cli.main([command, folder, folder]) == 0
        shown = capsys.readouterr().out
        assert cli.main([command, file, file]) == 0
        assert capsys.readouterr().out == shown


def test_names_are_text_in_both_forms() -> None:
    after = report(70000, name=HOSTILE)
    found = diff.changes(report(), after, diff.rules("flash>2%"))
    assert all(row.count("|") - row.count("\\|") == 7 for row in diff.as_markdown(found, [after]).splitlines()[2:])
    assert "<script>" not in diff.as_markdown(found, [after])
    assert len(ET.fromstring(diff.as_junit(found, diff.rules("flash>2%"), [after]))) == 5


def test_the_commands_of_the_recipes_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every `edgewright diff` of docs/report.md, on two builds that differ by nothing."""
    text = (home() / "docs" / "report.md").read_text()
    commands = re.findall(r"edgewright (diff base/build build .*?)(?: >>.*)?$", text, re.MULTILINE)
    assert len(commands) == 3
    monkeypatch.chdir(tmp_path)
    for folder in ("base/build", "build"):
        place = tmp_path / folder / "mcu" / "net" / "report.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(report()))
    for command in commands:
        assert cli.main(shlex.split(command)) == 0, command
        assert "No breach." in capsys.readouterr().out
        assert ET.parse(tmp_path / "diff.xml").getroot().get("failures") == "0"


def test_programs_get_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "base.json", tmp_path / "new.json"]
    for file, flash in zip(files, (1000, 1100), strict=True):
        file.write_text(json.dumps(report(flash)))
    assert cli.main(["diff", *map(str, files), "--json", "--fail-on", "flash>2%"]) == 3
    [row] = [each for each in json.loads(capsys.readouterr().out) if each["title"] == "flash"]
    assert (row["before"], row["after"], row["breaks"]) == (1000, 1100, "flash>2%")
