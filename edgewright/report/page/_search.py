"""The fronts of searches: what each trial costs and is worth, and which trials no other beats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edgewright.report.page._chart import Rows, Spec, axis, chart, series, tip
from edgewright.report.page._parts import Cell, Chart, Part, Remarks, Section, Table

Json = Mapping[str, Any]

_FRONT, _BEATEN, _OVER = "on the front", "beaten", "over a limit"
_SHOWN = 400  # trials of a chart: the page stays light


def section(searches: Sequence[Json]) -> Section | None:
    """Of some searches; None where there are none with a trial that was built."""
    parts = [part for found in searches for part in _parts(found)]
    return Section("search", "Search", parts) if parts else None


def _parts(found: Json) -> Iterator[Part]:
    new = [trial for trial in found["trials"] if trial.get("again") is None]
    built = [trial for trial in new if trial["figures"]]
    if not built and not any(_holds_on(trial) for trial in new):
        return
    yield from _front(found, _name(found), built)
    for each in found.get("fronts", ()):
        on = [_on(each["target"], trial) for trial in found["trials"] if trial.get("again") is None]
        yield from _front(each, f"{_name(found)} on {each['target']}", [trial for trial in on if trial["figures"]])
    yield Remarks(f"The search of {_name(found)}", list(_remarks(found)))


def _front(of: Json, name: str, built: Sequence[Json]) -> Iterator[Part]:
    """A chart where two figures can be set against each other, and the front as a table."""
    if len(of["objectives"]) > 1 and built:
        yield _chart(of, name, built[-_SHOWN:])
    yield _table(of, name, [trial for trial in built if trial["on_front"]])


def _on(target: str, trial: Json) -> Json:
    """A trial as what it is on one of several targets."""
    on = trial["targets"].get(target, {"figures": [], "costs": [], "holds": False, "on_front": False})
    return {**trial, **on, "outcome": trial["outcome"] if on["holds"] else "infeasible"}


def _holds_on(trial: Json) -> str:
    return ", ".join(name for name, each in trial.get("targets", {}).items() if each["holds"])


def _name(found: Json) -> str:
    """Its folder's: no two searches share it."""
    return str(found["folder"]).rpartition("/")[2]


def _chart(of: Json, name: str, built: Sequence[Json]) -> Chart:
    """The first two objectives against each other."""
    worth, cost = of["objectives"][:2]
    rows = [_row(of, trial) for trial in built]
    note = f"{_better(worth)}, {_better(cost, 'left', 'right')}. Trials of all kinds are in build/search/."
    return Chart(f"{worth['title']} against {cost['title']}, {name}", note, _scatter(rows, worth, cost))


def _better(objective: Json, less: str = "down", more: str = "up") -> str:
    way = more if objective["more"] else less
    return f"{way.capitalize() if way in ('up', 'down') else way} is the better {objective['title']}"


def _row(of: Json, trial: Json) -> dict[str, Any]:
    values = [-cost if each["more"] else cost for each, cost in zip(of["objectives"], trial["costs"], strict=True)]
    kind = _FRONT if trial["on_front"] else _OVER if trial["outcome"] == "infeasible" else _BEATEN
    shown = ", ".join(trial["figures"])
    return {
        "worth": values[0],
        "cost": values[1],
        "kind": kind,
        "trial": str(trial["number"]),
        "figures": shown,
        "what": trial["words"],
    }


def _scatter(rows: Rows, worth: Json, cost: Json) -> Spec:
    kinds = [_FRONT, _BEATEN, _OVER]
    look = {"field": "kind", "type": "nominal", "title": None}
    mark = {"type": "point", "filled": True, "size": 90}
    names = {
        "transform": [{"filter": {"field": "kind", "equal": _FRONT}}],
        "mark": {"type": "text", "dy": -12, "fontSize": 11},
        "encoding": {"text": {"field": "trial"}},
    }
    shape = {
        "color": {**look, "scale": series(kinds)},
        "shape": {**look, "scale": {"domain": kinds}},
        "tooltip": tip(("trial", "trial"), ("figures", "figures"), ("what", "what it is")),
    }
    place = {"x": _axis("cost", cost), "y": _axis("worth", worth)}
    return chart(rows, 300, encoding=place, layer=[{"mark": mark, "encoding": shape}, names])


def _axis(field: str, objective: Json) -> Spec:
    unit = f" ({objective['unit']})" if objective["unit"] else ""
    form = ".1%" if objective["share"] else "~s"
    marks = {"format": form, "tickCount": 5}
    return axis(field, f"{objective['title']}{unit}", axis=marks, scale={"zero": False, "padding": 20})


def _table(of: Json, name: str, front: Sequence[Json]) -> Table:
    titles = [str(each["title"]) for each in of["objectives"]]
    several = any(trial.get("targets") for trial in front)
    rows = [
        [
            Cell(str(trial["number"]), float(trial["number"])),
            *(Cell(text, cost) for text, cost in zip(trial["figures"], trial["costs"], strict=True)),
            *([Cell(_holds_on(trial))] if several else []),
            Cell(trial["words"]),
        ]
        for trial in sorted(front, key=lambda each: list(each["costs"]))
    ]
    columns = ("trial", *titles, *(("holds on",) if several else ()), "what it is")
    note = "A trial becomes a target of the project by: edgewright adopt-trial N"
    numbers = frozenset(range(len(titles) + 1))
    return Table(f"The front of {name}", columns, rows, numbers, notes=(note,), cards=True)


def _remarks(found: Json) -> Iterator[str]:
    new = [trial for trial in found["trials"] if trial.get("again") is None]
    counts = {name: sum(trial["outcome"] == name for trial in new) for name in dict.fromkeys(t["outcome"] for t in new)}
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    yield f"{len(new)} trials: {told}. The command that goes on: `{found['command']}`"
    for each in found["quick_worth"]:
        rho = each.get("spearman")
        shown = "not known yet" if rho is None else f"{rho:.2f}"
        of = f"{each['title']}: {shown} ({each['trials']} trials)"
        yield f"Rank correlation of the cheap look with the whole training, {of}"
