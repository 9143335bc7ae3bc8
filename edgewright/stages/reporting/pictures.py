"""Draws the pictures of a build that other pages and documents may show: SVG files that need nothing besides.

python -m edgewright.stages.reporting.pictures --options '{"facts":{"command":"scons target=rpi","parts":{...}}}'
    --curves build/rpi/m/curves.svg --confusions build/rpi/m/confusions.svg

They are the charts of the page, on white.
"""

from __future__ import annotations

from edgewright.command_line import run
from edgewright.files import write_text
from edgewright.options.pictures import Options
from edgewright.report.page import pictures_of
from edgewright.stage_command import stage
from edgewright.stages.reporting._charts import vega
from edgewright.stages.reporting._facts import build_of


def draw(options: Options) -> None:
    """Write the pictures that are asked for."""
    specs = pictures_of(build_of(options.facts))
    for name, path in (("curves", options.curves), ("confusions", options.confusions)):
        if path:
            write_text(path, vega().vegalite_to_svg(specs[name], allowed_base_urls=[]))


main = stage(Options, draw)

if __name__ == "__main__":
    run(main)
