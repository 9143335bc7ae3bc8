"""Kinds of preprocessing by their names, as the stages of training and of a device read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from edgewright.frontend import Step
from edgewright.registry import preprocessing
from edgewright.stages._chosen import chosen


def steps_of(chain: Iterable[tuple[object, Mapping[str, Any]]]) -> list[Step]:
    """The modules of kinds, and their keys as OPTIONS; UserError as of `chosen`."""
    return [
        Step(*chosen(preprocessing, kind, keys, f"preprocess[{number}]")) for number, (kind, keys) in enumerate(chain)
    ]
