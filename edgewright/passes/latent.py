"""Generative coding: a small decoder makes the weights of each layer from integer latents that cost few bits.

The latents are learned through the loss of the task, to which the bits that they cost are added: entropy-penalised
reparameterisation, D. Oktay, J. Balle, S. Singh, A. Shrivastava, "Scalable Model Compression by Entropy Penalized
Reparameterization" (2020), arXiv:1906.06624. The gradient goes straight through their rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edgewright import kinds
from edgewright.errors import UserError
from edgewright.passes import _reached, _statistics, _teacher

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.passes import Context
    from edgewright.passes._latent.swap import Swapped

Trained = Literal["identity", "channel_scale", "upsample", "linear", "mlp"]
Size = Annotated[int, Field(ge=1)]
_POST_HOC = ("autoencoder", "vae")  # they reconstruct the weights there are, and are not trained on the task


class LayerOptions(BaseModel):
    """How one layer is coded; None = as the pass says for all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decoder: Trained | None = Field(default=None, description="another decoder for this layer")
    rate: float | None = Field(default=None, gt=0, description="another rate", examples=[1e-6])
    step: float | None = Field(default=None, gt=0, description="another first distance of latents")
    block: tuple[Size, Size] | None = Field(default=None, description="another block")
    group: int | None = Field(default=None, ge=2, description="another group")
    latents: Size | None = Field(default=None, description="another number of latents")
    hidden: Size | None = Field(default=None, description="another number of hidden units")


class Options(_teacher.Taught):
    """Keys of the `[[compress]]` entry; None = as in the model's `[train]`."""

    decoder: Literal["identity", "channel_scale", "upsample", "linear", "mlp", "autoencoder", "vae"] = Field(
        default="channel_scale", description="what makes the weights from latents"
    )
    rate: float = Field(
        default=4e-6, gt=0, description="what a bit costs in the loss: more is smaller and less accurate"
    )
    step: float = Field(
        default=0.5,
        gt=0,
        description="first distance of two neighbouring latents, in standard deviations of the layer's weights",
    )
    block: tuple[Size, Size] = Field(
        default=(2, 2), description="[height, width] of places that share a latent (upsample)"
    )
    group: int = Field(default=32, ge=2, description="weights that a network makes at a time")
    latents: Size = Field(default=8, description="latents that it makes them from")
    hidden: Size = Field(default=16, description="hidden units of the network")
    epochs: int | None = Field(default=None, ge=1, description="epochs of training; left out: as in [train]")
    batch_size: int | None = Field(default=None, ge=1, description="examples a step; left out: as in [train]")
    learning_rate: float | None = Field(
        default=None, gt=0, description="learning rate at the start; left out: as in [train]", examples=[0.001]
    )
    distill: bool = Field(default=False, description="learn from a teacher besides the labels")
    skip: tuple[kinds.Line, ...] = Field(default=(), description="layers that stay as they are", examples=[["dense"]])
    layers: dict[kinds.Line, LayerOptions] = Field(
        default_factory=dict, description="what is otherwise for layers by name"
    )

    @model_validator(mode="after")
    def _one_kind_of_training(self) -> Options:
        own = [name for name, layer in self.layers.items() if layer.decoder]
        if self.decoder in _POST_HOC and own:
            raise ValueError(
                f"no layer ({own[0]}) can have a decoder of its own beside {self.decoder!r}: nothing is trained"
            )
        return self

    def of(self, name: str) -> Options:
        """The options of one layer, with what it has for itself."""
        own = self.layers[name].model_dump(exclude_none=True) if name in self.layers else {}
        return self.model_copy(update=own)


OPTIONS = Options

inputs = _teacher.inputs
check = _teacher.check

_KEEPS_ZEROS = ("identity", "channel_scale")
_ONE = "take one of the two"
_LOST = {
    "cluster": ("latents are other values than the few that cluster gave the weights", _ONE),
    "latent": ("the codes that the first latent stores are lost", _ONE),
}
_LOST_ZEROS = {
    "prune": (
        "this decoder makes several weights from one latent, which keeps none of the zeros of prune",
        'take decoder = "channel_scale", or leave prune out: latents become zero by themselves',
    )
}


def check_order(options: Options, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """Latents are values of their own: the few that clusters had are lost, and blocks of weights keep no zeros."""
    decoders = {options.decoder, *(own.decoder for own in options.layers.values() if own.decoder)}
    lost = _LOST if decoders <= set(_KEEPS_ZEROS) else {**_LOST, **_LOST_ZEROS}
    found = dict.fromkeys(name for name, _ in before if name in lost)
    return [
        UserError(f"{where}.pass", f"'latent' may not come after {name!r}: {lost[name][0]}", hint=lost[name][1])
        for name in found
    ]


def layers(_tf: Any, model: Any, options: Options) -> list[str]:
    """Those that latents can make."""
    from edgewright.passes._latent import choose

    return [name for name in choose.codable(model) if name not in options.skip]


def apply(model: Any, data: Split, options: Options, context: Context) -> Any:
    """The model with weights that its latents make: integers times the scale of their channel; its shapes stay."""
    from edgewright.passes._latent import account, choose
    from edgewright.passes._latent.swap import Swapped

    plans = choose.plans(context.tf, model, options, context.seed)
    left = choose.left(model, plans, options.skip)
    if not plans:
        listed = "; ".join(f"{name}: {reason}" for name, reason in left.items())
        raise UserError("pass latent", f"no layer can be coded ({listed or 'the model has no weights'})")
    _reached.left_alone(context, left)
    swapped = Swapped(context.tf, model, plans)
    if options.decoder not in _POST_HOC:
        _train(swapped, data, options, context)
    swapped.write_back()
    _statistics.renew(model, data, context.seed)
    found = account.notes(model, swapped.coded)
    for name, value in found.items():
        context.note(name, value)
    context.say(account.summary(found))
    return model


def _train(swapped: Swapped, data: Split, options: Options, context: Context) -> None:
    from edgewright.passes._latent import watch
    from edgewright.passes.keras_model.masks import holding_zeros

    context.fit(
        swapped.model,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        decay="cosine",  # latents that go on jumping from one integer to the next end in none of the good ones
        teacher=_teacher.teacher_of(options, swapped.model, data, context) if options.distill else None,
        callbacks=[
            *holding_zeros(context.tf, swapped.model),
            watch.watching(context.tf, swapped.coded),
            _statistics.renewing(context.tf, swapped.model, data, context.seed),
        ],
    )
