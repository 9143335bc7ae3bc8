"""Search: which method suits a model and its targets, chosen by trials that are ordinary builds."""

from edgewright.search._build import SconsBuilder
from edgewright.search._front import hypervolume
from edgewright.search._judge import Refused
from edgewright.search._plan import Overrides, Plan, planned
from edgewright.search._record import Found, Outcome, recalled
from edgewright.search._run import Builder, Progress, search
from edgewright.search._show import as_table, line

__all__ = [
    "Builder",
    "Found",
    "Outcome",
    "Overrides",
    "Plan",
    "Progress",
    "Refused",
    "SconsBuilder",
    "as_table",
    "hypervolume",
    "line",
    "planned",
    "recalled",
    "search",
]
