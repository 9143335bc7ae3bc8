"""Shells are handed scripts that complete commands, options, targets and models."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from edgewright.commands import completion


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("targets/shelf.toml", "targets/sheep.toml", "models/kws/model.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    (folder / "completion").write_text(completion.script("bash"))
    return folder


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["exp"], {"explain"}),
        (["explain", "sh"], {"shelf", "sheep"}),
        (["explain", "shelf", "k"], {"kws"}),
        (["explain", "shelf", "kws", "--fo"], {"--format"}),
        (["explain", "shelf", "kws", "--format", "m"], {"mermaid"}),
        (["new", "bo"], {"board"}),
    ],
)
def test_bash(project: Path, words: list[str], found: set[str]) -> None:
    line = " ".join(["edgewright", *words])
    script = (
        f"source ./completion; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _shtab_edgewright; echo ${{COMPREPLY[@]}}"
    )
    done = subprocess.run(["bash", "-c", script], cwd=project, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == found, done.stderr


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_others_have_every_command(shell: str) -> None:
    script = completion.script(shell)
    assert all(name in script for name in ("doctor", "explain", "history"))
