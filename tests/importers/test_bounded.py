"""A child whose time and memory are bounded."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from edgewright.errors import ToolError
from edgewright.training.bounded import Bounds, bounded


def test_work_that_takes_too_long_or_too_much_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="its import took 0 s, allowed for a model of its size: 0 s and"):
        bounded(lambda: time.sleep(60), Bounds(0.2, 8 << 30), "net")
    with pytest.raises(ToolError, match="of memory"):
        bounded(lambda: time.sleep(60), Bounds(60.0, 1), "net")
    bounded((tmp_path / "made").touch, Bounds(60.0, 8 << 30), "net")
    assert (tmp_path / "made").exists()


def test_a_child_that_fails_takes_its_exit_code_along() -> None:
    with pytest.raises(SystemExit, match="7"):
        bounded(lambda: os._exit(7), Bounds(60.0, 8 << 30), "net")
