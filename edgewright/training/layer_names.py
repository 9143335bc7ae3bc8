"""Tells which layers of a model a pass has options for, as a list in JSON: what a search asks before it begins.

    python -m edgewright.training.layer_names '{"source": "models/digits/model.py", "build": {}, "pass": "prune"}'

Other keys are options of the pass.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from edgewright import registry
from edgewright.command_line import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    from edgewright.training.built import built
    from edgewright.training.tensorflow import start

    asked = dict(json.loads((sys.argv[1:] if argv is None else argv)[0]))
    source, arguments, name = Path(asked.pop("source")), asked.pop("build"), asked.pop("pass")
    module = registry.passes.load(name)
    options = module.OPTIONS.model_validate(asked)
    print(json.dumps(module.layers(start(0), built(source, arguments), options)))
    return 0


if __name__ == "__main__":
    run(main)
