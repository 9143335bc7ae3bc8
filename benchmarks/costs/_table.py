"""A core's table as a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.files import write_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path("edgewright/arch/costs")


def read(tables: Path, core: str) -> dict[str, Any]:
    """The table of a core; with all of the one that it uses, kernel by kernel."""
    found = own(tables, core)
    if "uses" not in found:
        return found
    base = read(tables, found.pop("uses"))
    merged = {name: {**base[name], **found.get(name, {})} for name in ("sources", "kernels")}
    return {**base, **found, **merged}


def own(tables: Path, core: str) -> dict[str, Any]:
    """What the file of a core holds."""
    return tomllib.loads((tables / f"{core}.toml").read_text(encoding="utf-8"))


def write(
    tables: Path, core: str, kernels: Mapping[str, Mapping[str, float]], variants: Mapping[str, float] | None
) -> None:
    """Write what was measured of a core.

    Args:
        tables: their folder.
        core: its name.
        kernels: rows by kernel.
        variants: cycles by variant where all kernels were measured; None where only some were: the others stay.

    [instructions] and [code] stay, and so does the table that a core uses: its own file has what differs.
    """
    found, command = own(tables, core), f"python -m benchmarks.costs {core}"
    rows = kernels if variants is not None else {**found.get("kernels", {}), **kernels}
    measured = {"kernels": command} if variants is None else {"kernels": command, "variants": command}
    sections = {
        "sources": {**found["sources"], **measured},
        **{name: found[name] for name in ("instructions", "code") if name in found},
        **_variants(found, variants),
        **{f"kernels.{name}": rows[name] for name in sorted(rows)},
    }
    text = "\n".join(_section(name, section) for name, section in sections.items())
    used = f'uses = "{found["uses"]}"\n\n' if "uses" in found else ""
    write_text(tables / f"{core}.toml", used + text)


def _variants(found: Mapping[str, Any], measured: Mapping[str, float] | None) -> dict[str, Any]:
    if measured is not None:
        return {"variants": measured}
    return {"variants": found["variants"]} if "variants" in found else {}


def _section(name: str, section: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in section.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
