"""Structured pruning: whole channels and neurons go, the tensors get smaller, and fewer multiplications are left.

In each step the importance of every channel is measured anew, the least important go until the step's share is reached,
and the smaller network is trained on, taught by the float model. Channels that meet in a residual addition go together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edgewright import kinds
from edgewright.errors import UserError
from edgewright.passes import _teacher
from edgewright.passes._structure.tuning import Tuning, refused, train
from edgewright.units import Bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgewright.datasets import Split
    from edgewright.passes import Context
    from edgewright.passes._structure.by_layer import Layers, Width
    from edgewright.passes._structure.choose import Limits
    from edgewright.passes._structure.costs import Measure
    from edgewright.passes._structure.model import Structure

MEASURES: tuple[Measure, ...] = ("weights", "macs", "bytes")
Kept = Annotated[float, Field(gt=0, le=1)]


class Until(BaseModel):
    """A limit in absolute figures: exactly one of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: int | None = Field(default=None, ge=1, description="number of weights")
    macs: int | None = Field(default=None, ge=1, description="multiply-accumulates of one inference")
    bytes: Bytes | None = Field(default=None, gt=0, description="bytes of the weights as int8")

    @model_validator(mode="after")
    def _one(self) -> Until:
        if sum(getattr(self, measure) is not None for measure in MEASURES) != 1:
            raise ValueError("give exactly one of weights, macs and bytes")
        return self


class Options(Tuning):
    """Keys of the `[[compress]]` entry.

    `keep`: the share that is left of what `of` names, or `until`: an absolute limit. `criterion`: what tells that a
    channel matters, measured on `samples` training examples. `multiple_of`, `min_channels`: of what a layer is left
    with. `skip`: layers that keep their output channels. `layers`: the share of them that a layer is left with, by
    name: the others make up the amount, and where none is given they stay as they are. `steps`: in how many equal cuts;
    `epochs` of training after each, `final_epochs` (None: as in `[train]`) after the last.
    """

    keep: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="share that is left of what `of` names; left out: 0.5 where `until` says nothing",
    )
    of: Literal["macs", "weights"] | None = Field(default=None, description="what `keep` is a share of; left out: macs")
    until: Until | None = Field(default=None, description="an absolute limit in place of keep")
    criterion: Literal["taylor", "bn_gamma", "l1", "fpgm", "random"] = Field(
        default="taylor", description="what tells that a channel matters"
    )
    samples: int = Field(default=2048, ge=1, description="training examples that it is measured on")
    multiple_of: int = Field(default=4, ge=1, description="a layer is left with a multiple of so many channels")
    min_channels: int = Field(default=4, ge=1, description="and with so many at least")
    skip: tuple[kinds.Line, ...] = Field(
        default=(), description="layers that keep their output channels", examples=[["dense"]]
    )
    layers: dict[kinds.Line, Kept] = Field(
        default={},
        description="share of its channels that a layer is left with; without keep and until no other is cut",
    )
    steps: int = Field(default=4, ge=1, description="in how many equal cuts")
    epochs: int = Field(default=2, ge=0, description="epochs of training after each cut")
    final_epochs: int | None = Field(
        default=None, ge=0, description="epochs of training after the last; left out: as in [train]"
    )

    @model_validator(mode="before")
    @classmethod
    def _amount(cls, values: Any) -> Any:
        """Half of the multiply-accumulates where nothing else is said."""
        if not isinstance(values, dict) or values.get("until") is not None:
            return values
        keep, of = values.get("keep"), values.get("of")
        if keep is None and of is None and values.get("layers"):
            return values
        return values | {"keep": 0.5 if keep is None else keep, "of": "macs" if of is None else of}

    @model_validator(mode="after")
    def _cut_or_kept(self) -> Options:
        both = sorted(set(self.layers) & set(self.skip))
        if both:
            raise ValueError(f"layers and skip both name {both[0]!r}: a layer is cut or skipped")
        return self

    @model_validator(mode="after")
    def _one_amount(self) -> Options:
        if self.until and (self.keep is not None or self.of is not None):
            raise ValueError("give either keep (and of) or until")
        return self


OPTIONS = Options

inputs = _teacher.inputs
check = _teacher.check


def check_order(_options: Options, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """Zeros, clusters and codes would be lost: channels go first."""
    return refused("prune_channels", before, where)


def layers(_tf: Any, model: Any, options: Options) -> list[str]:
    """Those whose channels can go; of layers that lose theirs together the first."""
    from edgewright.passes._structure.by_layer import names

    return list(names(_find(model, options)))


def apply(model: Any, data: Split, options: Options, context: Context) -> Any:
    """The model with fewer channels; names of layers, inputs and outputs stay."""
    from edgewright.passes._structure import facts

    found = _structure(model, options, context)
    named = _named(found, options)
    before, goal = _amounts(found, options, named)
    if before <= goal and all(width.after == width.before for width in named.values()):
        context.say(f"{_measure(options)} {before:,.0f} is within {goal:,.0f}: nothing is removed")
        return model
    rows = [facts.row(model, context, found)]
    widths = facts.widths(model)
    for cut in _cuts(before, goal, options, named):
        model = _smaller(model, data, cut, options, context)
        untrained = context.worth(model)
        train(model, data, cut.epochs, options, context)
        rows.append(facts.row(model, context, _find(model, options)) | {facts.UNTRAINED: untrained})
    context.note("channels", facts.compared(widths, facts.widths(model)))
    context.note("steps", rows)
    context.say(facts.summary(rows, context.terms))
    return model


@dataclass(frozen=True)
class _Cut:
    """One of the steps: what the model is cut down to, and the epochs that it is trained for then (None: `[train]`)."""

    limit: float
    limits: Limits
    epochs: int | None


def _cuts(before: float, goal: float, options: Options, named: Mapping[Layers, Width]) -> list[_Cut]:
    """Each cut leaves the same share of what the one before it left."""
    share = (goal / before) ** (1 / options.steps)
    return [
        _Cut(
            goal if step == options.steps else before * share**step,
            _limits(options, {of: width.at(step, options.steps, options.multiple_of) for of, width in named.items()}),
            options.final_epochs if step == options.steps else options.epochs,
        )
        for step in range(1, options.steps + 1)
    ]


def _named(found: Structure, options: Options) -> Mapping[Layers, Width]:
    from edgewright.passes._structure.by_layer import widths

    return widths(found, options.layers, options.multiple_of, options.min_channels)


def _measure(options: Options) -> Measure:
    """What the amount is counted in."""
    if options.until is None:
        return options.of or "macs"
    return next(measure for measure in MEASURES if getattr(options.until, measure) is not None)


def _find(model: Any, options: Options) -> Structure:
    from edgewright.passes._structure.walk import structure

    return structure(model, options.skip)


def _structure(model: Any, options: Options, context: Context) -> Structure:
    """Of the model as it comes; what cannot be pruned is told."""
    from edgewright.passes._structure import facts

    found = _find(model, options)
    rows = facts.left_alone(found)
    context.note("left_alone", rows)
    for row in rows:
        context.say(f"{row['layer']} {row['reason']}: {row['instead']}")
    if not found.groups:
        raise facts.nothing_to_prune(model, found)
    return found


def _limits(options: Options, counts: Mapping[Layers, int]) -> Limits:
    from edgewright.passes._structure.choose import Limits

    return Limits(options.multiple_of, options.min_channels, counts)


def _amounts(found: Structure, options: Options, named: Mapping[Layers, Width]) -> tuple[float, float]:
    """What the model costs, and what it has to come down to; UserError when it cannot."""
    from edgewright.passes._structure import choose
    from edgewright.passes._structure.costs import Ledger

    measure = _measure(options)
    before = Ledger(found, measure).total
    goal = float(getattr(options.until, measure)) if options.until else before * (options.keep or 1)
    least = choose.smallest(found, measure, _limits(options, {of: width.after for of, width in named.items()}))
    if least > goal:
        raise UserError(
            "pass prune_channels",
            f"{measure} cannot come down to {goal:,.0f}: a layer would be left with less than min_channels",
            got=f"{before:,.0f} now, {least:,.0f} with all layers at their smallest",
            hint="keep more, or lower min_channels or multiple_of",
        )
    return before, goal


def _smaller(model: Any, data: Split, cut_to: _Cut, options: Options, context: Context) -> Any:
    """The model without its least important channels."""
    from edgewright.passes._structure.choose import choose
    from edgewright.passes._structure.criteria import importance
    from edgewright.passes._structure.cut import cut

    found = _find(model, options)
    values = importance(options.criterion, found, model, data, context, options.samples)
    per_cost = options.criterion == "taylor"
    ledger = choose(found, values, _measure(options), cut_to.limit, cut_to.limits, per_cost=per_cost)
    return cut(context.tf, model, found, ledger.kept)
