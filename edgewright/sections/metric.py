"""`[metric]` of a model."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgewright.sections.section import Section


class Metric(Section):
    """What a good model is judged by."""

    kind: Literal["top1"] = Field(default="top1", description="top1: the share of examples whose class is right")
