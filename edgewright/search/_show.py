"""A search for a terminal: a line a trial, and the front as a table."""

from __future__ import annotations

import io
from collections.abc import Iterator
from textwrap import shorten

from edgewright.search._record import Found
from edgewright.search._run import Progress
from edgewright.text import lines

_LONGEST = 160  # letters of a message
_SHOWN = 4  # points of the front in a line


def line(progress: Progress, found: Found) -> str:
    """What came of a trial, the front so far, and the time that is left."""
    head = f"trial {found.number} ({progress.new} of {progress.plan.search.trials})"
    if found.again is not None:
        return f"{head}: as trial {found.again}"
    told = ", ".join(found.figures) if found.figures else found.outcome
    more = f" ({shorten(found.message, _LONGEST)})" if found.message else ""
    return f"{head}: {told}{more}; {found.words}\n  {_so_far(progress)}"


def _so_far(progress: Progress) -> str:
    front = progress.front
    left = f"; about {_duration(progress.left_s)} left" if progress.left_s is not None else ""
    if not front:
        return f"nothing on the front yet{left}"
    shown = [f"{trial.number} ({', '.join(trial.figures)})" for trial in front[:_SHOWN]]
    more = f" and {len(front) - _SHOWN} more" if len(front) > _SHOWN else ""
    return f"front: {', '.join(shown)}{more}{left}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def as_table(progress: Progress) -> str:
    """The front with what each point is, what became of the other trials, and what cheap looks were worth."""
    return "\n".join([*_table(progress), *_others(progress), *_worth(progress)]) + "\n"


def _table(progress: Progress) -> Iterator[str]:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    front = progress.front
    if not front:
        yield "no trial was built that is within all limits"
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("trial", *(each.title for each in progress.plan.objectives)):
        table.add_column(name, justify="right")
    table.add_column("what it is")
    for trial in front:
        table.add_row(str(trial.number), *trial.figures, trial.words)
    file = io.StringIO()
    width = max(100, 40 + max(len(trial.words) for trial in front) + 24 * len(progress.plan.objectives))
    console = Console(file=file, width=width, color_system=None, force_terminal=False, markup=False, emoji=False)
    console.print(f"the front of {progress.plan.name}, {progress.new} trials", highlight=False)
    console.print(table)
    yield "\n".join(text.rstrip() for text in lines(file.getvalue()).split("\n")).rstrip("\n")


def _others(progress: Progress) -> Iterator[str]:
    counts: dict[str, int] = {}
    for trial in progress.trials:
        if trial.again is None:
            counts[trial.outcome] = counts.get(trial.outcome, 0) + 1
    yield ""
    yield ", ".join(f"{count} {_WORDS.get(outcome, outcome)}" for outcome, count in counts.items())
    told = {
        trial.message: trial.number for trial in reversed(progress.trials) if trial.outcome in ("refused", "failed")
    }
    yield from (f"  trial {number}: {shorten(message, _LONGEST)}" for message, number in sorted(told.items())[:3])


_WORDS = {"full": "within all limits", "infeasible": "over a limit", "dropped": "dropped after a cheap look"}


def _worth(progress: Progress) -> Iterator[str]:
    for title, rho, count in progress.worth():
        shown = "not known" if rho is None else f"{rho:.2f}"
        yield f"rank correlation of the cheap look with the whole training, {title}: {shown} ({count} trials)"
