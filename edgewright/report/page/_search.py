"""The fronts of searches: what each trial costs and is worth, and which trials no other beats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edgewright.report.page._chart import COLOURS, Rows, Spec, axis, chart, tip
from edgewright.report.page._parts import Cell, Chart, Part, Remarks, Section, Table, plain
from edgewright.text import counted

Json = Mapping[str, Any]

_FRONT, _BEATEN, _OVER = "on the front", "beaten", "over a limit"
_KINDS: Spec = {"domain": [_FRONT, _BEATEN, _OVER], "range": [COLOURS[0], "var(--soft)", COLOURS[1]]}
_SHOWN = 400  # trials of a chart: the page stays light
_ENDED = {
    "full": "within all limits",
    "some": "within the limits of some targets",
    "infeasible": "over a limit",
    "dropped": "given up after a cheap look",
}
"""Of outcomes that do not tell by themselves."""


def section(searches: Sequence[Json]) -> Section | None:
    """Of some searches; None where there are none with a trial that was built."""
    parts = [part for found in searches for part in _parts(found, is_alone=len(searches) == 1)]
    return Section("search", "Search", parts) if parts else None


def _parts(found: Json, *, is_alone: bool) -> Iterator[Part]:
    new = [trial for trial in found["trials"] if trial.get("again") is None]
    built = [trial for trial in new if trial["figures"]]
    if not built and not any(_holds_on(trial) for trial in new):
        return
    folder = str(found["folder"])
    which = "" if is_alone else f" ({folder.rpartition('/')[2]})"  # no two searches share a folder
    adopt = "edgewright adopt-trial N" + ("" if is_alone else f" --search {folder}")
    name = f"{found['model']} on {', '.join(found['targets'])}{which}"
    yield Remarks(f"The search of {name}", list(_remarks(found, new)))
    fronts = found.get("fronts", ())
    if not fronts:
        yield from _charts(found, name, built)
        yield _table(found, f"The front of {name}", built, adopt)
        return
    yield _table(found, f"The front within the limits of all targets: {name}", built, adopt)
    for each in fronts:
        name = f"{found['model']} on {each['target']}{which}"
        on = [trial for trial in (_on(each["target"], trial) for trial in new) if trial["figures"]]
        yield from _charts(each, name, on)
        yield _table(each, f"The front of {name}", on, f"{adopt} --target {each['target']}")


def _charts(of: Json, name: str, built: Sequence[Json]) -> Iterator[Part]:
    """The first objective against each of the others, where there are any."""
    for place in range(1, len(of["objectives"])):
        if built:
            yield _chart(of, name, built[-_SHOWN:], place)


def _on(target: str, trial: Json) -> Json:
    """A trial as what it is on one of several targets."""
    on = trial["targets"].get(target, {"figures": [], "costs": [], "holds": False, "on_front": False})
    return {**trial, **on, "outcome": trial["outcome"] if on["holds"] else "infeasible"}


def _holds_on(trial: Json) -> str:
    return ", ".join(name for name, each in trial.get("targets", {}).items() if each["holds"])


def _chart(of: Json, name: str, built: Sequence[Json], place: int) -> Chart:
    """The first objective against another one."""
    worth, cost = of["objectives"][0], of["objectives"][place]
    rows = [_row(of, trial, place) for trial in built]
    note = f"Better is {'up' if worth['more'] else 'down'} and to the {'right' if cost['more'] else 'left'}."
    is_of_several = len(of["objectives"]) > 2
    if is_of_several:
        note += " What is on the front and looks beaten here is better in another figure."
    title = f"{worth['title']} against {cost['title']}: {name}"
    return Chart(title, note, _scatter(rows, worth, cost), half=is_of_several)


def _row(of: Json, trial: Json, place: int) -> dict[str, Any]:
    kind = _FRONT if trial["on_front"] else _OVER if trial["outcome"] == "infeasible" else _BEATEN
    shown = ", ".join(trial["figures"])
    return {
        "worth": _drawn(of["objectives"][0], trial["costs"][0]),
        "cost": _drawn(of["objectives"][place], trial["costs"][place]),
        "kind": kind,
        "trial": str(trial["number"]),
        "figures": shown,
        "what": trial["words"],
    }


def _drawn(objective: Json, cost: float) -> float:
    """The figure in the unit of its axis; tables have sizes in KiB, too."""
    value = -cost if objective["more"] else cost
    return value / 1024 if _is_size(objective) else value


def _is_size(objective: Json) -> bool:
    return bool(objective["unit"] == "bytes")


def _scatter(rows: Rows, worth: Json, cost: Json) -> Spec:
    look = {"field": "kind", "type": "nominal", "title": None}
    mark = {"type": "point", "filled": True, "size": 90}
    names = {
        "transform": [{"filter": {"field": "kind", "equal": _FRONT}}],
        "mark": {"type": "text", "dy": -12, "fontSize": 11},
        "encoding": {"text": {"field": "trial"}},
    }
    shape = {
        "color": {**look, "scale": _KINDS},
        "shape": {**look, "scale": {"domain": _KINDS["domain"]}},
        "tooltip": tip(("trial", "trial"), ("figures", "figures"), ("what", "what it is")),
    }
    place = {"x": _axis("cost", cost), "y": _axis("worth", worth)}
    return chart(rows, 300, encoding=place, layer=[{"mark": mark, "encoding": shape}, names])


def _axis(field: str, objective: Json) -> Spec:
    unit = "KiB" if _is_size(objective) else objective["unit"]
    form = ".1%" if objective["share"] else ",~r" if _is_size(objective) else "~s"
    marks = {"format": form, "tickCount": 5}
    title = f"{objective['title']} ({unit})" if unit else objective["title"]
    return axis(field, title, axis=marks, scale={"zero": False, "padding": 20})


def _table(of: Json, title: str, built: Sequence[Json], adopt: str) -> Table:
    """The trials that no other beats; `adopt`: what makes a target of one."""
    front = sorted((trial for trial in built if trial["on_front"]), key=lambda each: list(each["costs"]))
    titles = [str(each["title"]) for each in of["objectives"]]
    several = any(trial.get("targets") for trial in front)
    rows = [
        [
            Cell(str(trial["number"]), float(trial["number"])),
            *(Cell(text, cost) for text, cost in zip(trial["figures"], trial["costs"], strict=True)),
            *([Cell(_holds_on(trial))] if several else []),
            Cell(trial["words"]),
        ]
        for trial in front
    ]
    columns = ("trial", *titles, *(("holds on",) if several else ()), "what it is")
    note = f"Trial N becomes a target of the project: {adopt}" if front else "No trial is within the limits yet."
    return Table(title, columns, rows, frozenset(range(len(titles) + 1)), notes=(note,), cards=True)


def _remarks(found: Json, new: Sequence[Json]) -> Iterator[str]:
    counts = Counter(_ENDED.get(trial["outcome"], trial["outcome"]) for trial in new)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    asked = found.get("asked", 0)
    yield f"{f'{len(new):,} of {asked:,} trials' if len(new) < asked else counted(len(new), 'trial')}: {told}."
    yield f"More of them, by the same command with more trials or time: `{plain(found['command'])}`"
    yield f"All trials, with the log of each build: `{plain(found['folder'])}`"
    for each in found["quick_worth"]:
        rho = each.get("spearman")
        shown = "not known yet" if rho is None else f"{rho:.2f}"
        of = f"{each['title']}: {shown} ({counted(each['trials'], 'trial')})"
        yield f"Rank correlation of the cheap look with the whole training, {of}"
