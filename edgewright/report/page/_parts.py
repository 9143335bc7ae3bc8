"""What a page is made of: sections with texts, tables, charts and examples. The template knows these and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: what is shown.
        sort: what it is sorted by; the text where None.
        share: length of a bar beside it, as a fraction of the cell; None for no bar.
        state: "good", "bad" or "worst", which is said by words too; empty for none.
        link: where it leads, relative to the page.
        more: a second, softer line.
        bars: budgets: a text, the share that is used, and whether it holds; None where nobody knows.
    """

    text: str
    sort: float | None = None
    share: float | None = None
    state: str = ""
    link: str | None = None
    more: str = ""
    bars: Sequence[tuple[str, float | None, bool | None]] = ()


@dataclass(frozen=True)
class Table:
    """A table that a person can sort.

    Attributes:
        title: what it shows.
        columns, rows: its texts.
        numbers: columns that are set flush right.
        filters: whether a person may leave rows out by words.
        notes: lines below it.
        code: columns of commands, paths and the like.
        cards: whether a narrow screen has a card a row, with the columns' names in it.
        half: whether two of them may stand side by side.
    """

    part: ClassVar[str] = "table"
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: frozenset[int] = frozenset()
    filters: bool = False
    notes: Sequence[str] = ()
    code: frozenset[int] = frozenset()
    cards: bool = False
    half: bool = False


@dataclass(frozen=True)
class Choice:
    """A list that chooses one value of a chart's parameter."""

    label: str
    parameter: str
    values: Sequence[str]


@dataclass(frozen=True)
class Chart:
    """A picture, and the same as a table for those who do not see it.

    Attributes:
        title: what it shows.
        note: how to read it; one sentence.
        spec: of Vega-Lite, without data from elsewhere.
        table: the same numbers; None where a table further down has them.
        choice: what a person may choose.
        half: whether two of them may stand side by side.
    """

    part: ClassVar[str] = "chart"
    title: str
    note: str
    spec: Mapping[str, Any]
    table: Table | None = None
    choice: Choice | None = None
    half: bool = False


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    part: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True)
class Remarks:
    """Sentences below each other; what stands between backquotes is code."""

    part: ClassVar[str] = "remarks"
    title: str
    lines: Sequence[str]


def plain(text: object) -> str:
    """A text of a file's for remarks: without the backquotes that mark code."""
    return str(text).replace("`", "'")


@dataclass(frozen=True)
class Example:
    """One example of the data.

    Attributes:
        title, text: what is said of it.
        picture: a `data:` URL.
        line: points of a line in a box of 100 by 40, of a waveform.
        bars: the same of a few numbers: (x, y, width, height) of each, down or up from zero.
    """

    title: str
    text: str
    picture: str | None = None
    line: str | None = None
    bars: Sequence[tuple[float, float, float, float]] = ()


@dataclass(frozen=True)
class Gallery:
    """Examples beside each other."""

    part: ClassVar[str] = "gallery"
    title: str
    note: str
    examples: Sequence[Example]


Part = Table | Chart | Text | Remarks | Gallery


@dataclass(frozen=True)
class Section:
    """A tab of the page."""

    name: str
    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Tile:
    """A figure at the head of the page.

    Attributes:
        title, value: as a person reads them.
        kind: how it was got, one word.
        note: one line more.
        share: of the budget that is used; None without a budget.
        state: "good" or "bad" where a budget says so.
        verdict: the same in words.
    """

    title: str
    value: str
    kind: str
    note: str = ""
    share: float | None = None
    state: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class Page:
    """All of a page; `up` leads to the page of all builds."""

    title: str
    subtitle: str
    verdict: str
    state: str
    blame: Sequence[str] = ()
    tiles: Sequence[Tile] = ()
    sections: Sequence[Section] = field(default_factory=tuple)
    foot: str = ""
    up: str | None = None
