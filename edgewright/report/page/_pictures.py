"""Charts of a build as pictures by themselves, on white: descriptions of Vega-Lite whose colours are written out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from edgewright.home import home
from edgewright.report.page import _answers, _training
from edgewright.report.page._build import Build
from edgewright.report.page._chart import CONFIG, Spec
from edgewright.report.page._parts import Chart

_WIDTH = 380
_VARIABLE = re.compile(r"var\(--(\w+)\)")


def pictures_of(build: Build) -> dict[str, Spec]:
    """The pictures by their names; one of what the build does not have says so."""
    title = f"{build.report['model']} on {build.report['target']}"
    return {
        "curves": _picture(f"{title}: training", _training.charts(build), "nothing was trained"),
        "confusions": _picture(
            f"{title}: answers", _answers.confusions(build), "no classes, or too many for a picture"
        ),
    }


def _picture(title: str, charts: list[Chart], otherwise: str) -> Spec:
    """The charts, two side by side, or a line that says why there is none."""
    panels = [_panel(chart) for chart in charts] or [{"data": {"values": [{}]}, "mark": "point", "title": otherwise}]
    heading = {"text": title, "anchor": "start", "fontSize": 15, "color": "var(--ink)", "offset": 12}
    whole = {"title": heading, "concat": panels, "columns": 2, "spacing": 28, "padding": 14}
    spec = {**whole, "config": {**CONFIG, "background": "var(--paper)"}, "resolve": {"scale": _OWN}}
    return {key: _written(value) for key, value in spec.items()}


_OWN = dict.fromkeys(("x", "y", "color", "strokeDash"), "independent")


def _panel(chart: Chart) -> Spec:
    own = {key: value for key, value in chart.spec.items() if key != "autosize"}
    title = {"text": chart.title, "anchor": "start", "fontSize": 13, "color": "var(--ink)"}
    return {**own, "title": title, "width": _WIDTH}


def _written(value: Any) -> Any:
    """A description with the colours of the light page in place of their names."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _colours()[found[1]], value) if value.startswith("var(") else value
    if isinstance(value, Mapping):
        return {key: _written(each) for key, each in value.items()}
    return [_written(each) for each in value] if isinstance(value, list | tuple) else value


@cache
def _colours() -> dict[str, str]:
    style = (home() / "templates" / "page" / "page.css").read_text(encoding="utf-8")
    light = style[style.index(":root {") : style.index("}")]
    return dict(re.findall(r"--(\w+): (#[0-9a-f]+)", light))
