"""What every transport owes its caller."""

from __future__ import annotations

from typing import Any

import pytest

from edgewright.devices import EMULATED, MEASURED, Options
from edgewright.registry import transports


@pytest.fixture(params=transports.names())
def transport(request: pytest.FixtureRequest) -> Any:
    return transports.load(request.param)


def test_it_says_whether_it_measures_or_emulates(transport: Any) -> None:
    assert transport.KIND in (EMULATED, MEASURED)


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
