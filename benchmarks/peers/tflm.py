"""TensorFlow Lite Micro with CMSIS-NN: its figures are kept, since its sources are in no package registry.

They are those of benchmarks/results/microcontrollers.json: of the whole file, the best of each over its build options.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgewright.files import read_json

TITLE = "TFLM with CMSIS-NN"


def rows(results: Path, target: str) -> list[dict[str, Any]]:
    """A row a network, in the form of this benchmark's."""
    kept = read_json(results / "microcontrollers.json")["rows"]
    return [
        {
            "network": row["network"],
            "peer": "tflm",
            "way": "best of each",
            "level": "",
            **{key: row["peer"][key] for key in ("instructions", "flash_bytes", "ram_bytes")},
            "differing": 0,
        }
        for row in kept
        if row["target"] == target and row["peer"]
    ]
