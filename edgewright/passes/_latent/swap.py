"""A second model that trains, with coded layers in place of some, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgewright.errors import UserError
from edgewright.passes._latent.layers import KERNELS, Plan, coded


class Swapped:
    """The model to train.

    Args:
        tf: the module `tensorflow`.
        model: a Keras model of layers, not a subclassed one; it keeps its weights until `write_back`.
        plans: by the name of the layer.

    Attributes:
        model: computes what `model` does, with the kernels that the latents give.
    """

    def __init__(self, tf: Any, model: Any, plans: Mapping[str, Plan]) -> None:
        self._tf = tf
        self._plans = plans
        self._pairs: list[tuple[Any, Any]] = []
        try:
            self.model = self._clone(model)
        except ValueError as error:
            raise UserError("pass latent", f"the model cannot be rebuilt from its layers: {error}") from error
        for old, new in self._pairs:
            new.set_weights(_carried(old, new))

    @property
    def coded(self) -> dict[str, Any]:
        """The coded layers of the model, by name."""
        return {old.name: new for old, new in self._pairs if hasattr(new, "plan")}

    def write_back(self) -> None:
        """Give the first model all that the second has learned; its kernels are then exactly what the latents make."""
        for old, new in self._pairs:
            if not hasattr(new, "plan"):
                old.set_weights(new.get_weights())
                continue
            getattr(old, KERNELS[type(old).__name__]).assign(new.exact())
            if old.use_bias:
                old.bias.assign(new.bias)

    def _clone(self, model: Any) -> Any:
        return self._tf.keras.models.clone_model(model, clone_function=self._layer)

    def _layer(self, layer: Any) -> Any:
        if hasattr(layer, "layers"):
            return self._clone(layer)
        plan = self._plans.get(layer.name)
        new = coded(self._tf, layer, plan) if plan else type(layer).from_config(layer.get_config())
        self._pairs.append((layer, new))
        return new


def _carried(old: Any, new: Any) -> list[Any]:
    """The weights that the new layer begins with: of a coded one just the bias is taken over."""
    if not hasattr(new, "plan"):
        return list(old.get_weights())
    biases = iter([old.bias.numpy()] if old.use_bias else [])
    return [next(biases) if weight is getattr(new, "bias", None) else weight.numpy() for weight in new.weights]
