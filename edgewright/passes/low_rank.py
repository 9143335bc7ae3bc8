"""Kernels of dense layers and convolutions as products of smaller ones, where that saves; then training with a teacher.

Sources of the forms: edgewright/passes/_low_rank/forms.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from edgewright import kinds
from edgewright.errors import UserError
from edgewright.passes import _layers, _reached, _teacher
from edgewright.passes._guided import Guided, learn
from edgewright.passes._low_rank import choose
from edgewright.passes._low_rank.forms import Form, Spectrum, forms, spectrum
from edgewright.passes._low_rank.parts import parts
from edgewright.passes._low_rank.site import cannot_split, site_of
from edgewright.passes.keras_model import mac_counts
from edgewright.passes.keras_model.flow import Flow
from edgewright.passes.keras_model.rebuild import inner_models, rebuilt
from edgewright.passes.order import ON_A_GRID, not_after

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.passes import Context

WHERE = "pass low_rank"
LOST = {"prune": "products of kernels have none of the zeros that {before} made", **ON_A_GRID}
DEFAULT_ENERGY = 0.9

Rank = Annotated[int, Field(ge=1)]


class Options(Guided):
    """Keys of the `[[compress]]` entry: one of `energy`, `keep` and `rank` says how much goes.

    `energy`: share of each kernel's sum of squares that stays (default 0.9); `keep`: share of the model's
    multiply-accumulates that stays, shared out over the layers; `rank`: of layers by name, a number or [r1, r2].
    `multiple_of`: ranks are multiples of it, unless given; `skip`: layers that stay as they are.
    """

    energy: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="share of each kernel's sum of squares that stays; left out: 0.9 where nothing else is said",
    )
    keep: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="share of the model's multiply-accumulates that stays, shared out over the layers",
    )
    rank: dict[kinds.Line, Rank | tuple[Rank, Rank]] = Field(
        default_factory=dict, description="rank of layers by name: a number, or [r1, r2] of a convolution"
    )
    multiple_of: int = Field(default=4, ge=1, le=64, description="ranks are multiples of it, unless given")
    skip: tuple[kinds.Line, ...] = Field(default=(), description="layers that stay as they are", examples=[["dense"]])

    @model_validator(mode="after")
    def _one_measure(self) -> Options:
        given = [name for name in ("energy", "keep", "rank") if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} contradict each other: give one")
        both = sorted(set(self.rank) & set(self.skip))
        if both:
            raise ValueError(f"rank and skip both name {both[0]!r}: a layer is split or skipped")
        return self


OPTIONS = Options

inputs = _teacher.inputs
check = _teacher.check


def check_order(_options: Options, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """Zeros and grids of weights are lost in the products."""
    return not_after("low_rank", LOST, before, where)


def apply(model: Any, data: Split, options: Options, context: Context) -> Any:
    """The model with layers in the place of some that compute nearly the same with less."""
    plan = _plan(model, options)
    context.note("split", plan.rows())
    context.note("left", [{"layer": name, "reason": reason} for name, reason in plan.left.items()])
    if not plan.chosen:
        listed = "; ".join(f"{name}: {reason}" for name, reason in plan.left.items())
        hint = "lower energy, or leave this pass out"
        raise UserError(WHERE, f"no layer can be split ({listed or 'the model has no weights'})", hint=hint)
    _reached.left_alone(context, plan.left)
    names = {layer.name for layer in model._flatten_layers(include_self=False)}
    edits = {plan.found[name].site.layer: parts(plan.found[name], form, names) for name, form in plan.chosen.items()}
    split = rebuilt(context.tf, model, edits)
    share = mac_counts.total(split) / mac_counts.total(model)
    context.say(f"{len(edits)} layers split, {share:.0%} of the multiply-accumulates")
    learn(split, _teacher.teacher_of(options, split, data, context), options, context)
    return split


@dataclass
class _Plan:
    """What becomes of the layers, by name: what was found, the form that it gets, or why it is left."""

    found: dict[str, Spectrum] = field(default_factory=dict)
    chosen: dict[str, Form] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """One row for each layer that is split."""
        return [_row(name, self.found[name], form) for name, form in self.chosen.items()]


def _row(name: str, found: Spectrum, form: Form) -> dict[str, Any]:
    return {
        "layer": name,
        "form": form.kind,
        "ranks": list(form.ranks),
        "kept_energy": round(form.kept, 4),
        "macs": [found.site.macs, form.macs],
        "weights": [found.site.weights, form.weights],
    }


def _plan(model: Any, options: Options) -> _Plan:
    plan = _Plan()
    layers = dict(_weighted(model))
    _layers.check_names(options.skip, layers, f"{WHERE} skip")
    _layers.check_names(options.rank, layers, f"{WHERE} rank")
    for name, (layer, once) in layers.items():
        reason = cannot_split(layer, once=once)
        if name in options.rank and reason:
            raise UserError(f"{WHERE} rank.{name}", reason, hint="leave it out")
        if name in options.skip or (options.rank and name not in options.rank):
            reason = _reached.SKIPPED if name in options.skip else "no rank is given"
        if reason:
            plan.left[name] = reason
        else:
            plan.found[name] = spectrum(site_of(layer))
    _choose(model, plan, options)
    return plan


def _weighted(model: Any) -> list[tuple[str, tuple[Any, bool]]]:
    """Layers that multiply by weights, of models inside too, by name, and whether they are called once."""
    flow = Flow(model)
    found = [(layer.name, (layer, flow.once(layer))) for layer in flow.layers if _multiplies(layer)]
    return found + [row for inner in inner_models(model) for row in _weighted(inner)]


def _multiplies(layer: Any) -> bool:
    """Whether the layer has a kernel, and is no model."""
    names = (variable.name.rsplit("/", 1)[-1].split(":")[0] for variable in layer.weights)
    return not hasattr(layer, "_nodes_by_depth") and any(name.endswith("kernel") for name in names)


def _choose(model: Any, plan: _Plan, options: Options) -> None:
    if options.rank:
        for name in plan.found:
            plan.chosen[name] = choose.by_rank(plan.found[name], options.rank[name], f"{WHERE} rank.{name}")
        return
    possible = {name: forms(found, options.multiple_of) for name, found in plan.found.items()}
    if options.keep is not None:
        plan.chosen = _by_goal(model, plan, possible, options.keep)
    else:
        energy = options.energy or DEFAULT_ENERGY
        picked = {name: choose.by_energy(possible[name], energy) for name in possible}
        plan.chosen = {name: form for name, form in picked.items() if form}
    for name in plan.found:
        if name not in plan.chosen:
            plan.left[name] = _why_left(possible[name], options)


def _why_left(possible: Sequence[Form], options: Options) -> str:
    if not possible:
        return "no form of it saves both multiply-accumulates and weights"
    if options.keep is not None:
        return "others save more for what they lose"
    return f"what saves keeps {possible[0].kept:.1%} of its energy at most"


def _by_goal(model: Any, plan: _Plan, possible: Mapping[str, Sequence[Form]], keep: float) -> dict[str, Form]:
    total = mac_counts.total(model)
    sites = {name: found.site for name, found in plan.found.items()}
    try:
        return choose.by_goal(sites, possible, total - int(keep * total))
    except choose.Unreachable as caught:
        least = (int(keep * total) + caught.missing) / total
        hint = "remove channels first (prune_channels), or skip fewer layers"
        raise UserError(
            f"{WHERE} keep", "cannot be reached", got=keep, allowed=f"{least:.3f} or more", hint=hint
        ) from None
