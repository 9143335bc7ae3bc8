"""Names that the benchmarks are given."""

from __future__ import annotations

import importlib
from typing import Any

import pytest


def module(name: str) -> Any:
    """A module of the benchmarks, which tests take as programs: by its name."""
    return importlib.import_module(f"benchmarks.{name}")


def test_names_with_commas_between() -> None:
    assert module("lists").listed(["m0", "m3", "m4"])("m4, m0") == ["m4", "m0"]


@pytest.mark.parametrize(
    ("program", "option", "told"),
    [
        ("kernels", "--cores", "no 'm5'; allowed: m0, "),
        ("microcontrollers", "--targets", "no 'm5'; allowed: mcu-m0, "),
        ("microcontrollers", "--networks", "no 'm5'; allowed: kws, "),
        ("by_rows", "--targets", "no 'm5'; allowed: mcu-m0, "),
        ("peers.__main__", "--peers", "no 'm5'; allowed: edgewright, "),
        ("peers.cycles", "--networks", "no 'm5'; allowed: "),
    ],
)
def test_a_name_that_is_none(capsys: pytest.CaptureFixture[str], program: str, option: str, told: str) -> None:
    with pytest.raises(SystemExit) as ended:
        module(program).main([option, "m5"])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
