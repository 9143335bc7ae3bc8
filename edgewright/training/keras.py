"""Keras models in and out of .h5 files, and counts of their weights."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.files import staged
from edgewright.passes.keras_model import stored
from edgewright.several import for_keras
from edgewright.source import load_source
from edgewright.training import ends, interpreters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.several import Values


def load(tf: Any, path: Path, source: Path | None) -> Any:
    """The model in a file, looked at first; `source` is the model.py that registers its own layers, if any."""
    if source is not None:
        load_source(source)
    return stored.load(tf, path)


def outputs(
    tf: Any, path: Path, source: Path | None, x: Values, names: Sequence[str] = ()
) -> list[NDArray[np.float32]]:
    """What the model in a file, of Keras or a float .tflite, gives for examples (n, ...): (n, ...) for each output.

    The outputs are those of `names`, in their order; without names there is only one.
    """
    if path.suffix == ".tflite":
        return interpreters.outputs(tf, path.read_bytes(), x, names)
    model = load(tf, path, source)
    return ends.outputs_of(model, model.predict(for_keras(x), batch_size=1000, verbose=0), names)


def save(model: Any, path: Path) -> None:
    """Write the model without its optimizer; equal models give equal bytes."""
    with staged(path) as aside, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the .h5 format is the one that tensorflow-model-optimization knows
        model.save(aside, save_format="h5", include_optimizer=False)


def layers(model: Any) -> list[dict[str, Any]]:
    """One row for each layer that has weights: name, kind, weights, nonzero, sparsity."""
    import numpy as np

    rows = []
    for layer in model._flatten_layers(include_self=False, recursive=True):
        arrays = [] if layer._self_tracked_trackables else layer.get_weights()
        if not arrays:
            continue
        weights = sum(array.size for array in arrays)
        nonzero = int(sum(np.count_nonzero(array) for array in arrays))
        sparsity = round(1 - nonzero / weights, 6)
        row = {"name": layer.name, "kind": type(layer).__name__, "weights": weights, "nonzero": nonzero}
        rows.append(row | {"sparsity": sparsity})
    return rows


def totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums over `layers`: weights, nonzero_weights, sparsity."""
    weights = sum(row["weights"] for row in rows)
    nonzero = sum(row["nonzero"] for row in rows)
    return {"weights": weights, "nonzero_weights": nonzero, "sparsity": round(1 - nonzero / max(1, weights), 6)}
