"""Keras layers whose kernel is made by a decoder, while everything else of them is as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgewright.passes._latent import entropy
from edgewright.passes._latent.decoders import LATENTS, LIMIT, Decoder

KERNELS = {"Dense": "kernel", "Conv1D": "kernel", "Conv2D": "kernel", "DepthwiseConv2D": "depthwise_kernel"}
_UNIT = 2.0**-5
"""A latent of 1 as it stands in its variable: optimizers take steps that suit weights of about this size.

A power of two: many latents end within a float32's last bit of where they round up, and TensorFlow's graphs divide by
multiplying with the inverse. Unless that is exact, what was trained is not what is stored.
"""


@dataclass(frozen=True)
class Plan:
    """How a layer is coded.

    `rate`: what one bit adds to the loss.
    """

    decoder: Decoder
    rate: float


def coded(tf: Any, layer: Any, plan: Plan) -> Any:
    """A new layer, not built yet, that is `layer` but for its kernel, which `plan` generates; see `Coded`."""
    kernel = KERNELS[type(layer).__name__]
    members = {kernel: property(Coded.decoded, lambda _self, _kernel: None), "kernel_name": kernel}
    made = type(f"Coded{type(layer).__name__}", (Coded, type(layer)), members)(**layer.get_config())
    made.plan, made.tf = plan, tf
    return made


class Coded:
    """What comes before a Keras layer among the base classes of a coded one.

    The layer reads its kernel from an attribute, which is a property here; where it would make the variable of that
    kernel, the variables of latents, decoder and entropy are made.
    """

    plan: Plan
    tf: Any
    kernel_name: str

    def add_weight(self, name: str | None = None, shape: Any = None, **options: Any) -> Any:
        """As Keras has it."""
        if name == self.kernel_name:
            return self._add_latents()
        return super().add_weight(name=name, shape=shape, **options)  # type: ignore[misc]

    def build(self, shape: Any) -> None:
        """As Keras has it; the bits become part of the loss, once however often the layer is called."""
        super().build(shape)  # type: ignore[misc]
        self.add_loss(self._price)  # type: ignore[attr-defined]

    def decoded(self) -> Any:
        """The kernel, a tensor; its gradient goes through the rounding as if that were not there."""
        latents = self._latents()
        straight = latents + self.tf.stop_gradient(self._rounded() - latents)
        return self.plan.decoder.decode(self.tf, straight, self._parameters)

    def exact(self) -> Any:
        """The kernel as the integers make it, a float32 array."""
        decoder = self.plan.decoder
        return decoder.decode(self.tf, self._rounded(), decoder.stored(self.tf, self._parameters)).numpy()

    def integers(self) -> Any:
        """The latents, an int8 array."""
        return self._rounded().numpy().astype("int8")

    def _add_latents(self) -> None:
        start = self.plan.decoder.start()
        latents = start.pop(LATENTS)
        self._latent_kernel = self._variable("latent_kernel", latents * _UNIT)
        self._parameters = self._variables(start)
        self._density = self._variables(entropy.start(latents))

    def _variables(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self._variable(name, value) for name, value in values.items()}

    def _variable(self, name: str, value: Any) -> Any:
        initial = self.tf.keras.initializers.Constant(value)
        return super().add_weight(name=name, shape=value.shape, initializer=initial)  # type: ignore[misc]

    def _latents(self) -> Any:
        return self._latent_kernel / _UNIT

    def _rounded(self) -> Any:
        return self.tf.clip_by_value(self.tf.round(self._latents()), -LIMIT, LIMIT)

    def _price(self) -> Any:
        return self.plan.rate * entropy.bits(self.tf, self._latents(), self._density)
