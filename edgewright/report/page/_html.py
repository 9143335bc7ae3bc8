"""A page as HTML: one file with its styles, its program, its data and the library that draws.

A policy in its head (Content-Security-Policy) lets just these three scripts run, by their hashes, and lets nothing be
fetched from anywhere: whatever a name or a label holds, it stays text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from edgewright.home import home
from edgewright.packed import Packed, digest
from edgewright.report.page._chart import CONFIG, Spec
from edgewright.report.page._parts import Chart, Page
from edgewright.templates import render
from edgewright.text import plain

LIMIT_BYTES = 1_000_000
"""What a page may be: it is mailed and kept by CI jobs."""


def render_html(page: Page, library: Packed, live: Mapping[str, Spec] | None = None) -> str:
    """The page as text of HTML.

    Args:
        page: what it shows.
        library: the program that draws charts.
        live: charts of trainings that go on, for a page that a server keeps up to date; None for a file.
    """
    from markupsafe import Markup

    style, program = (_asset(f"page.{kind}") for kind in ("css", "js"))
    data = _json({"config": CONFIG, "charts": [chart.spec for _, chart in charts(page)], "live": live})
    numbers = {place: number for number, (place, _) in enumerate(charts(page))}
    scripts = {"program": program, **({"follow": _asset("live.js")} if live else {})}
    hashes = [library.sha256, *(digest(script.encode()) for script in scripts.values())]
    allowed = " ".join(f"'sha256-{each}'" for each in hashes)
    policy = f"{_POLICY}{' connect-src ' + _SELF if live else ''} script-src {allowed}"
    texts = {**scripts, "style": style, "data": data, "library": library.gzip}
    safe = {name: Markup(text) for name, text in texts.items()}  # noqa: S704 - of files that come with us, base64, and JSON without "<"
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
