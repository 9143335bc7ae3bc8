"""Pages on how to add something: what they quote is what it is, and the table of docs/design.md names them all."""

from __future__ import annotations

from edgewright.home import home
from testbench import howto

PAGES = sorted(path.name for path in (home() / "docs").glob("adding-*.md"))


def test_what_is_quoted_of_the_examples_is_what_they_hold() -> None:
    quoted = {path: text for page in PAGES for path, text in howto.files(page).items() if path.startswith("examples/")}
    assert len(quoted) == 3
    for path, text in quoted.items():
        assert (home() / path).read_text(encoding="utf-8") == text, path


def test_the_table_names_every_page() -> None:
    design = (home() / "docs/design.md").read_text(encoding="utf-8")
    table = design.partition("## To add X, edit Y")[2].partition("\n## ")[0]
    assert all(f"({page})" in table for page in PAGES)
