"""Structured pruning: whole channels and neurons go, the tensors get smaller, and fewer multiplications are left.

In each step the importance of every channel is measured anew, the least important go until the step's share is reached,
and the smaller network is trained on, taught by the float model. Channels that meet in a residual addition go together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from edgewright.errors import UserError
from edgewright.spec.units import parse_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgewright.datasets import Split
    from edgewright.passes import Context
    from edgewright.passes._structure.choose import Limits
    from edgewright.passes._structure.costs import Measure
    from edgewright.passes._structure.model import Structure

MEASURES: tuple[Measure, ...] = ("weights", "macs", "bytes")

# their zeros, clusters and codes would be lost: what is left is trained on without knowing of them
COME_LATER = ("prune", "cluster", "latent")

Bytes = Annotated[
    int,
    BeforeValidator(parse_bytes),
    PlainSerializer(lambda size: f"{size} B", return_type=str),
    Field(gt=0),
]


class Until(BaseModel):
    """A limit in absolute figures: exactly one of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: int | None = Field(default=None, ge=1)
    macs: int | None = Field(default=None, ge=1)
    bytes: Bytes | None = None

    @model_validator(mode="after")
    def _one(self) -> Until:
        if sum(getattr(self, measure) is not None for measure in MEASURES) != 1:
            raise ValueError("give exactly one of weights, macs and bytes")
        return self


class Options(BaseModel):
    """Keys of the `[[compress]]` entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: float | None = Field(default=None, gt=0, lt=1)
    of: Literal["macs", "weights"] | None = None
    until: Until | None = None
    criterion: Literal["taylor", "bn_gamma", "l1", "fpgm", "random"] = "taylor"
    samples: int = Field(default=2048, ge=1)
    multiple_of: int = Field(default=4, ge=1)
    min_channels: int = Field(default=4, ge=1)
    skip: list[str] = []
    steps: int = Field(default=4, ge=1)
    epochs: int = Field(default=2, ge=0)
    final_epochs: int | None = Field(default=None, ge=0)
    batch_size: int | None = Field(default=None, ge=1)
    learning_rate: float | None = Field(default=None, gt=0)
    decay: Literal["none", "cosine"] = "cosine"
    distill: bool = True
    temperature: float = Field(default=4.0, gt=0)
    share: float = Field(default=0.9, ge=0, le=1)

    @model_validator(mode="before")
    @classmethod
    def _amount(cls, values: Any) -> Any:
        """Half of the multiply-accumulates where nothing else is said."""
        if not isinstance(values, dict) or values.get("until") is not None:
            return values
        keep, of = values.get("keep"), values.get("of")
        return values | {"keep": 0.5 if keep is None else keep, "of": "macs" if of is None else of}

    @model_validator(mode="after")
    def _one_amount(self) -> Options:
        if self.until and (self.keep is not None or self.of is not None):
            raise ValueError("give either keep (and of) or until")
        return self


OPTIONS = Options


def refuses(_options: Options, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """Passes whose work the training of this one would undo must come after it."""
    lost = [name for name, _ in before if name in COME_LATER]
    if not lost:
        return []
    return [
        UserError(
            where,
            f"prune_channels trains the network on and would lose what {lost[0]} has made",
            hint=f"put prune_channels before {lost[0]}",
        )
    ]


def apply(model: Any, data: Split, options: Options, context: Context) -> Any:
    """The model with fewer channels; names of layers, inputs and outputs stay."""
    from edgewright.passes._structure import facts

    found = _structure(model, options, context)
    measure = measure_of(options)
    before, goal = _amounts(found, measure, options)
    widths = facts.widths(model)
    rows = [facts.row(model, data, found)]
    for step in range(1, options.steps + 1):
        limit = before * (goal / before) ** (step / options.steps)
        model = _smaller(model, data, limit, options, context)
        cut = facts.accuracy(model, data)
        _train(model, options, context, last=step == options.steps)
        found = _find(model, options)
        rows.append(facts.row(model, data, found) | {"accuracy_untrained": cut})
    context.note("channels", facts.compared(widths, facts.widths(model)))
    context.note("steps", rows)
    context.say(facts.summary(rows))
    return model


def measure_of(options: Options) -> Measure:
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


def _limits(options: Options) -> Limits:
    from edgewright.passes._structure.choose import Limits

    return Limits(options.multiple_of, options.min_channels)


def _amounts(found: Structure, measure: Measure, options: Options) -> tuple[float, float]:
    """What the model costs, and what it has to come down to; UserError when it cannot."""
    from edgewright.passes._structure import choose
    from edgewright.passes._structure.costs import Ledger

    before = Ledger(found, measure).total
    goal = float(getattr(options.until, measure)) if options.until else before * (options.keep or 1)
    least = choose.smallest(found, measure, _limits(options))
    if least > goal:
        raise UserError(
            "pass prune_channels",
            f"{measure} cannot come down to {goal:,.0f}: a layer would be left with less than min_channels",
            got=f"{before:,.0f} now, {least:,.0f} with all layers at their smallest",
            hint="keep more, or lower min_channels or multiple_of",
        )
    return before, goal


def _smaller(model: Any, data: Split, limit: float, options: Options, context: Context) -> Any:
    """The model without its least important channels, cut down to `limit`."""
    from edgewright.passes._structure.choose import choose
    from edgewright.passes._structure.criteria import importance
    from edgewright.passes._structure.cut import cut

    found = _find(model, options)
    values = importance(options.criterion, found, model, data, context, options.samples)
    per_cost = options.criterion == "taylor"
    ledger = choose(found, values, measure_of(options), limit, _limits(options), per_cost=per_cost)
    return cut(context.tf, model, found, ledger.kept)


def _train(model: Any, options: Options, context: Context, *, last: bool) -> None:
    from edgewright.passes import Teacher

    epochs = options.final_epochs if last else options.epochs
    if epochs == 0:
        return
    teacher = Teacher(context.reference(), options.temperature, options.share) if options.distill else None
    context.fit(
        model,
        epochs=epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        decay=options.decay,
        teacher=teacher,
    )
