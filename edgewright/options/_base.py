"""The base of all options of stages: which fields are flags of the command line, and which are keys of `--options`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from edgewright.errors import UserError, UserErrors
from edgewright.files import canonical_json
from edgewright.sections.section import Key, Section, translated

OPTIONS = "--options"


class _OnCommandLine:
    """Marks a field that is a flag: `Flag[X]`, where X is a Path, some text or bool, None or a list of paths."""


T = TypeVar("T")
Flag = Annotated[T, _OnCommandLine()]


class StageOptions(Section):
    """Base of what one stage reads. A field is a flag of the command line, or a key of the JSON in `--options`."""


O = TypeVar("O", bound=StageOptions)  # noqa: E741 - options


def words(options: StageOptions) -> tuple[str, ...]:
    """The command line that gives these options: equal options give equal words."""
    kind = type(options)
    given = {name: getattr(options, name) for name in _flags(kind)}
    flags = [word for name, value in given.items() for word in _flag_words(name, value)]
    rest = sections(options)
    return (*flags, *((OPTIONS, canonical_json(rest)) if rest or _needs_options(kind) else ()))


def sections(options: StageOptions) -> dict[str, Any]:
    """What `words` writes into `--options`, as JSON values: keys at their default are left out."""
    kind = type(options)
    values = options.model_dump(mode="json", exclude_defaults=True, exclude=set(_flags(kind)))
    return {key: value for key, value in values.items() if value != {} or _says_something(kind.model_fields[key])}


def _says_something(field: FieldInfo) -> bool:
    """Whether a section without keys is another thing than none at all."""
    return field.is_required() or field.default is None


def read(kind: type[O], argv: Sequence[str] | None, *, program: str, description: str | None) -> O:
    """The options of a command line; `--help` and wrong flags end the process, as argparse does.

    Args:
        kind: the options.
        argv: the command line; None: that of this process.
        program: how messages call the command.
        description: what it does, for `--help`.

    Raises:
        UserErrors: all that is wrong in `--options`.
    """
    found = vars(_parser(kind, program, description).parse_args(argv))
    values = json_object(found.pop(OPTIONS, None) or "{}")
    if named := sorted(set(values) & set(_flags(kind))):
        raise UserError(f"{OPTIONS}: {named[0]}", "is a flag of its own", hint=f"write {_flag(named[0])}")
    given = {name: value for name, value in found.items() if value is not None}
    data = {**values, **given}
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise UserErrors(translated(error, kind, data, lambda key: _place(kind, key))) from None


def _place(kind: type[StageOptions], key: Key) -> str:
    return _flag(str(key[0])) if key and key[0] in _flags(kind) else where(key)


def where(key: Key) -> str:
    """The place of a key in `--options`, for a message."""
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key).removeprefix(".")
    return f"{OPTIONS}: {dotted}" if dotted else OPTIONS


def json_object(text: str) -> dict[str, Any]:
    """The value of an `--options` argument: a JSON object whose keys are sections of the TOML files."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UserError(OPTIONS, f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UserError(OPTIONS, "not a JSON object", got=text)
    return value


def _flags(kind: type[StageOptions]) -> dict[str, FieldInfo]:
    fields = kind.model_fields.items()
    return {name: info for name, info in fields if any(isinstance(mark, _OnCommandLine) for mark in info.metadata)}


def _needs_options(kind: type[StageOptions]) -> bool:
    return any(info.is_required() for name, info in kind.model_fields.items() if name not in _flags(kind))


def _flag(name: str) -> str:
    return "--" + name.rstrip("_").replace("_", "-")


def _flag_words(name: str, value: object) -> Iterator[str]:
    if value is True:
        yield _flag(name)
    elif value is not None and value is not False:
        for each in value if isinstance(value, list) else (value,):
            yield from (_flag(name), str(each))


def _parser(kind: type[StageOptions], program: str, description: str | None) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog=program, description=description, formatter_class=raw, allow_abbrev=False)
    flags = _flags(kind)
    for name, info in flags.items():
        parser.add_argument(_flag(name), dest=name, help=info.description, **_kind_of(info))
    if keys := [name for name in kind.model_fields if name not in flags]:
        help_ = f"a JSON object with {', '.join(keys)}"
        parser.add_argument(OPTIONS, dest=OPTIONS, required=_needs_options(kind), metavar="JSON", help=help_)
    return parser


def _kind_of(info: FieldInfo) -> dict[str, Any]:
    """What argparse has to know of a flag; what may not be there is None when it is not."""
    types = (info.annotation, *get_args(info.annotation))
    if bool in types:
        return {"action": "store_true", "default": None}
    several = {"action": "append"} if list in map(_origin, types) else {}
    return {**several, "type": Path if Path in types else str, "required": info.is_required()}


def _origin(annotation: Any) -> Any:
    return getattr(annotation, "__origin__", annotation)
