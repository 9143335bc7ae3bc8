"""How sparse each layer may be: a scan on validation data, and the allocation that it leads to.

Scan: the loss with one layer pruned to one level and all others whole, no training; every layer, several levels.

Allocation: the loss of the whole is taken for the sum of these rises. Then the least loss for a number of zeros is
found by taking, again and again, the zeros with the smallest rise for each, along the convex hull of each layer's
curve: Y. Shoham, A. Gersho, "Efficient bit allocation for an arbitrary set of quantizers" (1988),
https://doi.org/10.1109/29.90373.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from edgewright.passes import _magnitude

if TYPE_CHECKING:
    from edgewright.passes import Context
    from edgewright.several import Values

EXAMPLES = 1000  # validation examples of the scan
UNSEEN = 0.002
"""Nats that pruning a layer wholly is taken to cost at least: the scan on so few examples sees no less. It makes the
weights of small layers dear, where little is to be won and much to be lost."""
MOST = 0.25  # no layer keeps less than this share of the weights that it would keep if all were pruned alike


@dataclass(frozen=True)
class Curve:
    """What pruning one layer costs: `weights` in its kernels, and (sparsity, rise of the loss in nats) by sparsity."""

    weights: int
    points: Sequence[tuple[float, float]]


def levels(final: float) -> list[float]:
    """Sparsities to try when the whole is to reach `final`, the last one the most that any layer gets."""
    most = 1 - (1 - final) * MOST
    halvings = [0.25, *(1 - 0.5**power for power in range(1, 10))]
    return [*(level for level in halvings if level < most), most]


def scan(
    context: Context,
    model: Any,
    data: tuple[Values, Values],
    kernels: Mapping[str, Sequence[Any]],
    wanted: tuple[Sequence[float], _magnitude.Block],
) -> dict[str, Curve]:
    """The curve of each layer; the model is as it was afterwards.

    Args:
        context: remembers each layer's losses.
        model: of classes its outputs are probabilities, float32 [N, classes].
        data: inputs and truth of validation; the first 1000 are used.
        kernels: the variables of each layer that are pruned, by its name.
        wanted: the sparsities to try, rising, and the blocks that are pruned as one.
    """
    x, y = data[0][:EXAMPLES], data[1][:EXAMPLES]
    whole = context.once("loss", lambda: _loss(context, model, x, y))

    def curve(name: str, variables: Sequence[Any]) -> Curve:
        losses = context.once(f"losses of {name}", lambda: _losses(context, model, (x, y), variables, wanted))
        return Curve(size_of(variables), [(at, loss - whole) for at, loss in zip(wanted[0], losses, strict=True)])

    return {name: curve(name, variables) for name, variables in kernels.items()}


def size_of(variables: Sequence[Any]) -> int:
    """Weights in some variables."""
    return sum(int(variable.shape.num_elements()) for variable in variables)


def _losses(
    context: Context, model: Any, data: Any, variables: Sequence[Any], wanted: tuple[Sequence[float], _magnitude.Block]
) -> list[float]:
    before = [variable.numpy() for variable in variables]
    losses = []
    for sparsity in wanted[0]:
        for variable, weights in zip(variables, before, strict=True):
            variable.assign(weights * _magnitude.mask(context.tf, context.tf.constant(weights), sparsity, wanted[1]))
        losses.append(_loss(context, model, *data))
    for variable, weights in zip(variables, before, strict=True):
        variable.assign(weights)
    return losses


def _loss(context: Context, model: Any, x: Values, y: Values) -> float:
    """The mean of what training minimises; of classes cross-entropy in nats."""
    return round(context.loss(model, x, y, batch=250), 6)


def allocate(curves: Mapping[str, Curve], zeros: float) -> dict[str, float]:
    """The sparsity of each layer, 0..1, with which they have so many zeros together, at the least predicted loss.

    `zeros` must not be more than all layers have at their last level.
    """
    pieces = sorted(
        (piece for name, curve in curves.items() for piece in _pieces(name, curve)),
        key=lambda piece: piece[0],  # stable: the pieces of a layer, of rising slope, stay in order
    )
    chosen = dict.fromkeys(curves, 0.0)
    for _slope, name, length in pieces:
        taken = min(length, zeros)
        chosen[name] += taken / curves[name].weights
        zeros -= taken
    return {name: round(sparsity, 6) for name, sparsity in chosen.items()}


def _pieces(name: str, curve: Curve) -> list[tuple[float, str, float]]:
    """(rise for each zero, layer, zeros) along the hull from the whole layer to its last level."""
    hull = _hull(_never_falling(curve))
    return [((y1 - y0) / (x1 - x0), name, x1 - x0) for (x0, y0), (x1, y1) in pairwise(hull)]


def _never_falling(curve: Curve) -> list[tuple[float, float]]:
    """(zeros, rise): a scan may show that a layer is better without some weights; that is no reason to begin there."""
    points, highest = [(0.0, 0.0)], 0.0
    for sparsity, rise in curve.points:
        highest = max(highest, rise)
        points.append((sparsity * curve.weights, highest + UNSEEN * sparsity))
    return points


def _hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The lower convex hull of points that come from left to right (A. M. Andrew's monotone chain, 1979)."""
    hull: list[tuple[float, float]] = []
    for point in points:
        while len(hull) > 1 and _turns_down(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return hull


def _turns_down(first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]) -> bool:
    return (middle[1] - first[1]) * (last[0] - first[0]) >= (last[1] - first[1]) * (middle[0] - first[0])
