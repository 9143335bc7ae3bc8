r"""Puts the figures of several models in one firmware beside those of each model alone.

python -m edgewright.stages.reporting.several --options '{"facts":{...},"reports":{"kws":"build/mcu/kws/report.json",
...},"firmware":"firmware.json","latencies":{"kws":"latency-kws.json",...}}' --out report.json --text together.txt
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.command_line import run
from edgewright.files import read_json, write_json, write_text
from edgewright.options.several import Options
from edgewright.report import read_report
from edgewright.report.together import build_together, headline, render_together
from edgewright.stage_command import stage


def write(options: Options) -> None:
    """Write the figures and their table."""
    facts = {**options.facts.model_dump(), "budget": options.facts.budget.model_dump(exclude_none=True)}
    reports = {name: read_report(Path(path)) for name, path in options.reports.items()}
    figures = build_together(facts, reports, read_json(Path(options.firmware)), _read(options.latencies))
    write_json(options.out, figures)
    write_text(options.text, render_together(figures))
    print(headline(figures))


def _read(paths: Mapping[str, str]) -> dict[str, Any]:
    return {name: read_json(Path(path)) for name, path in paths.items()}


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
