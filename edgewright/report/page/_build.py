"""What is known of one build, as its page reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class StepFacts:
    """What the stages of one compression step wrote."""

    name: str
    stats: Json
    float_tflite: Json | None = None


@dataclass(frozen=True)
class Build:
    """What the stages of one target and one model wrote; None where a stage does not apply.

    Attributes:
        report: report.json.
        command: what builds it again, without a goal: "scons target=rpi model=m".
        labels: names of the classes; empty where nobody gave them.
        train, float_tflite, quantize, answers, plan, compile: the files of these stages.
        steps: the compression.
        history: lines of the project's history, of this target and model, the oldest first.
    """

    report: Json
    command: str
    labels: Sequence[str] = ()
    train: Json | None = None
    float_tflite: Json | None = None
    quantize: Json | None = None
    answers: Json | None = None
    plan: Json | None = None
    compile: Json | None = None
    steps: Sequence[StepFacts] = ()
    history: Sequence[Json] = field(default_factory=tuple)

    def label(self, number: int) -> str:
        """Name of a class."""
        return self.labels[number] if number < len(self.labels) else f"class {number}"
