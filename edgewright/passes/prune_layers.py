"""Whole residual blocks, and layers that give the shape that they get, go: a shallower network with less latency.

What goes is found by trying: the loss on validation data is measured with each candidate left out, the one that harms
least goes, and all others are tried again. Then the network is trained on, taught by the float model.

That residual networks survive the loss of blocks: A. Veit, M. Wilber, S. Belongie, "Residual Networks Behave Like
Ensembles of Relatively Shallow Networks" (2016), arXiv:1605.06431.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field, model_validator

from edgewright import kinds
from edgewright.errors import UserError
from edgewright.passes import _teacher
from edgewright.passes._structure.tuning import Tuning, refused, train

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgewright.datasets import Split
    from edgewright.passes import Context
    from edgewright.passes._structure.drop import Drop

WHERE = "pass prune_layers"


class Options(Tuning):
    """Keys of the `[[compress]]` entry.

    How much goes, one of: `remove`, so many blocks or layers; `keep`, until this share of the multiply-accumulates is
    left; `max_loss`, as long as the validation loss (cross-entropy, before training) rises by no more than this.
    `skip`: layers that must not go. `epochs` of training at the end, None = as in `[train]`.
    """

    remove: int | None = Field(
        default=None, ge=1, description="so many blocks or layers go; left out: 1 where nothing else is said"
    )
    keep: float | None = Field(
        default=None, gt=0, lt=1, description="they go until this share of the multiply-accumulates is left"
    )
    max_loss: float | None = Field(
        default=None, gt=0, description="they go as long as the validation loss rises by no more"
    )
    skip: tuple[kinds.Line, ...] = Field(default=(), description="layers that must not go", examples=[["dense"]])
    epochs: int | None = Field(default=None, ge=0, description="epochs of training at the end; left out: as in [train]")

    @model_validator(mode="before")
    @classmethod
    def _amount(cls, values: Any) -> Any:
        """One goes where nothing else is said."""
        said = isinstance(values, dict) and any(values.get(name) is not None for name in ("remove", "keep", "max_loss"))
        return values if said or not isinstance(values, dict) else values | {"remove": 1}

    @model_validator(mode="after")
    def _one_amount(self) -> Options:
        if sum(amount is not None for amount in (self.remove, self.keep, self.max_loss)) != 1:
            raise ValueError("give exactly one of remove, keep and max_loss")
        return self


OPTIONS = Options

inputs = _teacher.inputs
check = _teacher.check


def check_order(_options: Options, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """Zeros, clusters and codes would be lost: layers go first."""
    return refused("prune_layers", before, where)


def apply(model: Any, data: Split, options: Options, context: Context) -> Any:
    """The model with fewer layers; the names of those that stay, of inputs and of outputs are as before."""
    from edgewright.passes._structure import facts
    from edgewright.passes._structure.walk import structure

    _check(model, data, options)
    rows = [facts.row(model, context, structure(model))]
    model, gone = _shortened(model, data, options, context)
    context.note("dropped", gone)
    if not gone:
        context.say("every block or layer left out raises the loss by more than max_loss: nothing is removed")
        return model
    untrained = context.worth(model)
    train(model, data, options.epochs, options, context)
    rows.append(facts.row(model, context, structure(model)) | {facts.UNTRAINED: untrained})
    context.note("steps", rows)
    context.say(facts.summary(rows, context.terms))
    return model


class _Tried(NamedTuple):
    """A candidate, the validation loss without it, and the multiply-accumulates that it saves."""

    drop: Drop
    loss: float
    saved: int


def _check(model: Any, data: Split, options: Options) -> None:
    from edgewright.passes._structure.drop import drops
    from edgewright.passes._structure.walk import structure

    structure(model, options.skip)
    if not len(data.validation_x):
        raise UserError(WHERE, "needs validation data to judge by", hint="set [data] validation")
    if not drops(model, options.skip):
        raise UserError(
            f"model {model.name}",
            "has no block or layer that could be left out",
            allowed="additions (keras.layers.Add) of two paths of one shape, layers that give the shape that they get",
            hint="prune_channels makes any network of convolutions and dense layers smaller",
        )


def _shortened(model: Any, data: Split, options: Options, context: Context) -> tuple[Any, list[dict[str, Any]]]:
    """The model without what goes, not trained yet, and a row for each that went."""
    from edgewright.passes._structure.drop import vanishing, without
    from edgewright.passes.keras_model import mac_counts

    start = loss = context.once("loss", lambda: _loss(model, data, context))
    goal = mac_counts.total(model) * (options.keep or 0)
    gone: list[dict[str, Any]] = []
    while options.remove is None or len(gone) < options.remove:
        if options.keep is not None and mac_counts.total(model) <= goal:
            break
        best = _best(_tried(model, data, options, context, len(gone)), loss, options)
        if best is None and options.max_loss is None:
            raise _too_much(model, options, gone)
        if best is None or (options.max_loss is not None and best.loss - start > options.max_loss):
            break
        layers = [layer.name for layer in model.layers if layer.name in vanishing(model, best.drop)]
        gone.append({"layers": layers, "instead": best.drop.instead, "loss": best.loss, "macs_saved": best.saved})
        model, loss = without(context.tf, model, best.drop), best.loss
    return model, gone


def _tried(model: Any, data: Split, options: Options, context: Context, number: int) -> list[_Tried]:
    """Every candidate left out once; remembered, for it takes long."""
    from edgewright.passes._structure.drop import drops, saved, without

    found = drops(model, options.skip)
    losses = context.once(
        f"losses {number}", lambda: [_loss(without(context.tf, model, drop), data, context) for drop in found]
    )
    return [_Tried(drop, loss, saved(model, drop)) for drop, loss in zip(found, losses, strict=True)]


def _best(tried: list[_Tried], loss: float, options: Options) -> _Tried | None:
    """The least harmful: by loss, or where MACs are to be saved by the rise of the loss for each."""
    if options.keep is None:
        return min(tried, key=lambda one: one.loss, default=None)
    return min(tried, key=lambda one: (one.loss - loss) / one.saved, default=None)


def _loss(model: Any, data: Split, context: Context) -> float:
    """What training minimises, on the validation data."""
    return context.loss(model, data.validation_x, data.validation_y)


def _too_much(model: Any, options: Options, gone: list[dict[str, Any]]) -> UserError:
    from edgewright.passes.keras_model import mac_counts

    wanted = f"remove = {options.remove}" if options.remove else f"keep = {options.keep}"
    return UserError(
        WHERE,
        f"{wanted} is more than can be left out",
        got=f"{len(gone)} blocks and layers, after which {mac_counts.total(model):,} multiply-accumulates are left",
        hint="ask for less here, and let prune_channels do the rest",
    )
