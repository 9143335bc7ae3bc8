"""Which weights of a kernel are the smallest: one by one, or in blocks.

A kernel is seen as a matrix [inputs, outputs]; the inputs of a convolution are the places of its window times its input
channels. A block is as large as the mean of its absolute values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Block = tuple[int, int]  # inputs, outputs


def sizes(tf: Any, weights: Any, block: Block) -> Any:
    """How large each block is: float32 [rows, columns] of blocks; those at the edges may be cut."""
    matrix = tf.abs(tf.reshape(weights, [-1, weights.shape[-1]]))
    return _sums(tf, matrix, block) / _sums(tf, tf.ones_like(matrix), block)


def _sums(tf: Any, matrix: Any, block: Block) -> Any:
    (height, width), (rows, columns) = block, matrix.shape
    full = tf.pad(matrix, [[0, -rows % height], [0, -columns % width]])
    return tf.reduce_sum(tf.reshape(full, [-(-rows // height), height, -(-columns // width), width]), axis=[1, 3])


def spread(tf: Any, mask: Any, shape: Any, block: Block) -> Any:
    """A mask of blocks as a mask of weights of the given shape."""
    outputs = shape[-1]
    inputs = shape.num_elements() // outputs
    full = tf.repeat(tf.repeat(mask, block[0], axis=0), block[1], axis=1)
    return tf.reshape(full[:inputs, :outputs], shape)


def mask(tf: Any, weights: Any, sparsity: float, block: Block) -> NDArray[np.bool_]:
    """True where a weight is kept when this share of the blocks, 0..1, becomes zero; at least one block is kept."""
    import numpy as np

    size = sizes(tf, weights, block).numpy()
    kept = np.zeros(size.size, bool)
    count = max(1, round(size.size * (1 - sparsity)))
    kept[np.argsort(-size, axis=None, kind="stable")[:count]] = True
    whole: NDArray[np.bool_] = spread(tf, kept.reshape(size.shape), weights.shape, block).numpy()
    return whole


def in_blocks(tf: Any, pruning: Any, block: Block) -> None:
    """Let a `Pruning` of tensorflow-model-optimization, which knows blocks of dense layers only, take blocks of all."""
    largest = pruning._update_mask

    def update(weights: Any) -> tuple[Any, Any]:
        threshold, kept = largest(sizes(tf, weights, block))
        return threshold, spread(tf, kept, weights.shape, block)

    pruning._maybe_update_block_mask = update
