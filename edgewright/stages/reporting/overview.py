"""Writes the page of all builds: build/report.html, one file that needs nothing besides.

python -m edgewright.stages.reporting.overview --library build/tools/charts.json --out build/report.html
    --options '{"builds":[{"report":"build/rpi/m/report.json","history":"build/rpi/m/history.json",...}]}'

Of each build the options have "page" as well, which is linked. A build that was made before and is damaged by now is
left out, and told of: the next build of it makes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.files import read_json, write_text
from edgewright.options.overview import BuildFiles, Options
from edgewright.packed import Packed
from edgewright.report import read_report
from edgewright.report.page import Entry, overview_of, render_html
from edgewright.report.search import read_front
from edgewright.stage_command import stage


def show(options: Options) -> None:
    """Write the page."""
    found = list(entries(options.builds, options.out.parent))
    write_text(
        options.out, render_html(overview_of(found, list(fronts(options.searches))), Packed.read(options.library))
    )


def entries(builds: Sequence[BuildFiles], folder: Path) -> Iterator[Entry]:
    """The builds with these files, as a page in `folder` links them."""
    for build in builds:
        try:
            yield _entry(build, folder)
        except UserError as error:
            print(f"left out of the page of all builds: {error}")


def fronts(files: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """What searches left in these files."""
    for file in files:
        try:
            yield read_front(Path(file))
        except UserError as error:
            print(f"left out of the page of all builds: {error}")


def _entry(build: BuildFiles, folder: Path) -> Entry:
    link = quote(Path(build.page).relative_to(folder).as_posix())
    known = read_json(Path(build.history), {"command": str, "lines": [{}]})
    return Entry(read_report(Path(build.report)), link, known["command"], known["lines"])


main = stage(Options, show)

if __name__ == "__main__":
    run(main)
