"""What is known of a build, out of the files of its stages."""

from __future__ import annotations

from pathlib import Path

from edgewright.files import read_json
from edgewright.options.page import BuildFacts, StepFiles
from edgewright.report.page import Build, StepFacts


def build_of(facts: BuildFacts) -> Build:
    """The files read."""
    read = {name: read_json(Path(path)) for name, path in facts.parts.items()}
    lines = read.pop("history")["lines"] if "history" in read else []
    return Build(
        command=facts.command, labels=facts.labels, steps=[_step(step) for step in facts.steps], history=lines, **read
    )


def _step(step: StepFiles) -> StepFacts:
    return StepFacts(step.name, read_json(Path(step.stats)), read_json(Path(step.float_tflite)))
