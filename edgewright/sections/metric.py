"""`[metric]` of a model."""

from __future__ import annotations

from typing import Literal

from edgewright.sections.section import Section


class Metric(Section):
    """What a good model is judged by."""

    kind: Literal["top1"] = "top1"
