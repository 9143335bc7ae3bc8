"""`[compile]` of a target."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from edgewright import kinds
from edgewright.errors import did_you_mean
from edgewright.sections.section import Section, fault

STORAGES = ("raw", "lut", "sparse", "coded", "startup", "install", "auto")
"""How weights lie in flash: bytes, indices into tables, without zeros, coded, coded and unpacked once, or what fits."""

DEFAULT = "default"
"""Key of the layers that a table `weights` does not name."""


class Optimize(Section):
    """What generated C is made for."""

    optimize: Literal["speed", "balanced", "size"] = Field(
        default="balanced", description="what kernels are chosen for, and how the C compiler optimizes them"
    )


class Rounding(Section):
    """What the answers of generated C depend on besides the model."""

    rounding: Literal["tflm", "litert"] = Field(default="tflm", description="whose answers are given, to the bit")


class Portable(Optimize, Rounding):
    """Choices that portable C depends on, too."""

    without: list[kinds.Name] = Field(
        default=[], description="exact rewrites to leave out", examples=[["fold_padding"]]
    )
    input: Literal["whole", "rows", "auto"] = Field(
        default="whole",
        description="how the model is given its input: whole, or row by row, so that its first layers need no whole"
        " images in RAM; auto: by rows where [budget] ram is too small for the whole",
    )


class Compile(Portable):
    """Choices of the C compiler (runtime aot)."""

    variants: dict[kinds.Number, kinds.Name] = Field(
        default={}, description="kernel variant by number of the operator in the file", examples=[{"3": "ref"}]
    )
    weights: kinds.Name | dict[kinds.Name, kinds.Name] = Field(
        default="raw",
        description=f'how weights are stored: {", ".join(STORAGES)}; a table by number of the operator, and "default"',
        examples=[{"default": "raw", "3": "coded"}],
    )

    @field_validator("weights", mode="before")
    @classmethod
    def _are_storages(cls, value: Any) -> Any:
        given = value if isinstance(value, dict) else {DEFAULT: value}
        for layer, storage in given.items():
            if storage not in STORAGES:
                hint = did_you_mean(str(storage), STORAGES)
                raise fault(f"no way to store weights: {storage!r}", allowed=", ".join(STORAGES), hint=hint)
            if layer != DEFAULT and not layer.isdecimal():
                raise fault(f"{layer!r} is no number of an operator", allowed='numbers in quotes, and "default"')
        return value

    @property
    def of_layers(self) -> dict[int, str]:
        """How the weights of single layers are stored, by number of the operator."""
        return {int(layer): storage for layer, storage in self._by_layer.items() if layer != DEFAULT}

    @property
    def of_others(self) -> str:
        """How those of all other layers are."""
        return self._by_layer.get(DEFAULT) or str(Compile.model_fields["weights"].default)

    @property
    def fits_flash(self) -> bool:
        """Whether the compiler chooses how weights are stored, by the flash that there is."""
        return "auto" in self._storages

    @property
    def fits_ram(self) -> bool:
        """Whether the RAM that there is decides how weights are stored, or decoded, or which layers run by rows."""
        return self.input != "whole" or not {"auto", "coded"}.isdisjoint(self._storages)

    @property
    def _storages(self) -> Collection[str]:
        return self._by_layer.values()

    @property
    def _by_layer(self) -> Mapping[str, str]:
        return self.weights if isinstance(self.weights, dict) else {DEFAULT: self.weights}
