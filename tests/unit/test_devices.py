"""What every transport owes its caller."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from edgewright.devices import EMULATED, MEASURED, Options
from edgewright.home import home
from edgewright.registry import programmers, transports

ROOT = home()


@pytest.fixture(params=transports.names())
def transport(request: pytest.FixtureRequest) -> Any:
    return transports.load(request.param)


def test_it_says_whether_it_measures_or_emulates(transport: Any) -> None:
    assert transport.ABILITIES.kind in (EMULATED, MEASURED)
    assert set(transport.ABILITIES.reaches) <= {"microcontroller", "android", "linux"}


def test_its_options_survive_json(transport: Any) -> None:
    assert issubclass(transport.OPTIONS, Options)
    fields = transport.OPTIONS.model_fields.items()
    options = transport.OPTIONS(**{name: "pi@kitchen" for name, field in fields if field.is_required()})
    assert transport.OPTIONS.model_validate(options.model_dump(mode="json")) == options


def test_each_option_is_described(transport: Any) -> None:
    assert [name for name, field in transport.OPTIONS.model_fields.items() if not field.description] == []


def test_it_measures(transport: Any) -> None:
    assert callable(transport.measure)
    assert transport.__doc__


def test_nobody_knows_transports_and_flash_tools_by_name() -> None:
    """What they can, they state; the one word for a board's emulator is no transport's name."""
    names = {*transports.names(), *programmers.names()}
    folders = ("spec", "pipeline", "report", "sections", "options", "reference", "scons")
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for folder in folders
        for path in (ROOT / "edgewright" / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert [row for row in found if "report/_table.py" not in row or not row.endswith(": host")] == []
