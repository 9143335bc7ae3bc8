"""Layers that hand on what they get when the model is not trained."""

from __future__ import annotations

from typing import Any

from edgewright.passes.keras_model.affine import is_linear

IDLE = frozenset(
    {
        *("ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise"),
        *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
        *("RandomBrightness", "RandomContrast", "RandomFlip", "RandomHeight", "RandomRotation", "RandomTranslation"),
        *("RandomWidth", "RandomZoom"),
    }
)
RESHAPES = frozenset({"Flatten", "Reshape"})


def is_idle(layer: Any) -> bool:
    """Whether outputs equal inputs at inference."""
    kind = type(layer).__name__
    if kind == "Activation":
        return is_linear(layer)
    return kind in IDLE or (kind in RESHAPES and layer.input_shape == layer.output_shape)
