"""`[preprocess]` of a model: what is done to the examples before the model sees them, in training as on the device."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from edgewright import kinds
from edgewright.sections.section import Section


class Preprocess(Section):
    """What is done to the examples. All other keys are those of its kind, and checked by it."""

    model_config = ConfigDict(extra="allow")

    kind: kinds.Name = Field(description="what is done", examples=["log-mel"])

    @property
    def more(self) -> dict[str, Any]:
        """The keys that are the kind's own."""
        return dict(self.model_extra or {})
