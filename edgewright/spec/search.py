"""Searches: `[search]` of a target, or of a file search/<name>.toml of the project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.errors import UserError, UserErrors, did_you_mean
from edgewright.sections.search import Search
from edgewright.sections.section import Key, Section
from edgewright.spec._validate import validate
from edgewright.spec.project import ProjectTarget
from edgewright.spec.toml_text import TomlFile, read_toml

FOLDER = "search"


class SearchFile(Section):
    """One file of search/."""

    description: kinds.Line = Field(default="", description="one line for people")
    search: Search


def search_of(
    root: Path, targets: Sequence[ProjectTarget], model: str, name: str | None
) -> tuple[Search, Callable[[Key], str]]:
    """The search, and the place of each of its keys.

    Args:
        root: the project's folder.
        targets: what is searched; the first that has `[search]` is asked where no file is named.
        model: what is built: a file of its name is the last that is asked.
        name: of a file in search/.

    Raises:
        UserErrors: all faults of the file; there is none.
    """
    if name is not None:
        return _of_file(root, name)
    for target in targets:
        if target.spec.search is not None:
            file = read_toml(root / target.file, target.file)
            return target.spec.search, _places(file)
    if (root / FOLDER / f"{model}.toml").is_file():
        return _of_file(root, model)
    hint = f"write one into {targets[0].file}, or into {FOLDER}/{model}.toml: docs/search.md"
    raise UserError(f"target={','.join(target.name for target in targets)}", "has no [search]", hint=hint)


def _of_file(root: Path, name: str) -> tuple[Search, Callable[[Key], str]]:
    path = root / FOLDER / f"{name}.toml"
    if not path.is_file():
        known = sorted(each.stem for each in (root / FOLDER).glob("*.toml"))
        raise UserError(f"space={name}", f"no such file in {FOLDER}/", allowed=known, hint=did_you_mean(name, known))
    file = read_toml(path, f"{FOLDER}/{name}.toml")
    errors: list[UserError] = []
    found = validate(SearchFile, file.data, file, (), errors)
    if found is None:
        raise UserErrors(errors)
    return found.search, _places(file)


def _places(file: TomlFile) -> Callable[[Key], str]:
    return lambda key: file.where(("search", *key))
