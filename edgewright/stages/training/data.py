r"""Load a model's own data, once for all stages that need them: load() of model.py -> data.npz.

    python -m edgewright.stages.training.data --source models/motion/model.py \
        --out build/models/motion/data.npz --facts build/models/motion/data.json

The arrays are checked, split and looked at; what looks odd is said. TensorFlow is started only for a model.py that
imports it. Random numbers are seeded, so that the same code gives the same bytes.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from edgewright.command_line import run
from edgewright.datasets import is_declared
from edgewright.files import write_json
from edgewright.imports import closure, statements
from edgewright.options.data import Options
from edgewright.registry import datasets
from edgewright.several import shape_of
from edgewright.source import load_source
from edgewright.stage_command import stage
from edgewright.stages.training.sources import HEAVY
from edgewright.training import warm
from edgewright.training.quiet import say

if TYPE_CHECKING:
    from edgewright.datasets import Splits

SEED = 0


def load(options: Options) -> None:
    """Load the data, say what looks odd, and write both files."""
    from edgewright.datasets import load_data, oddities, write_prepared

    _seed(options)
    splits = load_data(options.data, options.source, task=options.task, folder=options.folder)
    odd = oddities(splits, options.task)
    for line in odd:
        say(f"warning: the data of {options.out.parent.name}: {line}")
    write_prepared(options.out, splits)
    write_json(options.facts, {**_facts(splits), "labels": _labels(options), "odd": odd})
    counts = ", ".join(f"{len(splits.part(name)[0]):,} {name}" for name in ("train", "validation", "test"))
    say(f"data of {options.out.parent.name}: {counts} examples of shape {shape_of(splits.train_x)}")


def needs_tensorflow(options: Options) -> bool:
    """Whether it reads the data's form, or the model's Python imports it, in a file beside it or a function, too."""
    if is_declared(options.data):
        return "tensorflow" in datasets.load(str(options.data.dataset)).PACKAGES
    if options.source is None or not options.source.is_file():
        return False
    try:
        files = closure([options.source], [options.source.parent])
        return any(str(name[1]).split(".")[0] in HEAVY for file in files for name in statements(file))
    except SyntaxError:
        return False  # loading it says where


def _seed(options: Options) -> None:
    import numpy as np

    if needs_tensorflow(options):
        from edgewright.training.tensorflow import start

        start(SEED)
    else:
        random.seed(SEED)
        np.random.seed(SEED)


def _facts(splits: Splits) -> dict[str, Any]:
    names = ("train", "validation", "test")
    counts = {name: len(splits.part(name)[0]) for name in names}
    return {"schema": 1, "examples": counts, "shape": shape_of(splits.train_x)}


def _labels(options: Options) -> Sequence[str]:
    """The names of classes that a model.py or its declared data give; none where they give none."""
    from edgewright.datasets import declared_classes

    if options.folder is not None:
        return declared_classes(options.data, options.folder)
    return [str(name) for name in getattr(load_source(options.source), "LABELS", ())] if options.source else ()


main = stage(Options, load)

if __name__ == "__main__":
    if needs_tensorflow(main.parse(sys.argv[1:])):
        warm.run(main)
    run(main)
