"""Quantization-aware training: a model is trained on while it is rounded as int8 will round it.

B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference" (2018),
arXiv:1712.05877, through tensorflow-model-optimization. Its collaborative kinds keep what passes before left: "pqat"
the zeros of pruning, "cqat" the few values of clustering, "pcqat" both.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.stages import _convert
from edgewright.stages._fit import Run, fit

if TYPE_CHECKING:
    from edgewright.stages._checkpoint import History

KINDS = ("qat", "pqat", "cqat", "pcqat")
LOWER_RATE = 0.1  # of the training's learning rate: what is trained already needs small steps
MOST_CLUSTERS = 256
_WEIGHTS_A_CLUSTER = 4  # fewer than that, and a small layer has few values by chance


def kind_for(model: Any) -> str:
    """The kind that keeps what passes before left in the kernels of `model`."""
    from edgewright.passes import _masks

    zeros, clusters = _masks.has_zeros(model), any(map(_clustered, _masks.kernels(model)))
    return {(False, False): "qat", (True, False): "pqat", (False, True): "cqat", (True, True): "pcqat"}[zeros, clusters]


def _clustered(kernel: Any) -> bool:
    import numpy as np

    values = kernel.numpy().ravel()
    values = values[values != 0]
    return 0 < len(np.unique(values)) <= min(MOST_CLUSTERS, len(values) // _WEIGHTS_A_CLUSTER)


def trained(tf: Any, model: Any, kind: str, run: Run, where: str) -> tuple[bytes, History]:
    """Full-integer int8 TFLite of `model` after the training `run`, and what its epochs gave.

    Raises:
        UserError: the model has layers that cannot be trained so, or the loss is no number any more.
    """
    from edgewright.passes import _masks

    learner = _learner(model, kind, where)
    held = _masks.holding_zeros(tf, learner) if kind == "pqat" else []  # tfmot leaves out depthwise layers
    history = fit(tf, learner, run, held)
    return _convert.fake_quantized(tf, _stripped(learner, kind), where), history


def options(run: Run, epochs: int, learning_rate: float | None) -> Run:
    """The run with the length and the learning rate of this training."""
    rate = learning_rate or LOWER_RATE * run.options.learning_rate
    changed = dataclasses.replace(run.options, epochs=epochs, learning_rate=rate, decay="cosine", warmup_epochs=0)
    return dataclasses.replace(run, options=changed)


def _learner(model: Any, kind: str, where: str) -> Any:
    from tensorflow_model_optimization.quantization import keras as quantization

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of layers without clusters, which are then trained as any other
            return quantization.quantize_apply(quantization.quantize_annotate_model(model), _SCHEMES[kind]())
    except (ValueError, RuntimeError, NotImplementedError) as error:
        problem = f"cannot be trained for quantization: {' '.join(str(error).split())}"
        raise UserError(where, problem, hint='set [quantize] qat = "never"') from error


def _plain() -> Any:
    from tensorflow_model_optimization.python.core.quantization.keras.default_8bit import default_8bit_quantize_scheme

    return default_8bit_quantize_scheme.Default8BitQuantizeScheme()


def _keeping_zeros() -> Any:
    from tensorflow_model_optimization.python.core.quantization.keras.collab_opts.prune_preserve import (
        default_8bit_prune_preserve_quantize_scheme as scheme,
    )

    return scheme.Default8BitPrunePreserveQuantizeScheme()


def _keeping_clusters(zeros: bool) -> Callable[[], Any]:
    def make() -> Any:
        from tensorflow_model_optimization.python.core.quantization.keras.collab_opts.cluster_preserve import (
            cluster_preserve_quantize_registry as registries,
        )
        from tensorflow_model_optimization.python.core.quantization.keras.default_8bit import (
            default_8bit_quantize_scheme as scheme,
        )

        class Registry(registries.Default8bitClusterPreserveQuantizeRegistry):  # type: ignore[misc]
            """A quantizer of its own for each layer: one without zeros must not switch them off for all."""

            def get_quantize_config(self, layer: Any) -> Any:
                fresh = registries.Default8bitClusterPreserveQuantizeRegistry(zeros)
                return fresh.get_quantize_config(layer)

        class Scheme(scheme.Default8BitQuantizeScheme):  # type: ignore[misc]
            def get_quantize_registry(self) -> Any:
                return Registry(zeros)

        return Scheme()

    return make


_SCHEMES: dict[str, Callable[[], Any]] = {
    "qat": _plain,
    "pqat": _keeping_zeros,
    "cqat": _keeping_clusters(zeros=False),
    "pcqat": _keeping_clusters(zeros=True),
}


def _stripped(learner: Any, kind: str) -> Any:
    """The trained model without the variables that only training needs."""
    if kind not in ("cqat", "pcqat"):
        return learner
    from tensorflow_model_optimization.python.core.quantization.keras.collab_opts.cluster_preserve import cluster_utils

    return cluster_utils.strip_clustering_cqat(learner)
