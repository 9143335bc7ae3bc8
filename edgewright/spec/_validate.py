"""Faults of a file with the lines that they stand in: a table that is no section, a name that nothing has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from edgewright.errors import UserError, did_you_mean
from edgewright.sections.section import Key, translated
from edgewright.spec.toml_text import TomlFile

M = TypeVar("M", bound=BaseModel)


def validate(kind: type[M], data: Mapping[str, Any], file: TomlFile, at: Key, errors: list[UserError]) -> M | None:
    """`data` as a `kind`; None, and the faults appended to `errors`, when it has any."""
    try:
        return kind.model_validate(dict(data))
    except ValidationError as caught:
        errors += translated(caught, kind, data, lambda key: file.where((*at, *key)))
        return None


def known_name(file: TomlFile, key: Key, name: object, known: Iterable[str], kind: str) -> list[UserError]:
    """A fault when `name` is none of `known`."""
    known = sorted(known)
    if name in known:
        return []
    if name is None:
        return [UserError(file.where(key), "is missing", allowed=known)]
    hint = did_you_mean(str(name), known)
    return [UserError(file.where(key), f"unknown {kind}", got=name, allowed=known, hint=hint)]
