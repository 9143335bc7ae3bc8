"""The layers of a model that a pass has options for, which only the model itself can tell."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from edgewright import registry
from edgewright.errors import UserError
from edgewright.files import canonical_json
from edgewright.home import home
from edgewright.spec import ProjectModel

_NAMES = TypeAdapter(list[str])


def layers_of(model: ProjectModel, data: Mapping[str, Any], entry: int, where: str) -> Sequence[str]:
    """Names that may stand in `layers` of an entry of `compress`.

    Args:
        model: one with a model.py.
        data: of the target's file, from which its `[build]` and the entry are taken.
        entry: the number of the entry.
        where: the place of the key, for messages.

    Raises:
        UserError: there is no such entry, its pass has no options by layer, or the model cannot be built.
    """
    entries = data.get("compress", [])
    if entry >= len(entries):
        raise UserError(where, "there is no such place in the target", got=f"compress[{entry}]")
    options = dict(entries[entry])
    name = str(options.get("pass"))
    able = [each for each in registry.passes.names() if hasattr(registry.passes.load(each), "layers")]
    if name not in able:
        raise UserError(where, f"pass {name} has no options by layer", allowed=", ".join(able))
    if model.spec is None or model.source is not None:
        raise UserError(where, f"{model.origin} is brought: its layers have to be named one by one")
    arguments = {**model.spec.build, **data.get("build", {})}
    source = f"models/{model.name}/model.py" if model.folder is None else str(model.folder / "model.py")
    return _asked({**options, "source": source, "build": arguments}, where)


def _asked(question: Mapping[str, Any], where: str) -> Sequence[str]:
    command = [sys.executable, "-m", "edgewright.training.layer_names", canonical_json(dict(question))]
    path = os.pathsep.join(filter(None, [str(home()), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    try:
        return _NAMES.validate_json(done.stdout.strip().rpartition("\n")[2])
    except ValidationError:
        told = done.stderr.rpartition("error: ")[2].strip() or done.stdout.strip()
        raise UserError(where, f"the layers of the model cannot be told: {told}") from None
