"""Charts as Vega-Lite: the look that all of them share, and the few shapes that are used more than once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]

COLOURS = ("var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)", "var(--c7)")
"""Of the page's style sheet, so that a chart follows light and dark: people with any kind of colour blindness tell them
apart (tests/unit/test_page_colours.py)."""

_SOFT = {"labelColor": "var(--soft)", "titleColor": "var(--soft)", "labelFontSize": 12, "titleFontSize": 12}

CONFIG: Spec = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "aria": True,
    "axis": {
        **_SOFT,
        "titleFontWeight": 500,
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelLimit": 170,
        "titlePadding": 8,
    },
    "legend": {**_SOFT, "titleFontWeight": 500, "orient": "top", "symbolStrokeWidth": 2, "columns": 3},
    "header": {"labelColor": "var(--ink)", "titleColor": "var(--soft)", "labelFontSize": 12, "labelFontWeight": 600},
    "title": {"color": "var(--ink)"},
    "text": {"color": "var(--ink)", "fontSize": 12},
    "range": {"category": list(COLOURS)},
    "mark": {"aria": False},
    "bar": {"color": "var(--c1)", "cornerRadiusEnd": 2},
    "line": {"strokeWidth": 2},
    "rule": {"color": "var(--soft)"},
}


def chart(rows: Rows, height: float | Mapping[str, Any], **more: Any) -> Spec:
    """A chart as wide as its place. Its marks are not read out one by one: the table beside it is for that."""
    autosize = {"type": "fit-x", "contains": "padding"}
    return {"width": "container", "height": height, "autosize": autosize, "data": {"values": list(rows)}, **more}


def axis(field: str, title: str | None, kind: str = "quantitative", /, **more: Any) -> Spec:
    """An encoding of a position. With the format "~s" zero is plain 0, where D3 would write 0k."""
    if (marks := more.get("axis", {})).get("format") == "~s":
        more["axis"] = {"labelExpr": "datum.value ? datum.label : '0'", **marks}
    return {"field": field, "type": kind, "title": title, **more}


def tip(*fields: tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """What hovering shows: (field, title) or (field, title, format)."""
    return [{"field": f[0], "title": f[1], **({"format": f[2]} if len(f) == 3 else {})} for f in fields]


def series(names: Sequence[str]) -> Spec:
    """Colours of a few things in a fixed order."""
    return {"domain": list(names), "range": [COLOURS[index % len(COLOURS)] for index in range(len(names))]}
