"""Writes the program that draws the charts of pages: Vega-Lite, Vega and Vega-Embed as one script, packed.

python -m edgewright.stages.reporting.charts --out build/tools/charts.json

It comes with the package vl-convert-python, and is the same bytes for the same version of that.
"""

from __future__ import annotations

from edgewright.command_line import run
from edgewright.options.charts import Options
from edgewright.packed import Packed
from edgewright.stage_command import stage
from edgewright.stages.reporting._charts import vega

_NAMES = "window.vegaEmbed = vegaEmbed;"


def write(options: Options) -> None:
    """Write the program."""
    Packed.of(script()).write(options.out)


def script() -> str:
    """The program as text."""
    return str(vega().javascript_bundle(_NAMES))


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
