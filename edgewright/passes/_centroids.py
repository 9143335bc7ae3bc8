"""The few values that clustering gives to the weights of a layer: a good start, and a count of them afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edgewright.passes.keras_model import masks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDS = 100  # of the refinement; it ends before that on nearly all kernels


def different(kernel: Any, zeros: bool) -> int:
    """How many values a kernel can have, a zero counted once when `zeros` are preserved."""
    import numpy as np

    weights = kernel.numpy()
    return np.count_nonzero(weights) + 1 if zeros else int(weights.size)


def values(layers: Mapping[str, Any]) -> dict[str, int]:
    """Different weights in a kernel of each layer, the most if it has several."""
    import numpy as np

    return {
        name: max(np.unique(kernel.numpy()).size for kernel in masks.kernels(layer)) for name, layer in layers.items()
    }


def refine(clustered: Any) -> None:
    """Move the centroids of every wrapper in a model to the middle of their weights."""
    for wrapper in clustered._flatten_layers(include_self=False, recursive=True):
        for name, centroids in getattr(wrapper, "cluster_centroids", {}).items():
            weights = wrapper.original_clusterable_weights[name].numpy().ravel()
            centroids.assign(lloyd(weights, centroids.numpy(), wrapper.preserve_sparsity))


def hold_exact_zeros(tf: Any, clustered: Any) -> None:
    """Let the wrappers hold just the weights that are zero now: they take all that are near zero for pruned, too."""
    for wrapper in clustered._flatten_layers(include_self=False, recursive=True):
        for name in getattr(wrapper, "sparsity_masks", {}):
            original = wrapper.original_clusterable_weights[name]
            wrapper.sparsity_masks[name] = tf.cast(tf.not_equal(original, 0), tf.float32)


def lloyd(weights: NDArray[np.float32], start: NDArray[np.float32], zero: bool) -> NDArray[np.float32]:
    """Centroids that are the means of the weights next to them; one that has none stays where it is.

    Args:
        weights: float32 [N].
        start: float32 [clusters].
        zero: the zeros among the weights have the centroid 0, which stays.

    Returns:
        float32 [clusters], in the order of `start`, the centroid that is zero being the very same.
    """
    import numpy as np

    order = np.argsort(start, kind="stable")
    centroids = start[order].astype(np.float64)
    weights = np.sort(weights).astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    for _ in range(ROUNDS):
        ends = np.searchsorted(weights, (centroids[1:] + centroids[:-1]) / 2)
        ends = np.concatenate([[0], ends, [len(weights)]])
        counts = np.diff(ends)
        means = np.where(counts > 0, np.diff(sums[ends]) / np.maximum(counts, 1), centroids)
        if zero:
            means[centroids == 0] = 0
        if np.array_equal(means, centroids):
            break
        centroids = means
    refined = np.empty_like(start)
    refined[order] = centroids
    return refined
