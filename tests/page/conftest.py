"""A browser, and the pages of sample builds that it opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edgewright.packed import Packed
from edgewright.report.page import Entry, Page, overview_of, page_of, render_html
from edgewright.stages.reporting.charts import script
from testbench.browser import Tab, browser_path, launched, opened
from testbench.pages import entry, front, sample
from tests.unit.test_answers import with_answers

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def library() -> Packed:
    return Packed.of(script())


@pytest.fixture(scope="session")
def browser_there() -> str:
    path = browser_path()
    if path is None:
        pytest.skip("no browser: apt-get install chromium")
    return path


@pytest.fixture(scope="session")
def browser(browser_there: str) -> Iterator[Any]:
    with launched(browser_there) as found:
        yield found


@pytest.fixture(scope="session")
def files(library: Packed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of a build, of one with answers of each kind, of one over budget with hostile names, and of all builds."""
    folder = tmp_path_factory.mktemp("pages")
    kinds = page_of(with_answers("binary", "reconstruction", "multi-label", "regression"))
    made = {
        "one": page_of(sample()),
        "kinds": kinds,
        "hostile": page_of(sample(HOSTILE, flash=80 * 1024, label=HOSTILE)),
    }
    return {name: written(folder / f"{name}.html", page, library) for name, page in {**made, "all": several()}.items()}


HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>&amp;'\"`${7*7}{{7*7}}"


def several() -> Page:
    builds = {"mcu": sample(), "mcu-m0": sample(flash=80 * 1024), "mcu-m7": sample(flash=40 * 1024, builds=1)}
    entries: list[Entry] = [entry(target, build) for target, build in builds.items()]
    return overview_of(entries, [front(), front(HOSTILE, HOSTILE)])


def written(path: Path, page: Page, library: Packed) -> Path:
    path.write_text(render_html(page, library), encoding="utf-8")
    return path


@pytest.fixture
def tab(browser: Any, files: dict[str, Path]) -> Iterator[Callable[..., Tab]]:
    """Opens a page: name, width and colour scheme; what the browser complains of fails the test at its end."""
    with opening(browser, files) as found:
        yield found


@contextmanager
def opening(browser: Any, files: dict[str, Path]) -> Iterator[Callable[..., Tab]]:
    tabs: list[Tab] = []

    def open_one(name: str, width: int = 1440, scheme: str = "light") -> Tab:
        tabs.append(opened(browser, files[name], width, scheme))
        return tabs[-1]

    yield open_one
    complaints = [line for tab in tabs for line in tab.complaints]
    for each in tabs:
        each.page.close()
    assert complaints == []


@pytest.fixture(scope="session")
def shots(request: pytest.FixtureRequest) -> Path:
    """Where screenshots are kept, for people to look at."""
    folder = Path(str(request.config.getoption("--screenshots")))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
