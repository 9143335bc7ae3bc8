"""The recipes: target files beside this module, for the model that their name begins with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgewright.errors import UserError, did_you_mean
from edgewright.home import home

FOLDER = Path(__file__).parent / "targets"
MODELS = home() / "models"


@dataclass(frozen=True)
class Recipe:
    """One target file: `name` is its stem, `model` the folder in models/ that it is for."""

    name: str
    model: str
    path: Path


def every() -> dict[str, Recipe]:
    """All recipes by name, those of one model together."""
    paths = sorted(FOLDER.glob("*.toml"), key=lambda path: (path.stem.partition("-")[0], path.stem))
    return {path.stem: Recipe(path.stem, path.stem.partition("-")[0], path) for path in paths}


def select(wanted: str) -> list[Recipe]:
    """The recipes of a list like "fashion_cnn-dense,fashion_cnn-prune_50", or "all"."""
    known = every()
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    if names == ["all"]:
        return list(known.values())
    for name in names:
        if name not in known:
            raise UserError("--recipes", "no such recipe", got=name, allowed=known, hint=did_you_mean(name, known))
    if not names:
        raise UserError("--recipes", "names none", allowed=known)
    return [known[name] for name in dict.fromkeys(names)]
