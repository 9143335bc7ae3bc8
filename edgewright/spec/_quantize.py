"""Keys of `[quantize]` that cannot be true together, or not on this runtime."""

from __future__ import annotations

from edgewright.errors import UserError
from edgewright.sections.quantize import Quantize
from edgewright.spec.target import Target
from edgewright.spec.toml_text import TomlFile

SCHEMES = {
    "aot": ("int8", "int16x8", "float32"),
    "tflite-runtime": ("int8", "int16x8", "float16", "dynamic", "float32"),
    "litert": ("int8", "int16x8", "float16", "dynamic", "float32"),
}
"""What each runtime can run. Generated C has no kernels for float16 weights, nor for dynamic ranges."""

_MIXED = ("aot", "litert")
"""Runtimes whose QUANTIZE takes int8 to int16; that of tflite-runtime, which ends at TensorFlow 2.14, does not."""

_INT8_ALONE = ("calibration", "int16_layers", "sensitivity")
"""Keys that only int8 has."""

_NOTHING = Quantize()


def quantize(file: TomlFile, spec: Target) -> list[UserError]:
    """Faults of a target's `[quantize]`."""
    section = spec.quantize
    return [*_runtime(file, spec), *_int8_alone(file, section), *_training(file, section)]


def _runtime(file: TomlFile, spec: Target) -> list[UserError]:
    scheme, allowed = spec.quantize.scheme, SCHEMES[spec.runtime]
    errors = []
    if scheme not in allowed:
        where = file.where(("quantize", "scheme"))
        errors.append(UserError(where, f"the runtime {spec.runtime} does not run it", got=scheme, allowed=allowed))
    if spec.quantize.int16_layers and spec.runtime not in _MIXED:
        problem = f"the runtime {spec.runtime} cannot go from int8 to int16 inside a model"
        hint = 'set runtime = "litert", or scheme = "int16x8" for the whole model'
        errors.append(UserError(file.where(("quantize", "int16_layers")), problem, allowed=_MIXED, hint=hint))
    return errors


def _int8_alone(file: TomlFile, section: Quantize) -> list[UserError]:
    if section.scheme == "int8":
        return []
    problem = f'needs scheme = "int8", the scheme is "{section.scheme}"'
    given = [key for key in _INT8_ALONE if getattr(section, key) != getattr(_NOTHING, key)]
    errors = [UserError(file.where(("quantize", key)), problem, got=getattr(section, key)) for key in given]
    if section.qat == "always":
        errors.append(UserError(file.where(("quantize", "qat")), problem, got=section.qat, allowed=["auto", "never"]))
    return errors


def _training(file: TomlFile, section: Quantize) -> list[UserError]:
    if section.qat != "always" or section.scheme != "int8":
        return []
    problem = "quantization-aware training learns the ranges of activations itself, for 8 bits"
    errors = []
    if section.int16_layers:
        errors.append(UserError(file.where(("quantize", "int16_layers")), problem, hint='set qat = "never"'))
    if section.calibration != _NOTHING.calibration:
        where = file.where(("quantize", "calibration"))
        errors.append(UserError(where, problem, got=section.calibration, hint='leave it out, or set qat = "never"'))
    return errors
