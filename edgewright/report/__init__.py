"""The report of a build: one JSON document (schema 1, docs/report.md), its table for a terminal, and the budget.

`build_report` joins what the stages measured; it computes no figure of its own beyond differences and sums.
"""

from edgewright.report._compare import compare, render_comparison, render_page
from edgewright.report._read import read_report
from edgewright.report._table import render
from edgewright.report.budget import breaches, budget_rows
from edgewright.report.build import SCHEMA, Parts, build_report

__all__ = [
    "SCHEMA",
    "Parts",
    "breaches",
    "budget_rows",
    "build_report",
    "compare",
    "read_report",
    "render",
    "render_comparison",
    "render_page",
]
