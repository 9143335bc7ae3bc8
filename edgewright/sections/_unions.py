"""What pydantic says of a value that may be of several kinds: of each kind why it is none. People want one reason.

A complaint's location has keys of the data and, below a place where several kinds are allowed, the name of the kind
that was tried: `("vary", "build.width", "list[int]", 1)`. It is no key, so the data do not have it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

ALLOWED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
"""Complaints about the type of a value, and what it should be."""

Place = tuple["str | int", ...]


def plainly(details: Sequence[ErrorDetails], data: Any) -> list[ErrorDetails]:
    """The same complaints with keys of the data alone in their locations, and one kind tried for each value.

    Of several kinds the one counts that the value is nearest to: whose type it has. Where it has none of their types,
    one complaint names them all.
    """
    found: list[ErrorDetails] = []
    groups: dict[Place, list[ErrorDetails]] = {}
    for detail in details:
        at = _first_kind(detail, data)
        if at is None:
            found.append(detail)
            continue
        place = detail["loc"][:at]
        if place not in groups:
            groups[place] = []
            found.append(detail)  # whose place in the order the group takes
        groups[place].append(detail)
    return [each for detail in found for each in _settled(detail, groups, data)]


def _settled(detail: ErrorDetails, groups: Mapping[Place, list[ErrorDetails]], data: Any) -> list[ErrorDetails]:
    at = _first_kind(detail, data)
    if at is None:
        return [detail]
    place = detail["loc"][:at]
    of_type = [each for each in groups[place] if len(each["loc"]) == at + 1 and each["type"] in ALLOWED]
    other_kinds = {each["loc"][at] for each in of_type}
    near = [each for each in groups[place] if each["loc"][at] not in other_kinds]
    if not near:
        return [_of_no_kind(place, of_type)]
    return plainly([_located(each, (*place, *each["loc"][at + 1 :])) for each in near], data)


def _of_no_kind(place: Place, of_type: Sequence[ErrorDetails]) -> ErrorDetails:
    names = list(dict.fromkeys(ALLOWED[each["type"]] for each in of_type))
    told = [name for name in names if name != "a whole number" or "a number" not in names]
    return {**_located(of_type[0], place), "ctx": {"allowed": told}}


def _located(detail: ErrorDetails, location: Place) -> ErrorDetails:
    return {**detail, "loc": location}


def _first_kind(detail: ErrorDetails, data: Any) -> int | None:
    """The place in a complaint's location of the first name of a kind; None where it has keys alone."""
    location = detail["loc"]
    for at, part in enumerate(location):
        try:
            data = data[part]
        except (LookupError, TypeError):
            is_missing_key = at == len(location) - 1 and (detail["type"] == "missing" or part == "[key]")
            return None if is_missing_key else at
    return None
