"""Search: which method suits a model and its targets, chosen by trials that are ordinary builds."""

from edgewright.search._advice import advice
from edgewright.search._advised import Advised
from edgewright.search._build import SconsBuilder
from edgewright.search._front import hypervolume
from edgewright.search._judge import Refused
from edgewright.search._plan import Overrides, Plan, planned
from edgewright.search._record import Found, Outcome, recalled
from edgewright.search._run import Builder, Progress, search
from edgewright.search._show import as_table, line
from edgewright.search._study import without_password

__all__ = [
    "Advised",
    "Builder",
    "Found",
    "Outcome",
    "Overrides",
    "Plan",
    "Progress",
    "Refused",
    "SconsBuilder",
    "advice",
    "as_table",
    "hypervolume",
    "line",
    "planned",
    "recalled",
    "search",
    "without_password",
]
