"""TensorFlow, set up so that the same inputs give the same bytes."""

from __future__ import annotations

import importlib
import os
from typing import Any

# Keras 2, which tensorflow-model-optimization needs; no chatter of the C++ side below errors
ENVIRONMENT = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}

# Sums are split by thread, so results depend on their number: fixed, not that of the machine's cores
THREADS = 2


def import_tensorflow() -> Any:
    """The module `tensorflow` with Keras 2 as `tf.keras`; runs no operation, so that the process can still fork."""
    os.environ.update(ENVIRONMENT)
    return importlib.import_module("tensorflow")


def start(seed: int) -> Any:
    """TensorFlow with deterministic operations and all random generators (Python, numpy, TensorFlow) seeded."""
    tf = import_tensorflow()
    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    tf.config.experimental.enable_op_determinism()
    tf.keras.backend.clear_session()  # layer names count from zero
    tf.keras.utils.set_random_seed(seed)
    return tf
