"""Kinds of preprocessing one after the other: what is computed of the training examples, and the plan of them all."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

from numpy.typing import NDArray

from edgewright.frontend.features import features
from edgewright.preprocessing import Plan


class Step(NamedTuple):
    """A kind of preprocessing, and its keys as its OPTIONS."""

    module: ModuleType
    keys: Any


def fitted(steps: Sequence[Step], examples: NDArray[Any], where: str) -> list[Step]:
    """The steps with what they leave open, computed of training examples.

    Args:
        steps: at least one.
        examples: [N, ...] real values; each step is given what those before it make of them.
        where: names them in messages.

    Raises:
        UserError: examples do not fit a step.
        ToolError: this machine has no C compiler.
    """
    done: list[Step] = []
    for module, keys in steps:
        own = module.part(keys) if len(steps) > 1 and hasattr(module, "part") else keys
        if hasattr(module, "fit"):
            own = module.fit(own, _seen(done, examples, where))
        done.append(Step(module, own))
    return done


def planned(steps: Sequence[Step], shape: tuple[int, ...]) -> Plan:
    """What steps, which leave nothing open, do to an example of this shape; UserError where it does not fit them."""
    first, *others = steps
    plan: Plan = first.module.plan(first.keys, shape)
    for module, keys in others:
        plan = module.then(keys, plan)
    return plan


def _seen(done: Sequence[Step], examples: NDArray[Any], where: str) -> NDArray[Any]:
    """What comes to the next step: of a stream, rows as plain numbers."""
    if not done:
        return examples
    plan = planned(done, examples.shape[1:])
    values = features(plan, examples, where).values
    return values.reshape(*values.shape[:2], plan.given) if plan.stream else values
