"""What is known of the files: benchmarks/results/converters.json.

`host` has an outcome (oracle, result, reason) by file; `boards` and `packages` the same by board and by package.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.files import read_json, write_json
from testbench.zoo.check import Outcome

RESULTS = Path(__file__).with_name("converters.json")

Outcomes = Mapping[str, Outcome]


def load() -> dict[str, Any]:
    """The whole file, with Outcome in place of lists."""
    known: dict[str, Any] = read_json(RESULTS) if RESULTS.is_file() else {}
    return {
        "host": _outcomes(known.get("host", {})),
        "boards": {board: _outcomes(found) for board, found in known.get("boards", {}).items()},
        "packages": {package: _outcomes(found) for package, found in known.get("packages", {}).items()},
    }


def _outcomes(found: Mapping[str, list[str]]) -> dict[str, Outcome]:
    return {name: Outcome(*values) for name, values in found.items()}


def save(known: Mapping[str, Any]) -> None:
    """Write it."""
    packages = {package: _plain(found) for package, found in known["packages"].items()}
    boards = {board: _plain(found) for board, found in known["boards"].items()}
    write_json(RESULTS, {"host": _plain(known["host"]), "boards": boards, "packages": packages})


def _plain(found: Outcomes) -> dict[str, list[str]]:
    return {name: list(dataclasses.astuple(outcome)) for name, outcome in found.items()}
