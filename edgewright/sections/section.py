"""The base of all sections, and from pydantic's complaints to ours: place, what was got, what is allowed, a hint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from edgewright.errors import UserError, did_you_mean
from edgewright.sections._unions import ALLOWED, plainly

Key = tuple["str | int", ...]


class Section(BaseModel):
    """Base of every table in a file: unknown keys are refused and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_BOUNDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}


def fault(problem: str, *, allowed: str | None = None, hint: str | None = None) -> PydanticCustomError:
    """What a validator of a Section raises: it becomes a UserError with the place and the value filled in."""
    return PydanticCustomError("edgewright", "{problem}", {"problem": problem, "allowed": allowed, "hint": hint})


def translated(
    caught: ValidationError, kind: type[BaseModel], data: Mapping[str, Any], where: Callable[[Key], str]
) -> list[UserError]:
    """What pydantic found in the data of a `kind`, for people.

    Args:
        caught: its complaint.
        kind: the class that the data are not of.
        data: the data.
        where: the place of a key of the data.
    """
    return [_translate(detail, kind, where) for detail in plainly(caught.errors(), data)]


def _translate(detail: ErrorDetails, kind: type[BaseModel], where: Callable[[Key], str]) -> UserError:
    location = tuple(part for part in detail["loc"] if part != "[key]")
    place = where(location)
    error_type, context, got = detail["type"], detail.get("ctx", {}), detail["input"]
    if error_type == "extra_forbidden":
        names = _fields(kind, location[:-1])
        return UserError(place, "unknown key", allowed=names, hint=did_you_mean(str(location[-1]), names))
    if error_type == "missing":
        return UserError(place, "is missing", allowed=_describe(kind, location))
    if error_type == "literal_error":
        names = [name.strip("' ") for name in str(context["expected"]).replace(" or ", ",").split(",")]
        return UserError(place, "unknown value", got=got, allowed=names, hint=did_you_mean(str(got), names))
    allowed = context.get("allowed") or ALLOWED.get(error_type) or _bound(context)
    shown = None if isinstance(got, (dict, BaseModel)) else got
    problem = "has the wrong type" if error_type in ALLOWED else _lower(detail["msg"])
    if error_type in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        problem = "is out of range"
    return UserError(place, problem, got=shown, allowed=allowed, hint=context.get("hint"))


def _bound(context: Mapping[str, Any]) -> str | None:
    return next((text.format(context[name]) for name, text in _BOUNDS.items() if name in context), None)


def _lower(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _describe(kind: type[BaseModel], location: Key) -> str | None:
    names = _model_at(kind, location[:-1])
    info = names.model_fields.get(str(location[-1])) if names else None
    return info.description if info else None


def _fields(kind: type[BaseModel], location: Key) -> list[str]:
    model = _model_at(kind, location)
    return [info.alias or name for name, info in model.model_fields.items()] if model else []


def _model_at(kind: type[BaseModel], location: Key) -> type[BaseModel] | None:
    """The class of what lies at a place of a `kind`'s data; None where it is no table of fixed keys."""
    found, left = kind, list(location)
    while left:
        name = left.pop(0)
        if isinstance(name, int):
            continue
        info = found.model_fields.get(str(name))
        inner = _inner_model(info.annotation) if info else None
        if info is None or inner is None:
            return None
        left, found = left[_own_keys(info.annotation) :], inner
    return found


def _own_keys(annotation: Any) -> int:
    """Of a table whose keys are the user's own, the number of these above what each of them stands for."""
    if get_origin(annotation) is dict:
        return 1
    return max((_own_keys(each) for each in get_args(annotation)), default=0)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for arg in get_args(annotation) if (model := _inner_model(arg))), None)
