"""Debian's Chromium without a window, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE_MS = 120_000  # machines that test are busy


@dataclass(frozen=True)
class Tab:
    """A page that is open.

    Attributes:
        page: Playwright's.
        complaints: lines of the console, faults of scripts, and requests that would leave this machine.
    """

    page: Any
    complaints: list[str] = field(default_factory=list)

    def show(self, section: str) -> None:
        """Open a tab of the page."""
        self.page.click(f"#{section}-tab")

    def sections(self) -> list[str]:
        """The names of the page's tabs."""
        return list(self.page.eval_on_selector_all(".panel", "panels => panels.map(panel => panel.id)"))

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def column(self, table: str, number: int) -> list[str]:
        """The texts of a column, of the rows that show."""
        cells = f"#{table} tbody tr:not([hidden]) td:nth-child({number})"
        return list(self.page.eval_on_selector_all(cells, "cells => cells.map(cell => cell.textContent.trim())"))


def browser_path() -> str | None:
    """The browser, where there is one."""
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


@contextmanager
def launched(path: str) -> Iterator[Any]:
    """A browser for many tests."""
    from playwright.sync_api import sync_playwright  # most tests need no browser, and their workers collect these, too

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS), timeout=PATIENCE_MS)
        yield browser
        browser.close()


def opened(browser: Any, path: Path, width: int, scheme: str) -> Tab:
    """A page once all its charts are drawn."""
    page = browser.new_page(viewport={"width": width, "height": 1000}, color_scheme=scheme)
    page.set_default_timeout(PATIENCE_MS)
    tab = watched(page, "file:")
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-drawn]")
    return tab


def watched(page: Any, origin: str) -> Tab:
    """A page whose complaints are kept; requests may go to addresses that begin with `origin`."""
    tab = Tab(page)
    page.on("console", lambda message: tab.complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: tab.complaints.append(f"fault: {error}"))
    page.on("request", lambda request: request.url.startswith((origin, "data:")) or tab.complaints.append(request.url))
    return tab
