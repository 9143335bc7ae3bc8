"""Writes the page of one build: report.html, one file that needs nothing besides.

python -m edgewright.stages.reporting.page --options '{"command":"scons target=rpi model=m","parts":{...}}'
    --library build/tools/charts.js --out build/rpi/m/report.html

`parts` names the JSON files of the stages.
"""

from __future__ import annotations

from pathlib import Path

from edgewright.command_line import run
from edgewright.files import read_json, write_text
from edgewright.options.page import Options, StepFiles
from edgewright.report.page import Build, StepFacts, page_of, render_html
from edgewright.stage_command import stage


def show(options: Options) -> None:
    """Write the page."""
    write_text(options.out, render_html(page_of(_build(options)), options.library.read_text(encoding="utf-8")))


def _build(options: Options) -> Build:
    read = {name: read_json(Path(path)) for name, path in options.parts.items()}
    lines = read.pop("history")["lines"]
    steps = [_step(step) for step in options.steps]
    return Build(command=options.command, labels=options.labels, steps=steps, history=lines, **read)


def _step(step: StepFiles) -> StepFacts:
    return StepFacts(step.name, read_json(Path(step.stats)), read_json(Path(step.float_tflite)))


main = stage(Options, show)

if __name__ == "__main__":
    run(main)
