"""Downloads run in a process of their own, and say why they failed."""

from __future__ import annotations

import sys

import pytest

from edgewright.datasets import _download
from edgewright.errors import ToolError


def test_a_download_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ToolError, match=r"mnist\.npz: download failed: no reason given"):
        _download.fetch("mnist.npz")
