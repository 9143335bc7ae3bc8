"""The methods that a scan tries: one or two cheap points of each pass that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from edgewright import registry
from edgewright.sections.quantize import Quantize
from edgewright.spec import Target

Part = Literal["structure", "weights", "quantize"]


@dataclass(frozen=True)
class Candidate:
    """One point of one method.

    Attributes:
        name: for people.
        part: what it changes; a recipe takes at most one candidate of each part.
        entry: the `[[compress]]` entry, with "pass"; None for a change of `[quantize]` alone.
        short: keys of the entry that a short scan has in place of its own.
        scheme: of `[quantize]`.
    """

    name: str
    part: Part
    entry: Mapping[str, Any] | None = field(default=None, hash=False)
    short: Mapping[str, Any] = field(default_factory=dict, hash=False)
    scheme: str = Quantize().scheme


_FEW_STEPS = {"steps": 1, "epochs": 1, "final_epochs": 1, "samples": 512}


def _pruned(final: float) -> Candidate:
    entry = {"pass": "prune", "per_layer": "sensitivity", "schedule": {"final": final}}
    return Candidate(f"prune {final:.0%} per layer", "weights", entry, {"epochs": 1})


def _narrowed(keep: float) -> Candidate:
    entry = {"pass": "prune_channels", "keep": keep, "of": "macs"}
    return Candidate(f"prune_channels to {keep:.0%} of the MACs", "structure", entry, _FEW_STEPS)


PLAIN = Candidate("nothing but int8", "quantize")
_ALL: Sequence[Candidate] = (
    _narrowed(0.75),
    _narrowed(0.5),
    _pruned(0.5),
    _pruned(0.9),
    Candidate("cluster to 16 values", "weights", {"pass": "cluster", "clusters": 16}, {"epochs": 1}),
    Candidate("latent", "weights", {"pass": "latent", "decoder": "upsample", "rate": 4e-6}, {"epochs": 1}),
)
WIDE = Candidate("int16 activations", "quantize", scheme="int16x8")


def candidates() -> list[Candidate]:
    """Those whose pass is there and has the options, the uncompressed int8 model first."""
    wide = [WIDE] if WIDE.scheme in get_args(_schemes()) else []
    return [PLAIN, *wide, *filter(_is_there, _ALL)]


def _schemes() -> Any:
    return type(Target.model_fields["quantize"].default).model_fields["scheme"].annotation


def _is_there(candidate: Candidate) -> bool:
    entry = dict(candidate.entry or {})
    return entry.pop("pass") in registry.passes.names()
