"""`[data]` of a model."""

from __future__ import annotations

from pydantic import Field

from edgewright import kinds
from edgewright.sections.section import Section


class Data(Section):
    """What the model learns from."""

    dataset: kinds.Name | None = Field(
        default=None, description="name of a data set; left out when model.py has load()"
    )
    validation: int = Field(default=5000, ge=1, description="how many of the last training examples are validation")
    limit: int | None = Field(default=None, ge=1, description="use only so many examples of each split")
