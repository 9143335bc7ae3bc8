"""Means and variances of batch normalisations, taken anew from the weights as they are now.

While weights that are rounded train, some jump to and fro between two values up to the last step, and the running
averages of the layers behind them follow late: they belong to no network that there ever was. M. Nagel, M. Fournarakis,
Y. Bondarenko, T. Blankevoort, "Overcoming Oscillations in Quantization-Aware Training" (2022), arXiv:2203.11086, have
measured what that costs; taking them anew is their remedy, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from edgewright.passes._norms import NORMS
from edgewright.several import for_keras

if TYPE_CHECKING:
    from edgewright.datasets import Split

SAMPLES, GLANCE = 10_000, 2000
"""Examples for what is kept, and for a figure on the way."""

BATCH = 500


def renewing(tf: Any, model: Any, data: Split, seed: int) -> Any:
    """A Keras callback that takes the averages anew before each validation, which else judges no network there is.

    Training itself does not read them. Arguments as those of `renew`.
    """
    before = tf.keras.callbacks.Callback()
    before.on_test_begin = lambda _logs=None: renew(model, data, seed, GLANCE)
    return before


def renew(model: Any, data: Split, seed: int, samples: int = SAMPLES) -> int:
    """Set the moving averages of each batch normalisation to the mean over training examples; other weights stay.

    All other layers run as at inference, so that no dropout is among what is measured. Layers that are frozen keep
    their averages.

    Args:
        model: a Keras model, changed in place.
        data: of whose training examples some are taken.
        seed: of their choice.
        samples: how many at most.

    Returns:
        How many layers were set.
    """
    import numpy as np

    norms = [layer for layer in model._flatten_layers() if type(layer).__name__ in NORMS and layer.trainable]
    if not norms:
        return 0
    chosen = np.random.default_rng(seed).permutation(len(data.train_x))[:samples]
    with ExitStack() as stack:
        for layer in norms:
            stack.enter_context(_measuring(layer))
        for start in range(0, len(chosen), BATCH):
            batch = data.train_x[chosen[start : start + BATCH]]
            for layer in norms:
                layer.momentum = start / (start + len(batch))  # of all examples so far the plain mean
            model(for_keras(batch), training=False)
    return len(norms)


@contextmanager
def _measuring(layer: Any) -> Iterator[None]:
    """The layer works as in training, whatever the model is told; then as before."""
    momentum, call = layer.momentum, layer.call
    layer.call = lambda inputs, training=None, **options: call(inputs, training=True, **options)  # noqa: ARG005
    try:
        yield
    finally:
        layer.momentum = momentum
        del layer.call  # that of its class is seen again
