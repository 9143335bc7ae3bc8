r"""Make what a model sees of its examples, as [preprocess] declares: by the same C as on the device.

    python -m edgewright.stages.training.features --prepared build/models/m/data.npz --out build/models/m/features.npz \
        --facts build/models/m/features.json --options '{"preprocess": {"kind": "log-mel", "rate": 8000}}'

Operators are compiled for this machine and run on every example. What a kind computes of the training examples stands
in the facts, from where the device's C has it, and with it a test example as the device reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from edgewright.command_line import run
from edgewright.datasets import Splits, load_data, write_prepared
from edgewright.errors import UserError
from edgewright.files import write_json
from edgewright.frontend import features, fitted, planned, raw_numbers
from edgewright.options.features import Options
from edgewright.preprocessing import Plan
from edgewright.sections.preprocess import Chain
from edgewright.sections.task import Task
from edgewright.several import Several, shape_of
from edgewright.stage_command import stage
from edgewright.stages._steps import steps_of

PARTS = ("train", "validation", "test")
_SHOWN = 3
"""Test examples that are a stream on the device: what is heard of one goes into the next."""


def make(options: Options) -> None:
    """Read the data, and write them with features in the place of examples."""
    splits = load_data(options.data, prepared=options.prepared, task=options.task)
    if isinstance(splits.train_x, Several):
        raise UserError("[preprocess]", "takes one input", got=list(splits.train_x.arrays), allowed="one array")
    where, shape = f"the data of {options.out.parent.name}", splits.train_x.shape[1:]
    steps = fitted(steps_of([(step.kind, step.more) for step in options.preprocess]), splits.train_x, where)
    plan = planned(steps, shape)
    made = [part for name in PARTS for part in _part(plan, splits.part(name), where, options.task)]
    write_prepared(options.out, Splits(*made))
    raw = raw_numbers(plan.raw, splits.test_x[: _SHOWN if plan.stream else 1], where)
    pinned = [step.keys.model_dump(mode="json", exclude_none=True) for step in steps]
    named = [{"kind": step.kind, "keys": keys} for step, keys in zip(options.preprocess, pinned, strict=True)]
    write_json(options.facts, {"schema": 2, "steps": named, "shape": list(shape), "example": _digits(raw)})
    print(f"features of {options.out.parent.name}: {shape_of(made[0])} an example")
    for text in _computed(options.preprocess, pinned):
        print(f"features of {options.out.parent.name}: {text}, of the training examples")


def _computed(chain: Chain, pinned: list[dict[str, Any]]) -> Iterator[str]:
    """What the training examples said; of several kinds the one that normalises alone."""
    for step, keys in zip(chain, pinned, strict=True):
        if len(chain) == 1 or step.kind == "normalise":
            found = {name: keys[name] for name in ("mean", "deviation") if keys.get(name) != step.more.get(name)}
            yield from (f"{name} = {value}" for name, value in found.items())


def _part(plan: Plan, part: tuple[Any, Any], where: str, task: Task) -> tuple[Any, Any]:
    """Features and truth: an example of which several are made has its truth several times."""
    x, y = part
    found = features(plan, x, where)
    if len(found.values) == len(x) and (found.origins == np.arange(len(x))).all():
        return found.values, y
    if task.outputs or task.kind == "sequence" or isinstance(y, Several):
        got = f"{len(found.values)} windows of {len(x)} examples"
        raise UserError(where, f"a {task.kind} takes one window an example", got=got, hint="rows as many as they have")
    return found.values, y[found.origins]


def _digits(raw: Any) -> str:
    digits: str = raw.astype(raw.dtype.newbyteorder("<")).tobytes().hex()
    return digits


main = stage(Options, make)

if __name__ == "__main__":
    run(main)
