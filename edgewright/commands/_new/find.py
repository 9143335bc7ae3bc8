"""The files in a folder that tell of a chip: CMSIS-Packs and CMSIS-SVD files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgewright.commands._new import pack, svd
from edgewright.commands._new.chip import Facts
from edgewright.errors import UserError

_PACKS = (".pdsc", ".pack")


def facts_in(folder: Path, chip: str, processor: str | None = None) -> Facts:
    """What they tell of a chip, packs before the others; nothing where no file has it.

    Raises:
        UserError: there is no such folder, or a file that should tell is damaged.
    """
    if not folder.is_dir():
        raise UserError("--facts", "no such folder", got=str(folder))
    facts = Facts()
    for found in _found(folder, chip, processor):
        facts = facts.completed(found)
    return facts


def _found(folder: Path, chip: str, processor: str | None) -> Iterator[Facts]:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    packs = (pack.facts_of(path, chip, processor) for path in files if path.suffix.lower() in _PACKS)
    others = (svd.facts_of(path, chip) for path in files if path.suffix.lower() == ".svd")
    yield from (facts for facts in (*packs, *others) if facts is not None)
