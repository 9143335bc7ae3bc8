from __future__ import annotations

import io
import re
from collections.abc import Sequence

import pytest

from edgewright import cli
from edgewright.command_line import INTERRUPTED, guarded
from edgewright.errors import BudgetError, DeviceError, ToolError, UserError
from edgewright.home import home
from edgewright.registry import commands

COMMANDS = (home() / "docs/commands.md").read_text()


def raising(error: BaseException) -> tuple[int, str]:
    def main(_: Sequence[str] | None) -> int:
        raise error

    err = io.StringIO()
    return guarded(main, [], err), err.getvalue()


@pytest.mark.parametrize(
    ("error", "code"), [(UserError("a.toml:1", "wrong"), 2), (BudgetError("too big"), 3), (DeviceError("silent"), 5)]
)
def test_errors_for_people_are_one_message(error: Exception, code: int) -> None:
    assert raising(error) == (code, f"error: {error}\n")


def test_a_bug_shows_its_traceback() -> None:
    code, printed = raising(KeyError("x"))
    assert code == 1
    assert "Traceback" in printed
    assert printed.endswith("error: this is a bug in Edgewright; please report it with the lines above\n")


def test_ctrl_c_is_no_error() -> None:
    assert raising(KeyboardInterrupt()) == (130, "")


def test_help_has_a_line_for_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    printed = capsys.readouterr().out
    assert {"advise", "compare", "doctor", "explain", "serve"} <= set(commands.names())
    assert all(f"  {name:<12}{commands.load(name).SUMMARY}" in printed for name in commands.names())


def test_a_misspelt_command_is_told_with_the_close_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["devises"]) == 2
    assert (
        "edgewright: no such command, got 'devises', allowed: adopt-trial, advise, boards, compare, completion, devices"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("name", commands.names())
def test_every_command_shows_its_words(name: str) -> None:
    module = commands.load(name)
    assert module.parser().prog == f"edgewright {name}"
    assert f"`edgewright {name}" in COMMANDS, "docs/commands.md has a line for it"


def test_the_page_of_commands_has_every_exit_code() -> None:
    codes = {error.exit_code for error in (UserError, BudgetError, ToolError, DeviceError)}
    rows = set(map(int, re.findall(r"^\| (\d+) \|", COMMANDS, re.MULTILINE)))
    assert rows == {0, 1, *codes, INTERRUPTED}
