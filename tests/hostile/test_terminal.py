"""What a stage prints, an error says or a library leaves in its log reaches the terminal as text that shows itself."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from edgewright.command_line import guarded
from edgewright.errors import DeviceError, UserError, UserErrors
from edgewright.text import is_line, lines, plain
from edgewright.training import quiet

CLEAR = "\x1b[2J"


def _printing(_argv: Sequence[str] | None) -> int:
    print(f"model {CLEAR}")
    print(f"warning {CLEAR}", file=sys.stderr)
    return 0


def test_what_a_stage_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(_printing, None, sys.stderr) == 0
    assert capsys.readouterr() == ("model \\x1b[2J\n", "warning \\x1b[2J\n")


@pytest.mark.parametrize(
    "error",
    [UserError(CLEAR, CLEAR, hint=CLEAR), UserErrors([UserError(CLEAR, CLEAR)]), DeviceError(CLEAR), KeyError(CLEAR)],
)
def test_errors(error: Exception) -> None:
    def failing(_argv: Sequence[str] | None) -> int:
        raise error

    err = io.StringIO()
    assert guarded(failing, None, err) != 0
    assert CLEAR not in err.getvalue()
    assert "\\x1b[2J" in err.getvalue()


def test_a_log_of_libraries(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"a\nb{CLEAR}")
    file = os.open(tmp_path / "log", os.O_RDONLY)
    try:
        assert quiet.tail(file) == "a\nb\\x1b[2J"
    finally:
        os.close(file)


@pytest.mark.parametrize(
    "text", ["", "a", "é日本", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "a  b", "tab\\t", "\xa0"]
)
def test_what_shows_itself_stays(text: str) -> None:
    assert is_line(text)
    assert plain(text) == text


def test_lines_and_columns_stay() -> None:
    assert lines("a\tb\nc\r\x07") == "a\tb\nc\\r\\x07"
    assert plain("a\nb\u202ec\u2028") == "a\\nb\\u202ec\\u2028"
