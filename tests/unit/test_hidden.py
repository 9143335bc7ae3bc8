"""Packages that are hidden while others are imported."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from edgewright.hidden import hidden


def test_what_is_hidden_is_absent_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "edgewright_seen.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with hidden("edgewright_seen"), pytest.raises(ImportError):
        importlib.import_module("edgewright_seen")
    assert importlib.import_module("edgewright_seen").__file__
    with hidden("edgewright_seen"):  # imported before, so that it stays
        assert importlib.import_module("edgewright_seen") is sys.modules["edgewright_seen"]
    monkeypatch.delitem(sys.modules, "edgewright_seen")
