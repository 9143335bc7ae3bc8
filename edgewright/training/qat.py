"""Quantization-aware training: a model is trained on while it is rounded as int8 will round it.

B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference" (2018),
arXiv:1712.05877, through tensorflow-model-optimization. Its collaborative kinds keep what passes before left: "pqat"
the zeros of pruning, "cqat" the few values of clustering, "pcqat" both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.training import conversion, qat_ranges
from edgewright.training.epochs import Run
from edgewright.training.fit import fit
from edgewright.training.qat_model import Prepared, prepare, write_back

if TYPE_CHECKING:
    from edgewright.several import Values
    from edgewright.training.calibrate import Chooser
    from edgewright.training.checkpoint import History

KINDS = ("qat", "pqat", "cqat", "pcqat")
_CLUSTERED = ("cqat", "pcqat")
LOWER_RATE = 0.1  # of the training's learning rate: what is trained already needs small steps
MOST_CLUSTERS = 256
_WEIGHTS_A_CLUSTER = 4  # fewer than that, and a small layer has few values by chance


def kind_for(model: Any) -> str:
    """The kind that keeps what passes before left in the kernels of `model`."""
    from edgewright.passes.keras_model import masks

    zeros, clusters = masks.has_zeros(model), any(map(_clustered, masks.kernels(model)))
    return {(False, False): "qat", (True, False): "pqat", (False, True): "cqat", (True, True): "pcqat"}[zeros, clusters]


def _clustered(kernel: Any) -> bool:
    import numpy as np

    values = kernel.numpy().ravel()
    values = values[values != 0]
    return 0 < len(np.unique(values)) <= min(MOST_CLUSTERS, len(values) // _WEIGHTS_A_CLUSTER)


@dataclass(frozen=True)
class Means:
    """What a training needs beside the model.

    `where`: the model's name in messages; `samples`: examples that ranges begin with; `choose`: takes a range from a
    histogram, None for all of it; `convert`: makes full-integer TFLite of a Keras model by calibration.
    """

    where: str
    samples: Values
    choose: Chooser | None
    convert: Callable[[Any], bytes]


@dataclass(frozen=True)
class Trained:
    """Full-integer int8 TFLite, what the epochs of the training gave, and what quantize.json says of it."""

    tflite: bytes
    history: History
    facts: dict[str, Any]


def trained(tf: Any, model: Any, kind: str, run: Run, means: Means) -> Trained:
    """`model` after the training `run`; ranges begin at those of the calibration examples.

    Raises:
        UserError: the model has no layers that can be trained so, or the loss is no number any more.
    """
    prepared = prepared_for(tf, model, kind, means.where)
    qat_ranges.start(prepared.learner, means.samples, means.choose)
    return learned(tf, prepared, kind, run, means)


def prepared_for(tf: Any, model: Any, kind: str, where: str) -> Prepared:
    """The learner for `model`, its ranges where the library begins them."""
    return prepare(tf, model, _SCHEMES[kind](), where, _clustered if kind in _CLUSTERED else None)


def learned(tf: Any, prepared: Prepared, kind: str, run: Run, means: Means) -> Trained:
    """Train the learner, and convert what it became.

    Its own ranges are taken where all layers have some. Else the weights go back into the model without fake
    quantization, whose ranges are calibrated: so no layer stays in float.
    """
    from edgewright.passes.keras_model import masks

    held = masks.holding_zeros(tf, prepared.learner) if kind == "pqat" else []  # tfmot leaves out depthwise layers
    history = fit(tf, prepared.learner, run, held)
    stripped = _stripped(prepared.learner, kind)
    own = None if prepared.left else _with_own_ranges(tf, stripped, means.where)
    tflite = means.convert(write_back(prepared, stripped)) if own is None else own
    facts = {"ranges": "calibrated" if own is None else "learned", "without_fake_quantization": prepared.left}
    return Trained(tflite, history, facts)


def _with_own_ranges(tf: Any, stripped: Any, where: str) -> bytes | None:
    """None where the converter leaves floats between the ranges."""
    try:
        return conversion.fake_quantized(tf, stripped, where)
    except UserError:
        return None


def options(run: Run, epochs: int, learning_rate: float | None) -> Run:
    """The run with the length and the learning rate of this training."""
    rate = learning_rate or LOWER_RATE * run.options.learning_rate
    changes = {
        "epochs": epochs,
        "learning_rate": rate,
        "decay": "cosine",
        "warmup_epochs": 0,
        "early_stopping": None,
        "fit": None,
    }
    return dataclasses.replace(run, options=run.options.model_copy(update=changes))


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
    if kind not in _CLUSTERED:
        return learner
    from tensorflow_model_optimization.python.core.quantization.keras.collab_opts.cluster_preserve import cluster_utils

    return cluster_utils.strip_clustering_cqat(learner)
