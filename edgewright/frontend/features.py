"""Examples as a model learns from them: the operators' C, built for this machine, and whole numbers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler import compile_model, host
from edgewright.errors import UserError
from edgewright.preprocessing import LEVELS, Mix, Plan, Raw, Scaling

_FLIP = 128


class Features(NamedTuple):
    """What the model sees, float32 [N, ...], and the number of the example that each comes of, int64 [N]."""

    values: NDArray[np.float32]
    origins: NDArray[np.int64]


def features(plan: Plan, examples: NDArray[Any], where: str) -> Features:
    """What the model sees of examples.

    Args:
        plan: what is done.
        examples: [N, ...] real values. What is left behind the last whole step of a stream is left out.
        where: names them in messages.

    Raises:
        UserError: examples do not fit the plan: no stream of steps, values that raw numbers do not hold.
        ToolError: this machine has no C compiler.
    """
    found = levels(plan, raw_numbers(plan.raw, examples, where), where)
    values, origins = _rows(plan, found)
    return Features(scaled(plan.scaling, values).reshape(len(values), *_shape(plan, values)), origins)


def raw_numbers(raw: Raw, examples: NDArray[Any], where: str) -> NDArray[Any]:
    """The numbers that a device would have read, of `raw.dtype`.

    Raises:
        UserError: a value is beyond all of them.
    """
    if raw.dtype == "float32":
        return np.asarray(examples, np.float32)
    low, high = raw.bounds
    scaled = np.asarray(examples, np.float64) / raw.step
    least, most = (float(scaled.min()), float(scaled.max())) if scaled.size else (low, high)
    if least < low - 1.5 or most > high + 1.5:
        got = f"values from {least * raw.step:g} to {most * raw.step:g}"
        allowed = f"{low * raw.step:g} to {high * raw.step:g}, which {raw.dtype} holds in steps of {raw.step:g}"
        hint = "divide samples of 16 bits by 32768" if raw.rate else "another raw or unit"
        raise UserError(where, f"[preprocess] takes other {raw.what}", got=got, allowed=allowed, hint=hint)
    return np.asarray(np.clip(np.round(scaled), low, high), raw.dtype)


def levels(plan: Plan, raw: NDArray[Any], where: str) -> NDArray[Any]:
    """What operators and mix make of raw numbers [N, ...]: [N, numbers], of a stream [N, steps, numbers]."""
    steps = _steps(plan, raw, where)
    if plan.graph is None:
        return steps
    turns = steps.shape[1] if plan.stream else 1
    taken = (steps.astype(np.int16) - _FLIP).astype(np.int8) if plan.flips else steps
    compiled = compile_model(plan.graph, "frontend")
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        (found,) = host.build(compiled, Path(folder)).run([taken.reshape(-1, plan.taken)], anew=turns)
    shaped = found.reshape(*steps.shape[:-1], -1)
    return shaped if plan.mix is None else mixed(plan.mix, shaped)


def mixed(mix: Mix, found: NDArray[Any]) -> NDArray[np.int32]:
    """Levels [..., n] through the matrix: int32 [..., rows]."""
    cut = np.clip(found, 0, LEVELS - 1).astype(np.int64)
    sums = cut @ np.array(mix.weights, np.int64).T
    return np.asarray((sums + (1 << (mix.shift - 1))) >> mix.shift, np.int32)


def scaled(scaling: Scaling, found: NDArray[Any]) -> NDArray[np.float32]:
    """What the model sees of levels [..., numbers]: channels are the last axis, or repeat along it."""
    offsets, factors = (np.array(values, np.float32) for values in (scaling.offsets, scaling.factors))
    cut = found if scaling.bounds is None else np.clip(found, *scaling.bounds)
    shaped = cut.astype(np.float32).reshape(-1, len(offsets))
    return np.asarray(((shaped - offsets) * factors).reshape(found.shape), np.float32)


def _steps(plan: Plan, raw: NDArray[Any], where: str) -> NDArray[Any]:
    """Raw numbers [N, taken], of a stream [N, steps, taken]."""
    flat = raw.reshape(len(raw), -1)
    if plan.stream is None:
        if flat.shape[1] != plan.taken:
            got, allowed = f"examples of shape {list(raw.shape[1:])}", str(list(plan.takes))
            raise UserError(where, "[preprocess] takes examples of one shape", got=got, allowed=allowed)
        return flat
    _check_stream(plan, raw, where)
    steps = flat.shape[1] // plan.taken
    return np.ascontiguousarray(flat[:, : steps * plan.taken]).reshape(len(raw), steps, plan.taken)


def _check_stream(plan: Plan, raw: NDArray[Any], where: str) -> None:
    shape, rate = raw.shape[1:], plan.raw.rate
    if rate and (not shape or np.prod(shape) != shape[0]):
        allowed, got = "[samples] or [samples, 1]", f"examples of shape {list(shape)}"
        raise UserError(where, f"[preprocess] takes {plan.raw.what}", got=got, allowed=allowed)
    least = plan.taken * ((plan.stream.rows if plan.stream else None) or 1)
    if np.prod(shape) < least:
        what, allowed = "a step" if rate else "a window", f"at least {least} {'samples' if rate else 'numbers'}"
        got = f"{np.prod(shape)} {'samples' if rate else 'numbers'}"
        raise UserError(where, f"an example is shorter than {what}", got=got, allowed=allowed)


def _rows(plan: Plan, found: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The levels that the model sees at a time, and the example that each comes of."""
    numbers = np.arange(len(found))
    if plan.stream is None or plan.stream.rows is None:
        return found, numbers
    rows, every = plan.stream.rows, plan.stream.every
    starts = range(0, found.shape[1] - rows + 1, every)
    cut = np.stack([found[:, start : start + rows] for start in starts], axis=1)
    return cut.reshape(-1, *cut.shape[2:]), np.repeat(numbers, len(starts))


def _shape(plan: Plan, values: NDArray[Any]) -> tuple[int, ...]:
    return plan.gives if plan.stream is None else (values.shape[1], *plan.gives)
