"""A metadata entry of any length leaves a file that LiteRT takes: it verifies how each table is aligned."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgewright.tflite import anomaly
from edgewright.tflite.anomaly import NAME, with_threshold

MODEL = Path(__file__).parents[2] / "testbench/zoo/files/tf-int8/separable.tflite"


@pytest.mark.parametrize("name", [NAME, "a", "ab", "abc", "abcd"])
def test_litert_takes_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    litert = pytest.importorskip("ai_edge_litert.interpreter", reason="ai-edge-litert is not there for this Python")
    monkeypatch.setattr(anomaly, "NAME", name)
    litert.Interpreter(model_content=with_threshold(MODEL.read_bytes(), 0.25)).allocate_tensors()
