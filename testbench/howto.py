"""The examples of docs/: files that a page names above a block of code. Tests build what the pages show."""

from __future__ import annotations

import re
import sys

from edgewright.home import home

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILE = re.compile(r"^`([^`\n]+\.\w+)`(?: of the package)?:\n\n```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PACKAGE = "pyproject.toml"


def files(*pages: str) -> dict[str, str]:
    """The files of pages of docs/ by their paths, but for what installs them."""
    return {path: text for page in pages for path, text in _blocks(page) if path != _PACKAGE}


def entry_points(*pages: str) -> str:
    """What pages write into a pyproject.toml, as an installed package has it."""
    groups: dict[str, dict[str, str]] = {}
    for page in pages:
        for path, text in _blocks(page):
            if path == _PACKAGE:
                for group, entries in tomllib.loads(text)["project"]["entry-points"].items():
                    groups.setdefault(group, {}).update(entries)
    return "".join(
        f"[{group}]\n" + "".join(f"{name} = {module}\n" for name, module in entries.items())
        for group, entries in groups.items()
    )


def _blocks(page: str) -> list[tuple[str, str]]:
    text = (home() / "docs" / page).read_text(encoding="utf-8")
    return _FILE.findall(text)
