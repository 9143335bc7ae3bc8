"""Targets: what is built for one deployment, one TOML file each in targets/.

The sections whose keys depend on a name (`[[compress]]` on the pass, `[measure]` on the transport) are checked against
the options that the named module declares; the rest is declared here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from edgewright import kinds
from edgewright.errors import did_you_mean
from edgewright.spec._validate import Section, fault
from edgewright.units import Bytes, Microseconds, parse_bytes

STORAGES = ("raw", "lut", "sparse", "coded", "startup", "install", "auto")
"""How weights lie in flash: bytes, indices into tables, without zeros, coded, coded and unpacked once, or what fits."""

RUNTIMES = ("aot", "tflite-runtime", "litert")
LEAST_SAMPLES = 16  # fewer examples say too little of the ranges that activations have


class Budget(Section):
    """Limits; a figure above one fails the build."""

    flash: Bytes | None = Field(default=None, gt=0, description="flash of start-up and model, without a harness")
    ram: Bytes | None = Field(default=None, gt=0, description="RAM of the same, with stack")
    size: Bytes | None = Field(default=None, gt=0, description="the .tflite file")
    latency: Microseconds | None = Field(default=None, gt=0, description="time of one inference")
    latency_instructions: int | None = Field(default=None, gt=0, description="instructions of one inference")
    accuracy_loss: float | None = Field(default=None, ge=0, le=1, description="absolute, against the float model")
    accuracy: float | None = Field(default=None, ge=0, le=1, description="at least so much, of the quantized model")


class Quantize(Section):
    """From float to integers."""

    scheme: Literal["int8", "int16x8", "float16", "dynamic", "float32"] = Field(
        default="int8", description="types of weights and activations"
    )
    calibration_samples: int = Field(default=256, ge=LEAST_SAMPLES, description="training examples that set the ranges")
    calibration: Literal["minmax", "percentile", "mse"] = Field(
        default="minmax", description="how those examples set the ranges of activations"
    )
    percentile: float = Field(default=99.9, gt=50, le=100, description="percent of the values that a range keeps")
    seed: int = Field(default=0, ge=0, description="seed of the choice of those examples")
    recurrent: Literal["operator", "steps"] = Field(
        default="operator", description="form of LSTMs: their operator, or unrolled, for runtimes without it"
    )
    int16_layers: list[kinds.Line] = Field(
        default=[], description="layers whose activations get 16 bits in an int8 model"
    )
    sensitivity: bool = Field(default=False, description="tell for each layer what its quantization costs")
    qat: Literal["auto", "always", "never"] = Field(
        default="auto", description="quantization-aware training: when int8 loses too much, always, or never"
    )
    qat_kind: Literal["auto", "qat", "pqat", "cqat", "pcqat"] = Field(
        default="auto", description="what that training keeps: nothing, zeros, clusters, both"
    )
    qat_threshold: float = Field(
        default=0.003, ge=0, le=1, description="accuracy on validation data that int8 may lose before training is run"
    )
    qat_epochs: int = Field(default=2, ge=1)
    qat_learning_rate: float | None = Field(default=None, gt=0, description="None: a tenth of [train] learning_rate")


class Compile(Section):
    """Choices of the C compiler (runtime aot)."""

    optimize: Literal["speed", "balanced", "size"] = Field(
        default="balanced", description="what kernels are chosen for"
    )
    variants: dict[kinds.Number, kinds.Name] = Field(
        default={}, description="kernel variant by number of the operator in the file"
    )
    without: list[kinds.Name] = Field(default=[], description="exact rewrites to leave out")
    rounding: Literal["tflm", "litert"] = Field(default="tflm", description="whose answers are given, to the bit")
    weights: kinds.Name | dict[kinds.Name, kinds.Name] = Field(
        default="raw", description='how weights are stored; a table by number of the operator, and "default"'
    )

    @field_validator("weights", mode="before")
    @classmethod
    def _are_storages(cls, value: Any) -> Any:
        given = value if isinstance(value, dict) else {"default": value}
        for layer, storage in given.items():
            if storage not in STORAGES:
                hint = did_you_mean(str(storage), STORAGES)
                raise fault(f"no way to store weights: {storage!r}", allowed=", ".join(STORAGES), hint=hint)
            if layer != "default" and not layer.isdecimal():
                raise fault(f"{layer!r} is no number of an operator", allowed='numbers in quotes, and "default"')
        return value

    @property
    def fits_flash(self) -> bool:
        """Whether the compiler chooses how weights are stored, by the flash that there is."""
        return "auto" in self._storages

    @property
    def fits_ram(self) -> bool:
        """Whether the RAM that there is decides how weights are stored, or decoded."""
        return not {"auto", "coded"}.isdisjoint(self._storages)

    @property
    def _storages(self) -> Collection[str]:
        return self.weights.values() if isinstance(self.weights, dict) else (self.weights,)


class Firmware(Section):
    """How firmware is built (runtime aot)."""

    cc: kinds.Path | None = Field(default=None, description="the C compiler, in place of the board's")
    stack: kinds.Size | None = Field(default=None, description='stack that the linker script keeps free: "8 KiB"')
    protocol_name: kinds.Name | None = Field(default=None, description="name of the model that the harness tells")

    @field_validator("stack")
    @classmethod
    def _is_a_size(cls, value: str | None) -> str | None:
        if value is not None:
            parse_bytes(value)
        return value


class Transmit(Section):
    """How the model gets to devices that have an older one."""

    previous: kinds.Path | None = Field(
        default=None, description='the .tflite that devices have, from the project\'s folder; "{model}": its name'
    )
    version: int = Field(default=1, ge=0, lt=1 << 32, description="number of this version")
    previous_version: int | None = Field(
        default=None, ge=0, lt=1 << 32, description="number of the version that devices have; None: one less"
    )

    @property
    def before(self) -> int:
        """Number of the version that devices have."""
        return self.version - 1 if self.previous_version is None else self.previous_version

    @model_validator(mode="after")
    def _are_two_versions(self) -> Transmit:
        if self.previous is not None and (self.before < 0 or self.before == self.version):
            raise ValueError(f"version {self.version} and previous_version {self.before} are no two versions")
        return self


class Target(Section):
    """One target file, `extends` resolved."""

    description: kinds.Line = Field(description="one line for scons -h")
    board: kinds.Name = Field(description="name of a file in targets/boards/")
    runtime: Literal["aot", "tflite-runtime", "litert"] = Field(description="what runs the model on the device")
    model: kinds.Path | None = Field(default=None, description="model that is built when the command line names none")
    budget: Budget = Budget()
    compress: list[dict[str, Any]] = Field(default=[], description="the compression passes, in order")
    quantize: Quantize = Quantize()
    compile: Compile = Compile()
    firmware: Firmware = Firmware()
    transmit: Transmit = Transmit()
    measure: dict[str, Any] = Field(default={}, description="transport and its options")
    flash: dict[str, Any] = Field(default={}, description="tool that programs the board, and its options")


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `over` laid on top: tables are merged, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        inner = merged.get(key)
        merged[key] = merge(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
