"""docs/tutorial.md: its files are made and its commands run, in their order."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edgewright.home import home
from edgewright.registry import commands as registered

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE = home() / "docs/tutorial.md"


@dataclass(frozen=True)
class Block:
    """Commands for the shell, or the text of the file `path`."""

    language: str
    path: str
    text: str


def blocks() -> Iterator[Block]:
    """Those of the page, in their order."""
    for language, path, text in re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE):
        yield Block(language, path, text)


def commands() -> list[list[str]]:
    """The words of each command."""
    return [line.split() for block in blocks() if block.language == "sh" for line in block.text.splitlines()]


def test_files_are_files_and_commands_are_there() -> None:
    parsers = {"python": ast.parse, "toml": tomllib.loads}
    files = [block for block in blocks() if block.language != "sh"]
    for block in files:
        parsers[block.language](block.text)
    assert len(files) >= 4
    assert all(block.path for block in files)
    assert {words[0] for words in commands()} == {"edgewright", "cd", "scons", "python", "make", "mkdir"}
    assert {words[1] for words in commands() if words[0] == "edgewright"} <= set(registered.names())


@pytest.mark.slow
def test_every_command_of_the_tutorial_works(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    folder = tmp_path
    for block in blocks():
        if block.language != "sh":
            (folder / block.path).write_text(block.text)
            continue
        script = f"{block.text}\npwd > {tmp_path}/where\n"
        done = subprocess.run(
            ["bash", "-e", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
        folder = Path((tmp_path / "where").read_text().strip())
    assert "budget" in (folder / "build/product/pump/report.json").read_text()
