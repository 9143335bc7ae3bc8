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
    """The table of a core; with all of the one that it uses."""
    own = tomllib.loads((tables / f"{core}.toml").read_text(encoding="utf-8"))
    if "uses" not in own:
        return own
    base = read(tables, own.pop("uses"))
    return {**base, **own, "sources": {**base["sources"], **own["sources"]}}


def write(tables: Path, core: str, kernels: Mapping[str, Mapping[str, float]], variants: Mapping[str, float]) -> None:
    """Write what was measured; [instructions] and [code], and where they come from, stay."""
    base, measured = read(tables, core), f"python -m benchmarks.costs {core}"
    sources = {**base["sources"], "kernels": measured, "variants": measured}
    sections = {
        "sources": sources,
        "instructions": base["instructions"],
        "code": base["code"],
        "variants": variants,
        **{f"kernels.{name}": kernels[name] for name in sorted(kernels)},
    }
    text = "\n".join(_section(name, section) for name, section in sections.items())
    write_text(tables / f"{core}.toml", text)


def _section(name: str, section: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in section.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _value(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
