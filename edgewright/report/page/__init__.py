"""Pages of HTML, one file each, which need nothing besides: of one build, and of all builds beside each other."""

from edgewright.report.page._build import Build, StepFacts
from edgewright.report.page._html import LIMIT_BYTES, render_html
from edgewright.report.page._one import page_of
from edgewright.report.page._parts import Page
from edgewright.report.page._pictures import pictures_of
from edgewright.report.page._several import Entry, overview_of
from edgewright.report.page._training import live_charts

__all__ = [
    "LIMIT_BYTES",
    "Build",
    "Entry",
    "Page",
    "StepFacts",
    "live_charts",
    "overview_of",
    "page_of",
    "pictures_of",
    "render_html",
]
