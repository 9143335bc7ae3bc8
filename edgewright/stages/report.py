"""Joins what the other stages wrote to report.json and the table for a terminal.

    python -m edgewright.stages.report --options '{"facts":{...},"parts":{...}}' --out report.json --text report.txt

`parts` names the JSON files of the stages; `artifacts` the files whose hashes the report carries.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from edgewright import __version__
from edgewright.files import read_json, sha256_file, write_json, write_text
from edgewright.report import Parts, build_report, render
from edgewright.report._build import StepParts
from edgewright.stages._cli import run

PACKAGES = ("scons", "jinja2", "numpy", "tensorflow", "tf-keras", "tensorflow-model-optimization")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.report", description=__doc__)
    parser.add_argument("--options", required=True, type=json.loads)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--text", required=True, type=Path)
    arguments = parser.parse_args(argv)
    report = build_report(arguments.options["facts"], _read(arguments.options, arguments.out.parent))
    write_json(arguments.out, report)
    write_text(arguments.text, render(report))
    return 0


def _read(options: Mapping[str, Any], folder: Path) -> Parts:
    paths = dict(options["parts"])
    steps = [_step(step) for step in paths.pop("steps", [])]
    read = {name: read_json(Path(path)) for name, path in paths.items() if path}
    artifacts = {str(Path(path).relative_to(folder)): sha256_file(Path(path)) for path in options["artifacts"]}
    return Parts(**read, steps=steps, artifacts=artifacts, tools=_tools(read))


def _step(step: Mapping[str, Any]) -> StepParts:
    read = {key: read_json(Path(path)) for key, path in step.items() if key != "name" and path}
    return StepParts(step["name"], **read)


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


if __name__ == "__main__":
    run(main)
