"""The page of all builds as the server shows it: made when it is asked for, with a place for the build that runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from edgewright.options.overview import BuildFiles
from edgewright.packed import Packed
from edgewright.pipeline import BUILD, Made
from edgewright.report.page import live_charts, overview_of, render_html
from edgewright.stages.reporting.charts import script
from edgewright.stages.reporting.overview import entries, fronts


def page_of_project(project: Path) -> str:
    """The page as text of HTML; UserError where the program that draws is not installed."""
    folders = sorted(path.parent.relative_to(project).as_posix() for path in (project / BUILD).glob("*/*/history.json"))
    found = [_files(project, Made.in_folder(folder)) for folder in folders]
    searches = sorted(map(str, (project / BUILD / "search").glob("*/front.json")))
    page = overview_of(list(entries(found, project)), list(fronts(searches)))
    return render_html(page, _library(), live_charts())


def _files(project: Path, made: Made) -> BuildFiles:
    return BuildFiles(**{name: str(project / getattr(made, name)) for name in BuildFiles.model_fields})


@cache
def _library() -> Packed:
    return Packed.of(script())
