"""`[data]` of a model."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from edgewright import kinds
from edgewright.sections.section import Section, fault

USUAL_SHARE = 0.2
USUAL_MOST = 5000
"""What is taken for validation where nothing is said: a fifth of the training examples, and at most so many."""


def _part(value: int | float) -> int | float:
    if value >= 1 if isinstance(value, int) else 0 < value < 1:
        return value
    raise fault("is out of range", allowed="a number of examples from 1, or a share between 0.0 and 1.0")


Part = Annotated[int | float, AfterValidator(_part)]
"""Some of the examples: how many, or which share."""


class Data(Section):
    """What the model learns from. A data set that is declared has further keys, which are checked by its form."""

    model_config = ConfigDict(extra="allow")

    dataset: kinds.Name | None = Field(
        default=None, description="name of a data set; left out when model.py has load()"
    )
    validation: Part | None = Field(
        default=None,
        description="how many of the last training examples are validation, or which share of them; left out: a fifth, "
        f"at most {USUAL_MOST:,}",
        examples=[5000, 0.1],
    )
    limit: int | None = Field(default=None, ge=1, description="use only so many examples of each split")

    @property
    def more(self) -> dict[str, Any]:
        """The keys that are the data set's own."""
        return dict(self.model_extra or {})

    def validation_of(self, examples: int) -> int:
        """How many of so many training examples are validation."""
        if self.validation is None:
            return max(1, min(USUAL_MOST, int(examples * USUAL_SHARE)))
        return self.validation if isinstance(self.validation, int) else max(1, round(examples * self.validation))
