"""A search for a terminal: a line a trial, and the front as a table."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from textwrap import shorten

from edgewright.search._record import Found
from edgewright.search._run import Progress
from edgewright.text import counted, lines

_LONGEST = 160  # letters of a message
_SHOWN = 4  # points of the front in a line


def line(progress: Progress, found: Found) -> str:
    """What came of a trial, the front so far, and the time that is left."""
    head = f"trial {found.number} ({progress.new} of {progress.plan.search.trials})"
    if found.again is not None:
        return f"{head}: as trial {found.again}"
    told = ", ".join(found.figures) if found.figures else _WORDS.get(found.outcome, found.outcome)
    if 0 < len(found.holds_on) < len(found.targets):
        told = f"{told}, holds on {', '.join(found.holds_on)}"
    more = f" ({shorten(found.message, _LONGEST)})" if found.message else ""
    return f"{head}: {told}{more}; {found.words}\n  {_so_far(progress)}"


def _so_far(progress: Progress) -> str:
    fronts = [f"front: {_listed([_point(trial) for trial in progress.front])}" if progress.front else _NOTHING]
    for name, best in progress.fronts.items():
        fronts.append(f"on {name}: {_listed([str(trial.number) for trial in best]) or 'nothing'}")
    left = [f"about {_duration(progress.left_s)} left"] if progress.left_s else []
    return "; ".join([*fronts, *left])


_NOTHING = "nothing on the front yet"


def _point(trial: Found) -> str:
    return f"{trial.number} ({', '.join(trial.figures)})"


def _listed(points: Sequence[str]) -> str:
    more = f" and {len(points) - _SHOWN} more" if len(points) > _SHOWN else ""
    return f"{', '.join(points[:_SHOWN])}{more}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def as_table(progress: Progress) -> str:
    """The front with what each point is, what became of the other trials, and what cheap looks were worth."""
    return "\n".join([*_fronts(progress), *_others(progress), *_worth(progress), *_ended(progress)]) + "\n"


def _fronts(progress: Progress) -> Iterator[str]:
    """The common front, and where several targets are searched that of each."""
    plan = progress.plan
    titles = [each.title for each in plan.objectives]
    rows = [[str(trial.number), *trial.figures, trial.words] for trial in progress.front]
    every = " within the limits of all targets:" if plan.own else " of"
    of = f"{plan.model.name} on {', '.join(target.name for target in plan.targets)}"
    title = f"the front{every} {of}; {counted(progress.new, 'trial')}"
    yield from _table(title, [*titles, "what it is"], rows)
    for name, best in progress.fronts.items():
        titles = [each.title for each in plan.own[name]]
        rows = [
            [str(trial.number), *trial.targets[name].figures, ", ".join(trial.holds_on), trial.words] for trial in best
        ]
        yield ""
        yield from _table(f"the front of {plan.model.name} on {name}", [*titles, "holds on", "what it is"], rows)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    if not rows:
        yield f"{title}: no trial was built that is within all limits"
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("trial", *columns):
        table.add_column(name, justify="left" if name in ("holds on", "what it is") else "right")
    for row in rows:
        table.add_row(*row)
    file = io.StringIO()
    width = max(100, 40 + max(len(row[-1]) for row in rows) + 24 * len(columns))
    console = Console(file=file, width=width, color_system=None, force_terminal=False, markup=False, emoji=False)
    console.print(title, highlight=False)
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


def _ended(progress: Progress) -> Iterator[str]:
    if progress.ended:
        yield f"ended after {progress.new} of {counted(progress.plan.search.trials, 'trial')}: {progress.ended}"


_WORDS = {
    "full": "within all limits",
    "some": "within the limits of some targets",
    "infeasible": "over a limit",
    "dropped": "dropped after a cheap look",
}


def _worth(progress: Progress) -> Iterator[str]:
    for title, rho, count in progress.worth():
        shown = "not known" if rho is None else f"{rho:.2f}"
        of = f"{title}: {shown} ({counted(count, 'trial')})"
        yield f"rank correlation of the cheap look with the whole training, {of}"
