"""Which form each layer gets: by the energy it keeps, by ranks that are given, or by a goal for the whole model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from edgewright.errors import UserError
from edgewright.passes._low_rank.forms import Form, Spectrum, has_spatial, saves, spatial, tucker
from edgewright.passes._low_rank.site import Site

Ranks = int | tuple[int, int]


class Step(NamedTuple):
    """From one form of a layer to the next smaller one."""

    loss_per_mac: float
    layer: str
    form: Form
    saved: int


def by_energy(forms: Sequence[Form], energy: float) -> Form | None:
    """The form with the fewest multiply-accumulates that keeps `energy`; None when none does and saves."""
    return next((form for form in reversed(forms) if form.kept >= energy), None)


def by_rank(found: Spectrum, ranks: Ranks, where: str) -> Form:
    """The form with given ranks: r1 and r2 of tucker, or one rank, of the form that then keeps most."""
    site = found.site
    _refuse_out_of_range(site, ranks, where)
    if isinstance(ranks, tuple):
        made = [tucker(found, *ranks)]
    else:
        pairs = {(min(r1, site.inputs), min(r2, site.outputs)) for r1, r2 in _pairs(site, ranks)}
        made = [tucker(found, *pair) for pair in sorted(pairs)]
        made += [spatial(site, ranks)] if has_spatial(site) else []
    saving = [form for form in made if saves(site, form)]
    if not saving:
        least = min(form.macs for form in made)
        problem = f"saves nothing: {least} multiply-accumulates in place of {site.macs}"
        raise UserError(where, problem, got=ranks, hint="give a lower rank, or leave the layer out")
    return max(saving, key=lambda form: (form.kept, -form.macs))


def _pairs(site: Site, rank: int) -> list[tuple[int, int]]:
    if site.taps == 1:
        return [(site.inputs, rank)]
    return [(site.inputs, rank), (rank, site.outputs), (rank, rank)]


def _refuse_out_of_range(site: Site, ranks: Ranks, where: str) -> None:
    limits = (site.inputs, site.outputs)
    if isinstance(ranks, tuple):
        wrong = any(rank > limit for rank, limit in zip(ranks, limits, strict=True))
        allowed = f"at most {list(limits)}, its inputs and outputs"
    else:
        most = min(limits) if site.taps == 1 else max(limits)
        wrong, allowed = ranks > most, f"at most {most}"
    if wrong:
        raise UserError(where, "the rank is too high", got=ranks, allowed=allowed)


def by_goal(sites: Mapping[str, Site], forms: Mapping[str, Sequence[Form]], too_many: int) -> dict[str, Form]:
    """Forms that save `too_many` multiply-accumulates together, at the least loss for each that is saved.

    The loss of a form is -log(kept), so that the sum over layers is that of the product of what they keep. Along the
    convex hull of each layer's forms loss per saving only rises, and taking the cheapest step first is best.

    Raises:
        UserError: all forms together save less.
    """
    steps = sorted(step for name, site in sites.items() for step in _steps(name, site, forms[name]))
    chosen: dict[str, Form] = {}
    for step in steps:
        if too_many <= 0:
            break
        chosen[step.layer] = step.form
        too_many -= step.saved
    if too_many > 0:
        raise Unreachable(too_many)
    return chosen


class Unreachable(Exception):  # noqa: N818 - it is told to the user in the words of the option
    """The goal cannot be reached; `missing`: multiply-accumulates that are still too many."""

    def __init__(self, missing: int) -> None:
        self.missing = missing
        super().__init__(missing)


def _steps(name: str, site: Site, forms: Sequence[Form]) -> list[Step]:
    """Along the lower convex hull of (multiply-accumulates saved, loss), from the layer as it is."""
    steps: list[Step] = []
    macs, loss = site.macs, 0.0
    rest = list(forms)
    while rest:
        slopes = [(_loss(form) - loss) / (macs - form.macs) for form in rest]
        at = max(range(len(rest)), key=lambda index: (-slopes[index], index))
        form = rest[at]
        steps.append(Step(max(slopes[at], 0.0), name, form, macs - form.macs))
        macs, loss, rest = form.macs, _loss(form), rest[at + 1 :]
    return steps


def _loss(form: Form) -> float:
    return -math.log(max(form.kept, 1e-30))
