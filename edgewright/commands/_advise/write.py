"""Putting `[[compress]]` entries into a target file, all else in it as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.files import staged
from edgewright.spec.toml_text import read_toml
from edgewright.spec.toml_write import entry_text

_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
REPLACED = "# replaced by edgewright advise:"


def write(path: Path, shown: str, entries: Sequence[Mapping[str, Any]], *, replace: bool) -> None:
    """Put `entries` into the target file: whole or not at all.

    Args:
        path: the file.
        shown: how messages call it.
        entries: each with "pass".
        replace: entries that are there become comments; without it they are a fault.

    Raises:
        UserError: there are entries and `replace` is not set, or they are written in a way that is not understood.
    """
    before = read_toml(path, shown)
    present = before.data.get("compress")
    if present and not replace:
        hint = "--replace puts the new ones in their place, and keeps the old as comments"
        raise UserError(before.where(("compress",)), "has [[compress]] entries already", hint=hint)
    text = path.read_bytes().decode("utf-8")
    end = "\r\n" if "\r\n" in text else "\n"
    new = end.join(_edited(text.splitlines(), entries)) + end
    wanted = {key: value for key, value in before.data.items() if key != "compress"} | {"compress": list(entries)}
    with staged(path.resolve()) as aside:  # a link stays one
        aside.write_bytes(new.encode())
        if _data(aside, shown) != wanted:
            hint = "write the entries by hand, or as tables [[compress]] at the start of a line"
            raise UserError(before.where(("compress",)), "the entries here cannot be replaced by a program", hint=hint)


def _data(path: Path, shown: str) -> dict[str, Any] | None:
    """What is in a file; None when it is no TOML."""
    try:
        return read_toml(path, shown).data
    except UserError:
        return None


def _edited(lines: Sequence[str], entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lines with the entries in place of the old ones, else before [quantize], else at the end."""
    blocks = list(_blocks(lines))
    old = [block for block in blocks if _is_compress(block)]
    new = [line for entry in entries for line in [*entry_text(entry).splitlines(), ""]]
    if old:
        at = next(number for number, block in enumerate(blocks) if _is_compress(block))
        kept = [block for block in blocks[at:] if not _is_compress(block)]
        comments = [line for block in old for line in _as_comment(block)]
        return _joined([*blocks[:at], [REPLACED, *comments, ""], new, *kept])
    at = next((n for n, block in enumerate(blocks) if _table(block) == "quantize"), len(blocks))
    return _joined([*blocks[:at], new, *blocks[at:]])


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """What stands before the first table, then each table with the comments right above it."""
    starts = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    cuts = [0]
    for start in starts:
        while start > cuts[-1] and lines[start - 1].lstrip().startswith("#"):
            start -= 1  # noqa: PLW2901 - the comments belong to the table
        cuts.append(start)
    for begin, end in zip(cuts, [*cuts[1:], len(lines)], strict=True):
        yield list(lines[begin:end])


def _table(block: Sequence[str]) -> str | None:
    found = next((match for line in block if (match := _HEADER.match(line))), None)
    return found[1].replace(" ", "") if found else None


def _is_compress(block: Sequence[str]) -> bool:
    name = _table(block) or ""
    return name == "compress" or name.startswith("compress.")


def _as_comment(block: Sequence[str]) -> list[str]:
    return [
        line if not line.strip() or line.lstrip().startswith("#") else f"# {line}" for line in block if line.strip()
    ]


def _joined(blocks: Sequence[Sequence[str]]) -> list[str]:
    """The blocks one after the other, an empty line between two; none at the end."""
    joined: list[str] = []
    for block in blocks:
        if joined and joined[-1].strip() and block and block[0].strip():
            joined.append("")
        joined += block
    while joined and not joined[-1].strip():
        joined.pop()
    return joined
