from __future__ import annotations

import io
from collections.abc import Sequence

import pytest

from edgewright import cli
from edgewright.command_line import guarded
from edgewright.errors import BudgetError, DeviceError, UserError
from edgewright.registry import commands


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
    assert commands.names() == ["advise", "boards", "compare", "devices", "diff", "history", "infer", "new", "serve"]
    assert all(f"  {name:<12}{commands.load(name).SUMMARY}" in printed for name in commands.names())


def test_a_misspelt_command_is_told_with_the_close_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["devises"]) == 2
    assert (
        "edgewright: no such command, got 'devises', allowed: advise, boards, compare, devices, diff, history, infer"
        in capsys.readouterr().err
    )
