"""The model that the user's model.py gives, before it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.source import fault_in, load_source


def built(source: Path, arguments: Mapping[str, Any]) -> Any:
    """What `build()` of `source` gives with `arguments`; UserError where there is none, or it fails."""
    module = load_source(source)
    if not hasattr(module, "build"):
        raise UserError(str(source), "no function build()", hint="write one that gives a tf.keras model")
    try:
        return module.build(**arguments)
    except Exception as error:
        raise fault_in(source, error) from error
