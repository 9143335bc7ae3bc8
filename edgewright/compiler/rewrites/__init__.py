"""Rewrites of a graph before it is lowered. All are exact: the outputs keep every bit for every input.

A rewrite is one module with `apply(graph) -> (graph, facts)`; facts are counts for the report, empty when nothing was
done. Rewrites never touch the model's inputs and outputs. Each can be left out by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from edgewright.compiler.rewrites import (
    fold_batches,
    fold_constants,
    fold_layouts,
    fold_padding,
    fuse_activations,
    pool_blocks,
    remove_channels,
    remove_identities,
    skip_unread,
)
from edgewright.compiler.rewrites._prices import Prices
from edgewright.errors import UserError, did_you_mean
from edgewright.tflite.graph import Graph

__all__ = ["ORDER", "Facts", "Prices", "rewrite"]

Facts = Mapping[str, Any]
"""What a rewrite did: plain values for JSON."""

_REWRITES: dict[str, Callable[[Graph], tuple[Graph, Facts]]] = {
    "fold_constants": fold_constants.apply,
    "fold_batches": fold_batches.apply,
    "remove_identities": remove_identities.apply,
    "fold_layouts": fold_layouts.apply,
    "fuse_activations": fuse_activations.apply,
    "fold_padding": fold_padding.apply,
    "remove_channels": remove_channels.apply,
    "pool_blocks": pool_blocks.apply,
}

ORDER = (*_REWRITES, "skip_unread")
"""Names of the rewrites in the order in which they run."""


def rewrite(
    graph: Graph,
    without: Collection[str] = (),
    check: Callable[[Graph], None] | None = None,
    prices: Prices | None = None,
) -> tuple[Graph, list[dict[str, Any]]]:
    """The graph after all rewrites but those named, and what each did: {"name": ..., counts}.

    Args:
        graph: as read, or checked.
        without: names of rewrites to leave out.
        check: called once, after constants and batches are folded: operators that only make constants need no support,
            and neither do convolutions over the parts of an image.
        prices: what nodes cost, for rewrites that trade memory for time; these are left out where there are none.

    Raises:
        UserError: a name in `without` is no rewrite.
    """
    for name in sorted(without):
        if name not in ORDER:
            raise UserError("without", "no such rewrite", got=name, allowed=ORDER, hint=did_you_mean(name, ORDER))
    done = []
    priced = {} if prices is None else {"skip_unread": skip_unread.applier(prices)}
    for name, apply in {**_REWRITES, **priced}.items():
        if name not in without:
            graph, facts = apply(graph)
            done.append({"name": name, **facts})
        if name == "fold_batches" and check is not None:
            check(graph)
    return graph, done
