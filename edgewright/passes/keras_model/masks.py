"""The zeros that a pass before this one made: kept at zero while a model trains.

    context.fit(model, callbacks=holding_zeros(context.tf, model))

Kernels only: a bias or a scale of a batch norm that happens to be zero goes on learning.
"""

from __future__ import annotations

from typing import Any

LEAST_SHARE = 0.001  # of a kernel: fewer zeros are chance, and not worth an operation at every step


def kernels(model: Any) -> list[Any]:
    """The trainable variables that inputs are multiplied by: of dense, convolution, recurrent and embedding layers.

    Found by the names that Keras gives its variables, so that layers inside wrappers and inside models count, too, and
    so that what is no kernel though it has two dimensions (the biases of a GRU, the slopes of a PReLU) does not.
    """
    return [variable for variable in model.trainable_variables if _is_kernel(variable.name)]


def _is_kernel(name: str) -> bool:
    return name.partition(":")[0].endswith(("kernel", "embeddings"))


def zero_share(variable: Any) -> float:
    """The share of exact zeros, 0..1; 0 where there are so few that nobody made them."""
    import numpy as np

    share = 1 - np.count_nonzero(variable.numpy()) / max(1, int(variable.shape.num_elements()))
    return float(share) if share >= LEAST_SHARE else 0.0


def nonzero(variable: Any) -> int:
    """How many of its weights are not zero."""
    import numpy as np

    return int(np.count_nonzero(variable.numpy()))


def has_zeros(model: Any) -> bool:
    """Whether an earlier pass pruned the model."""
    return any(zero_share(variable) for variable in kernels(model))


def holding_zeros(tf: Any, model: Any) -> list[Any]:
    """Callbacks for `context.fit` that hold at zero what is zero in the kernels of `model` now; none if nothing is.

    Each step of the optimizer is followed by a projection: what was zero is set to zero again, so that every forward
    pass, every checkpoint and the result have the zeros. Call it before the first `fit`: the masks are those of the
    model as the pass got it, which makes a pass that was killed and runs again take the same ones.

    Args:
        tf: the module `tensorflow`.
        model: the model that will be trained; wrapped already, if the pass wraps its layers.
    """
    held = [(variable, tf.cast(tf.not_equal(variable, 0), variable.dtype)) for variable in _pruned(model)]
    return [_projecting(tf, held)] if held else []


def _pruned(model: Any) -> list[Any]:
    return [variable for variable in kernels(model) if zero_share(variable)]


def _projecting(tf: Any, held: list[tuple[Any, Any]]) -> Any:
    def project() -> None:
        for variable, mask in held:
            variable.assign(variable * mask)

    callback = tf.keras.callbacks.Callback()
    callback.after_step = project
    return callback
