"""`[quantize]` of a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from edgewright import kinds
from edgewright.sections.section import Section

LEAST_SAMPLES = 16  # fewer examples say too little of the ranges that activations have

CALIBRATED = ("int8", "int16x8")
"""Schemes whose activations have ranges, which examples set."""

_FORM = ("scheme", "recurrent")
_EXAMPLES = (*_FORM, "calibration_samples", "seed")
_TRAINING = ("qat_kind", "qat_threshold", "qat_epochs", "qat_learning_rate")


class Quantize(Section):
    """From float to integers."""

    scheme: Literal["int8", "int16x8", "float16", "dynamic", "float32"] = Field(
        default="int8", description="types of weights and activations"
    )
    calibration_samples: int = Field(
        default=256, ge=LEAST_SAMPLES, description="training examples that set the ranges, at most what there are"
    )
    calibration: Literal["minmax", "percentile", "mse"] = Field(
        default="minmax", description="how those examples set the ranges of activations"
    )
    percentile: float = Field(default=99.9, gt=50, le=100, description="percent of the values that a range keeps")
    seed: int = Field(default=0, ge=0, description="seed of the choice of those examples")
    recurrent: Literal["operator", "steps"] = Field(
        default="operator", description="form of LSTMs: their operator, or unrolled, for runtimes without it"
    )
    int16_layers: list[kinds.Line] = Field(
        default=[], description="layers whose activations get 16 bits in an int8 model", examples=[["dense"]]
    )
    factors: Literal["exact", "coarse"] = Field(
        default="exact",
        description="scales and biases of layers that latent coded: as the converter gives them, or of few bits, which"
        " codes store in a third of the bytes",
    )
    sensitivity: bool = Field(default=False, description="tell for each layer what its quantization costs")
    qat: Literal["auto", "always", "never"] = Field(
        default="auto", description="quantization-aware training: when int8 loses too much, always, or never"
    )
    qat_kind: Literal["auto", "qat", "pqat", "cqat", "pcqat"] = Field(
        default="auto", description="what that training keeps: nothing, zeros, clusters, both"
    )
    qat_threshold: float | None = Field(
        default=None,
        ge=0,
        description="how much worse int8 may be on validation data, in its metric's own terms, before training is run;"
        " left out: 0.003 of a share or a score, a twentieth of the float model's error",
        examples=[0.003],
    )
    qat_epochs: int = Field(default=2, ge=1, description="epochs of that training")
    qat_learning_rate: float | None = Field(
        default=None, gt=0, description="left out: a tenth of [train] learning_rate", examples=[0.0001]
    )

    @property
    def trains(self) -> bool:
        """Whether training may be run for it."""
        return self.scheme == "int8" and self.qat != "never"

    def form(self, scheme: str) -> Quantize:
        """Of the float model beside this one: another scheme, the rest alike as far as it is read."""
        return self.model_copy(update={"scheme": scheme}).essential()

    def essential(self) -> Quantize:
        """The same with every key at its default that its scheme and its other keys make nobody read."""
        return Quantize(**{name: getattr(self, name) for name in self._read()})

    def _read(self) -> Sequence[str]:
        if self.scheme not in CALIBRATED:
            return _FORM
        if self.scheme != "int8":
            return _EXAMPLES
        unread = set(() if self.trains else _TRAINING) | set(
            () if self.calibration == "percentile" else ("percentile",)
        )
        return [name for name in Quantize.model_fields if name not in unread]
