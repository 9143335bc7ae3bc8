"""The recipes: target files, each for the model that its name begins with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgewright.errors import UserError, did_you_mean

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib


@dataclass(frozen=True)
class Recipe:
    """One target file: `name` is its stem; `source` is the folder of the model that it is for."""

    name: str
    source: Path
    path: Path

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.source.name

    @property
    def content(self) -> str:
        """Hash of what it says, of the recipes that it extends, and of its model."""
        digest = hashlib.sha256()
        for path in [*_chain(self.path), *sorted(self.source.glob("model.*"))]:
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]


def _chain(path: Path) -> list[Path]:
    """A recipe's file and those that it extends."""
    parent = tomllib.loads(path.read_text()).get("extends")
    return [path, *(_chain(path.with_name(f"{parent}.toml")) if parent else [])]


def read(folder: Path, models: Path) -> dict[str, Recipe]:
    """All recipes of a folder by name, those of one model together; `models` is the folder of their models."""
    paths = sorted(folder.glob("*.toml"), key=lambda path: (path.stem.partition("-")[0], path.stem))
    return {path.stem: Recipe(path.stem, models / path.stem.partition("-")[0], path) for path in paths}


def select(wanted: str, known: Mapping[str, Recipe]) -> list[Recipe]:
    """The recipes of a list like "fashion_cnn-dense,fashion_cnn-prune_50", or "all"."""
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    if names == ["all"]:
        return list(known.values())
    for name in names:
        if name not in known:
            raise UserError("--recipes", "no such recipe", got=name, allowed=known, hint=did_you_mean(name, known))
    if not names:
        raise UserError("--recipes", "names none", allowed=known)
    return [known[name] for name in dict.fromkeys(names)]
