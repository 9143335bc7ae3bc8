"""Options whose keys depend on a name: on that of a pass, of a transport, of a flash tool."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from edgewright.errors import UserError, UserErrors
from edgewright.options import where
from edgewright.registry import Registry
from edgewright.sections.section import translated


def chosen(registry: Registry, name: object, keys: Mapping[str, Any], at: str) -> tuple[ModuleType, Any]:
    """The module of a name, and keys as its OPTIONS.

    Args:
        registry: where the name stands for a module.
        name: a name, or whatever stands in its place.
        keys: what stands beside it in `--options`.
        at: the section that they stand in, for messages.

    Raises:
        UserError: there is no such module, or the keys are not its own.
    """
    if not isinstance(name, str):
        raise UserError(where((at,)), f"names no {registry.kind}", allowed=registry.names())
    module = registry.load(name)
    try:
        return module, module.OPTIONS.model_validate(dict(keys))
    except ValidationError as error:
        raise UserErrors(translated(error, module.OPTIONS, keys, lambda place: where((at, *place)))) from None
