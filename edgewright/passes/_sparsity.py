"""The sparsity that each layer is pruned to: one for all, some by name, or found by a scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.passes import _sensitivity

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.passes import Context
    from edgewright.passes._magnitude import Block

Kernels = Mapping[str, Sequence[Any]]


def uniform(kernels: Kernels, final: float, named: Mapping[str, float]) -> dict[str, float]:
    """`final` for each layer that is not named."""
    return {name: named.get(name, final) for name in kernels}


def by_sensitivity(
    context: Context, model: Any, data: Split, kernels: Kernels, wanted: tuple[float, Mapping[str, float], Block]
) -> dict[str, float]:
    """Sparsities with which all of `kernels` together reach the wanted one at the least predicted loss.

    Args:
        context: remembers the scan and notes it.
        model: the model as the pass got it.
        data: its validation part is scanned.
        kernels: the variables to prune, by name of their layer.
        wanted: the sparsity of all weights in `kernels` together; layers whose own is given; the blocks.
    """
    final, named, block = wanted
    free = {name: variables for name, variables in kernels.items() if name not in named}
    zeros = _zeros_left(kernels, final, named)
    rest = zeros / max(1, sum(map(_sensitivity.size_of, free.values())))
    _check_reachable(rest, final)
    context.say(f"scanning the sensitivity of {len(free)} layer{'s' * (len(free) != 1)}")
    validation = (data.validation_x, data.validation_y)
    curves = _sensitivity.scan(context, model, validation, free, (_sensitivity.levels(rest), block))
    chosen = _sensitivity.allocate(curves, zeros)
    context.note("scan", [_row(name, curve) for name, curve in curves.items()])
    return {name: named.get(name, chosen.get(name, 0.0)) for name in kernels}


def _zeros_left(kernels: Kernels, final: float, named: Mapping[str, float]) -> float:
    """How many zeros the layers without a sparsity of their own must bring."""
    sizes = {name: _sensitivity.size_of(variables) for name, variables in kernels.items()}
    return final * sum(sizes.values()) - sum(sizes[name] * sparsity for name, sparsity in named.items())


def _check_reachable(rest: float, final: float) -> None:
    if not 0 <= rest < 1:
        much = "too sparse for" if rest < 0 else "too dense to reach"
        problem = f"the layers that are named are {much} a sparsity of {final:g} of all weights"
        raise UserError("pass prune: layers", problem, hint="change their values, or schedule.final")


def _row(name: str, curve: _sensitivity.Curve) -> dict[str, Any]:
    rises = {f"{sparsity:.4g}": round(rise, 6) for sparsity, rise in curve.points}
    return {"layer": name, "weights": curve.weights, "loss_rise": rises}
