"""The jobs for a review that docs/report.md gives: their commands, in a repository with a stand-in for the build."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from testbench.pages import report_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/report.md").read_text(encoding="utf-8")
SERVICES = ("GitHub Actions", "GitLab CI")
NOT_OURS = ("apt-get",)
SCONSW = """#!/bin/sh
[ "$*" = "target=mcu budget=warn" ] || exit 9
mkdir -p build/mcu/net && cp report.json build/mcu/net/report.json
"""


def commands(service: str) -> list[str]:
    """The shell commands of a job, in their order."""
    found = re.search(rf"{service}:\n\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    lines = re.findall(r"^ +- (?:run: )?(.+)$", found[1], re.MULTILINE)
    return [line for line in lines if re.match(r"[(.a-z-]+[ /]", line) and not re.match(r"\w+: ", line)]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One with a commit on main, and another on top of it whose flash is larger."""
    folder = tmp_path / "project"
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/edgewright").symlink_to(Path(sys.executable).parent / "edgewright")
    (folder / "sconsw").write_text(SCONSW)
    (folder / "sconsw").chmod(0o755)
    git(folder, "init", "-q", "-b", "main")
    for number, flash in enumerate((32 * 1024, 40 * 1024)):
        (folder / "report.json").write_text(json.dumps(report_of("net", flash)))
        git(folder, "add", "sconsw", "report.json")
        git(folder, "commit", "-q", "-m", str(number))
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD~1")
    return folder


def git(folder: Path, *words: str) -> None:
    names = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *names, *words], check=True)


@pytest.mark.parametrize("service", SERVICES)
def test_a_review_is_told_that_flash_grew(repository: Path, service: str) -> None:
    found = commands(service)
    assert [line.split()[0] for line in found if not line.startswith(NOT_OURS)] == [
        *("git", "(cd", "./sconsw", ".venv/bin/edgewright")
    ]
    script = "\n".join(line for line in found if not line.startswith(NOT_OURS))
    script = script.replace("${{ github.base_ref }}", "main")
    told = {"GITHUB_STEP_SUMMARY": "summary.md", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD~1"}
    environment = {**os.environ, **told, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    summary = repository / "summary.md"
    shown = summary.read_text() if summary.exists() else done.stdout
    assert done.returncode == 3, done.stderr
    assert all(word in shown for word in ("flash", "32.0 KiB", "40.0 KiB"))
    assert int(ET.parse(repository / "diff.xml").getroot().get("failures", "0")) == 1
