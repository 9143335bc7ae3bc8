"""What the passes tell about what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.passes._structure.costs import costs

if TYPE_CHECKING:
    from edgewright.metrics import Terms
    from edgewright.passes import Context
    from edgewright.passes._structure.model import Structure

UNTRAINED = "metric_untrained"
"""Of a row: what the model is worth before it is trained on."""

INSTEAD = "the channels that go into it and come out of it are kept"


def left_alone(found: Structure) -> list[dict[str, str]]:
    """Layers that could not be seen through: layer, reason, instead."""
    return [{"layer": one.layer, "reason": one.reason, "instead": INSTEAD} for one in found.blockers]


def nothing_to_prune(model: Any, found: Structure) -> UserError:
    """The error for a model in which every channel must stay."""
    reasons = "; ".join(f"{one.layer} {one.reason}" for one in found.blockers)
    return UserError(
        f"model {model.name}",
        "has no channels that could be removed" + (f": {reasons}" if reasons else ""),
        allowed="a Keras model with convolutions or dense layers before the one that gives the classes",
    )


def widths(model: Any) -> dict[str, int]:
    """Layer with weights -> its output channels."""
    rows = {}
    for layer in model.layers:
        shape = layer.output_shape if layer.weights and not hasattr(layer, "layers") else None
        if isinstance(shape, tuple) and shape[-1]:
            rows[layer.name] = int(shape[-1])
    return rows


def compared(before: dict[str, int], after: dict[str, int]) -> dict[str, list[int]]:
    """Layer -> [channels before, channels after]."""
    return {name: [count, after[name]] for name, count in before.items() if name in after}


def row(model: Any, context: Context, found: Structure) -> dict[str, Any]:
    """One line of the record of a pass: macs, weights, bytes, and what the model is worth on validation data."""
    return costs(found) | {"metric": context.worth(model)}


def summary(rows: list[dict[str, Any]], terms: Terms) -> str:
    """The whole pass in a line."""
    first, last = rows[0], rows[-1]
    parts = [f"{name} {first[name]:,} -> {last[name]:,}" for name in ("macs", "weights")]
    if first["metric"] is not None:
        before, after = (terms.show(row["metric"]) for row in (first, last))
        parts.append(f"{terms.title} on validation data {before} -> {after}")
    return ", ".join(parts)
