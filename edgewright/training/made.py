"""What quantization makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Made:
    """A .tflite, and what quantize.json says of its making."""

    tflite: bytes
    facts: dict[str, Any] = field(default_factory=dict)
