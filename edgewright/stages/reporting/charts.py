"""Writes the program that draws the charts of pages: Vega-Lite, Vega and Vega-Embed as one script without imports.

python -m edgewright.stages.reporting.charts --out build/tools/charts.js

It comes with the package vl-convert-python, and is the same bytes for the same version of that.
"""

from __future__ import annotations

from edgewright.command_line import run
from edgewright.files import write_text
from edgewright.options.charts import Options
from edgewright.stage_command import stage
from edgewright.stages.reporting._charts import vega

_NAMES = "window.vegaEmbed = vegaEmbed;"


def write(options: Options) -> None:
    """Write the program."""
    write_text(options.out, script())


def script() -> str:
    """The program as text that ends no script element of HTML."""
    text: str = vega().javascript_bundle(_NAMES)
    return text.replace("</script", "<\\/script")


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
