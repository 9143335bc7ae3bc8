"""A page as HTML: one file with its styles, its program, its data and the library that draws.

A policy in its head (Content-Security-Policy) lets just these three scripts run, by their hashes, and lets nothing be
fetched from anywhere: whatever a name or a label holds, it stays text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from edgewright.home import home
from edgewright.report.page._chart import CONFIG, Spec
from edgewright.report.page._parts import Chart, Page
from edgewright.templates import render
from edgewright.text import plain

LIMIT_BYTES = 1_500_000
"""What a page may be: it is mailed and kept by CI jobs."""


def render_html(page: Page, library: str, live: Mapping[str, Spec] | None = None) -> str:
    """The page as text of HTML.

    Args:
        page: what it shows.
        library: the program that draws charts, as edgewright.stages.reporting.charts writes it.
        live: charts of trainings that go on, for a page that a server keeps up to date; None for a file.
    """
    from markupsafe import Markup

    style, program = (_asset(f"page.{kind}") for kind in ("css", "js"))
    data = _json({"config": CONFIG, "charts": [chart.spec for _, chart in charts(page)], "live": live})
    numbers = {place: number for number, (place, _) in enumerate(charts(page))}
    scripts = {"library": library, "program": program, **({"follow": _asset("live.js")} if live else {})}
    policy = " ".join([f"{_POLICY}{' connect-src ' + _SELF if live else ''} script-src", *map(_hash, scripts.values())])
    safe = {name: Markup(text) for name, text in {**scripts, "style": style, "data": data}.items()}  # noqa: S704 - of files that come with us, and JSON without "<"
    return render("page/page.html.j2", page=page, policy=Markup(policy), numbers=numbers, **{"follow": None, **safe})  # noqa: S704


_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline';"
_SELF = "'self';"


def charts(page: Page) -> Iterator[tuple[str, Chart]]:
    """The charts of all sections in their order, and the place of each: "layers-2"."""
    for section in page.sections:
        for number, part in enumerate(section.parts, start=1):
            if isinstance(part, Chart):
                yield f"{section.name}-{number}", part


def _asset(name: str) -> str:
    return (home() / "templates" / "page" / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _json(value: Any) -> str:
    """JSON that may stand in a script element: no "<" is in it, and hidden characters are written out."""
    text = json.dumps(_shown(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(key)): _shown(each) for key, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list | tuple) else value
