"""How much each unit matters: a number by root; units with the least go first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from edgewright.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgewright.datasets import Split
    from edgewright.passes import Context
    from edgewright.passes._structure.model import Structure, Weight

    Importance = NDArray[np.float64]

BATCH = 32  # small: the square of a mean over many examples forgets those that matter to few


def taylor(structure: Structure, model: Any, data: Split, context: Context, samples: int) -> Importance:
    """The square of the change of the loss, to first order, when the gate of a unit closes; summed over batches.

    P. Molchanov et al., "Importance Estimation for Neural Network Pruning" (2019), arXiv:1906.10771, with gates. A gate
    stands before every layer that multiplies the channels by weights; there the loss changes with the gate by the
    sum of weight * gradient over the weights that read the channels, so no activation has to be kept.
    """
    reading = [weight for weight in structure.weights if weight.reads is not None]
    step = _gate_gradients(context, model, reading)
    chosen = np.random.default_rng(context.seed).permutation(len(data.train_x))[:samples]
    total = np.zeros(structure.ids)
    for at in range(0, len(chosen), BATCH):
        batch = chosen[at : at + BATCH]
        gates = np.zeros(structure.ids)
        for weight, values in zip(reading, step(data.train_x[batch], data.train_y[batch]), strict=True):
            gates += np.bincount(weight.axes[_axis(weight.reads)], values.numpy(), structure.ids)
        total += gates**2
    return total


def _gate_gradients(context: Context, model: Any, reading: list[Weight]) -> Callable[..., Any]:
    tf = context.tf
    variables = [weight.variable for weight in reading]
    others = [[axis for axis in range(len(weight.shape)) if axis != weight.reads] for weight in reading]

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def step(x: Any, y: Any) -> list[Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            mean = context.error(model, x, y)
        gradients = tape.gradient(mean, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        products = [variable * gradient for variable, gradient in zip(variables, gradients, strict=True)]
        return [tf.reduce_sum(product, axes) for product, axes in zip(products, others, strict=True)]

    return step  # type: ignore[no-any-return]


def l1(structure: Structure, *_others: Any) -> Importance:
    """Mean size of the weights that make a channel, over the mean of its layer."""
    return _by_maker(structure, lambda filters: np.abs(filters).mean(axis=1))


def fpgm(structure: Structure, *_others: Any) -> Importance:
    """Sum of the distances of a filter to all others of its layer, over the mean of the layer.

    Y. He et al., "Filter Pruning via Geometric Median for Deep Convolutional Neural Networks Acceleration" (2019),
    arXiv:1811.00250: a filter near the geometric median of its layer is one that the others can stand in for.
    """

    def distances(filters: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([np.sqrt(((filters - one) ** 2).sum(axis=1)).sum() for one in filters])

    return _by_maker(structure, distances)


def bn_gamma(structure: Structure, *_others: Any) -> Importance:
    """Size of the scale of batch normalisation, after Z. Liu et al., "Network Slimming" (2017), arXiv:1708.06519."""
    total = np.zeros(structure.ids)
    for weight in structure.weights:
        if weight.role == "gamma":
            total += np.bincount(weight.axes[0], np.abs(weight.variable.numpy()), structure.ids)
    return total


def random(structure: Structure, _model: Any, _data: Split, context: Context, _samples: int) -> Importance:
    """Any order is as good as another: the control that a criterion must beat."""
    return np.random.default_rng(context.seed).random(structure.ids)


def without_gamma(structure: Structure) -> list[str]:
    """Layers that make units whose importance batch normalisation does not tell."""
    told = {int(root) for weight in structure.weights if weight.role == "gamma" for root in weight.axes[0]}
    return list(
        dict.fromkeys(layer for root, layers in structure.makers.items() if root not in told for layer in layers)
    )


def _by_maker(structure: Structure, of_filters: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Importance:
    """Sum over the layers that make a unit; `of_filters` takes [channels, weights of each] and gives [channels]."""
    total = np.zeros(structure.ids)
    for weight in structure.weights:
        if weight.makes is not None:
            kernel = np.moveaxis(weight.variable.numpy().astype(np.float64), weight.makes, 0)
            values = of_filters(kernel.reshape(len(kernel), -1))
            total += np.bincount(weight.axes[weight.makes], values / max(values.mean(), 1e-12), structure.ids)
    return total


def _axis(axis: int | None) -> int:
    if axis is None:
        raise ValueError("a weight that reads nothing")
    return axis


CRITERIA: dict[str, Callable[..., Importance]] = {
    "taylor": taylor,
    "bn_gamma": bn_gamma,
    "l1": l1,
    "fpgm": fpgm,
    "random": random,
}


def importance(
    criterion: str, structure: Structure, model: Any, data: Split, context: Context, samples: int
) -> Importance:
    """Of each unit, by root, [structure.ids]; UserError when `bn_gamma` lacks a gamma."""
    if criterion == "bn_gamma" and (missing := without_gamma(structure)):
        raise UserError(
            "pass prune_channels",
            f"criterion bn_gamma needs batch normalisation behind every layer that it prunes, but there is none behind "
            f"{', '.join(missing)}",
            hint=f'use criterion = "taylor", or skip = {missing}'.replace("'", '"'),
        )
    return CRITERIA[criterion](structure, model, data, context, samples)
