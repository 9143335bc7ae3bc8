"""`[preprocess]` of a model: what is done to the examples before the model sees them, in training as on the device."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

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


def _listed(value: object) -> object:
    return [value] if isinstance(value, (dict, Preprocess)) else value


Chain = Annotated[list[Preprocess], BeforeValidator(_listed)]
"""One kind, `[preprocess]`, or several of them, `[[preprocess]]`, which are done one after the other."""


def called(chain: Chain) -> str:
    """The kinds of a chain in words: "resize, then normalise"."""
    return ", then ".join(step.kind for step in chain)
