"""A checkpoint is of a training with the same options, files, code and libraries, or it is not used."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgewright.training import checkpoint


def test_the_key_names_all_that_a_training_depends_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1")
    keys = [checkpoint.key_of({"epochs": 1}, [data]), checkpoint.key_of({"epochs": 2}, [data])]
    data.write_text("2")
    keys.append(checkpoint.key_of({"epochs": 1}, [data]))
    monkeypatch.setattr(checkpoint, "version", lambda package: f"another {package}")
    keys.append(checkpoint.key_of({"epochs": 1}, [data]))
    assert len(set(keys)) == 4
