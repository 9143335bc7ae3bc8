r"""Joins what the other stages wrote to report.json and the table for a terminal.

    python -m edgewright.stages.reporting.report --options '{"facts":{...},"parts":{...}}' \
        --out report.json --text report.txt

`parts` names the JSON files of the stages; `artifacts` the files whose hashes the report carries.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from edgewright import __version__
from edgewright.command_line import run
from edgewright.files import read_json, sha256_file, write_json, write_text
from edgewright.options.report import Options, StepFiles
from edgewright.report import Parts, build_report, render
from edgewright.report.build import StepParts
from edgewright.stage_command import stage

PACKAGES = ("scons", "jinja2", "numpy", "tensorflow", "tf-keras", "tensorflow-model-optimization")


def write(options: Options) -> None:
    """Write the report and its table."""
    report = build_report(_facts(options), _read(options))
    write_json(options.out, report)
    write_text(options.text, render(report))


def _facts(options: Options) -> dict[str, Any]:
    facts = options.facts.model_dump()
    return {**facts, "budget": options.facts.budget.model_dump(exclude_none=True)}


def _read(options: Options) -> Parts:
    folder = options.out.parent
    read = {name: read_json(Path(path)) for name, path in options.parts.items()}
    artifacts = {str(Path(path).relative_to(folder)): sha256_file(Path(path)) for path in options.artifacts}
    return Parts(**read, steps=[*map(_step, options.steps)], artifacts=artifacts, tools=_tools(read))


def _step(step: StepFiles) -> StepParts:
    files = step.model_dump(exclude={"name"}, exclude_none=True)
    return StepParts(step.name, **{key: read_json(Path(path)) for key, path in files.items()})


def _tools(parts: Mapping[str, Any]) -> dict[str, str]:
    tools = {"edgewright": __version__, "python": sys.version.split()[0]}
    for name in PACKAGES:
        try:
            tools[name] = version(name)
        except PackageNotFoundError:
            continue  # a build that trains nothing can do without TensorFlow
    latency = parts.get("latency") or {}
    if "runtime_version" in latency:
        tools[latency["runtime"]] = latency["runtime_version"]
    return {**tools, **latency.get("tools", {}), **(parts.get("firmware") or {}).get("tools", {})}


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
