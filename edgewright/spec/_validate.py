"""A table of a file as a section, or its faults with the lines that they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from edgewright.errors import UserError
from edgewright.sections.section import Key, translated
from edgewright.spec.toml_text import TomlFile

M = TypeVar("M", bound=BaseModel)


def validate(kind: type[M], data: Mapping[str, Any], file: TomlFile, at: Key, errors: list[UserError]) -> M | None:
    """`data` as a `kind`; None, and the faults appended to `errors`, when it has any."""
    try:
        return kind.model_validate(dict(data))
    except ValidationError as caught:
        errors += translated(caught, kind, lambda key: file.where((*at, *key)))
        return None
