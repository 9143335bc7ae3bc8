"""Writes the page of one build: report.html, one file that needs nothing besides.

python -m edgewright.stages.reporting.page --options '{"facts":{"command":"scons target=rpi model=m","parts":{...}}}'
    --library build/tools/charts.json --out build/rpi/m/report.html

`parts` of the facts names the JSON files of the stages.
"""

from __future__ import annotations

from edgewright.command_line import run
from edgewright.files import write_text
from edgewright.options.page import Options
from edgewright.packed import Packed
from edgewright.report.page import page_of, render_html
from edgewright.stage_command import stage
from edgewright.stages.reporting._facts import build_of


def show(options: Options) -> None:
    """Write the page."""
    write_text(options.out, render_html(page_of(build_of(options.facts)), Packed.read(options.library)))


main = stage(Options, show)

if __name__ == "__main__":
    run(main)
