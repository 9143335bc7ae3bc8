"""The oracles, one of each for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from testbench.differential.oracle import Oracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    pytest.importorskip("tflite_micro", reason="the oracle tflite-micro is not there for this Python")
    with Oracle() as running:
        yield running


@pytest.fixture(scope="session")
def litert() -> Iterator[Oracle]:
    pytest.importorskip("ai_edge_litert", reason="the oracle ai-edge-litert is not there for this Python")
    with Oracle("LiteRT") as running:
        yield running
