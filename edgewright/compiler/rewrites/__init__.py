"""Rewrites of a graph before it is lowered. All are exact: the outputs keep every bit for every input.

A rewrite is one module with `apply(graph) -> (graph, facts)`; facts are counts for the report, empty when nothing was
done. Rewrites never touch the model's inputs and outputs. Each can be left out by name.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping
from typing import Any

from edgewright.errors import UserError, did_you_mean
from edgewright.tflite.graph import Graph

Facts = Mapping[str, Any]
"""What a rewrite did: plain values for JSON."""

ORDER = (
    "fold_constants",
    "remove_identities",
    "fuse_activations",
    "fold_padding",
    "remove_channels",
)
"""Names of the rewrites in the order in which they run."""


def rewrite(graph: Graph, without: Collection[str] = ()) -> tuple[Graph, list[dict[str, Any]]]:
    """The graph after all rewrites but those named, and what each did: {"name": ..., counts}.

    Args:
        graph: checked.
        without: names of rewrites to leave out.

    Raises:
        UserError: a name in `without` is no rewrite.
    """
    for name in sorted(without):
        if name not in ORDER:
            raise UserError("without", "no such rewrite", got=name, allowed=ORDER, hint=did_you_mean(name, ORDER))
    done = []
    for name in ORDER:
        if name not in without:
            graph, facts = importlib.import_module(f"{__name__}.{name}").apply(graph)
            done.append({"name": name, **facts})
    return graph, done
