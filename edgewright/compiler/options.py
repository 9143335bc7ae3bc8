"""The section [compile] of a target file as CompileOptions.

[compile]
optimize = "balanced"          # speed | size | balanced
without  = ["fold_padding"]    # rewrites to leave out
rounding = "tflm"              # tflm | litert: whose answers are given where the two differ
variants = { "3" = "ref" }     # operator number in the .tflite file -> kernel variant
weights  = "auto"              # raw | lut | sparse | coded | startup | install | auto: how weights are stored
weights  = { default = "raw", "3" = "coded" }   # the same, with layers that differ
flash_bytes = 65536            # what auto may use; the target's budget
ram_bytes = 32768              # what auto and coded may use; the target's budget
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edgewright.compiler.lowered import CompileOptions
from edgewright.compiler.rounding import ROUNDINGS
from edgewright.errors import UserError, UserErrors, did_you_mean
from edgewright.kernels.weight_formats import STORAGES, UNPACKED

OPTIMIZE = ("speed", "size", "balanced")
_KEYS = ("optimize", "variants", "without", "rounding", "weights", "flash_bytes", "ram_bytes")
WEIGHTS = ("raw", *STORAGES, *UNPACKED, "auto")
_DEFAULT = "default"
"""Key of the layers that a table `weights` does not name."""


def read_options(section: Mapping[str, Any]) -> CompileOptions:
    """The options of a section; UserErrors with all that is wrong in it."""
    faults = list(_faults(section))
    if faults:
        raise UserErrors(faults)
    return CompileOptions(
        optimize=section.get("optimize", "balanced"),
        variants={int(layer): variant for layer, variant in section.get("variants", {}).items()},
        without=frozenset(section.get("without", ())),
        rounding=section.get("rounding", "tflm"),
        weights=_weights(section).get(_DEFAULT, "raw"),
        layer_weights={int(layer): storage for layer, storage in _weights(section).items() if layer != _DEFAULT},
        flash_bytes=section.get("flash_bytes"),
        ram_bytes=section.get("ram_bytes"),
    )


def _weights(section: Mapping[str, Any]) -> Mapping[str, str]:
    given = section.get("weights", "raw")
    return given if isinstance(given, Mapping) else {_DEFAULT: given}


def _faults(section: Mapping[str, Any]) -> Iterator[UserError]:
    for key in sorted(set(section) - set(_KEYS)):
        yield UserError(f"compile.{key}", "unknown key", allowed=_KEYS, hint=did_you_mean(key, _KEYS))
    if section.get("optimize", "balanced") not in OPTIMIZE:
        yield UserError("compile.optimize", "unknown choice", got=section["optimize"], allowed=OPTIMIZE)
    if section.get("rounding", "tflm") not in ROUNDINGS:
        yield UserError("compile.rounding", "unknown choice", got=section["rounding"], allowed=ROUNDINGS)
    if not _is_names(section.get("without", [])):
        yield UserError("compile.without", "not a list of names of rewrites", got=section["without"])
    variants = section.get("variants", {})
    if not (
        isinstance(variants, Mapping)
        and _is_names(list(variants.values()))
        and all(str(k).isdecimal() for k in variants)
    ):
        yield UserError("compile.variants", "not a table of operator numbers and kernel variants", got=variants)
    yield from _faults_of_weights(section)


def _faults_of_weights(section: Mapping[str, Any]) -> Iterator[UserError]:
    for layer, storage in _weights(section).items():
        where = "compile.weights" if layer == _DEFAULT else f"compile.weights.{layer}"
        if layer != _DEFAULT and not str(layer).isdecimal():
            yield UserError(where, "no number of an operator", allowed=f"numbers, {_DEFAULT}")
        if storage not in WEIGHTS:
            yield UserError(
                where, "unknown choice", got=storage, allowed=WEIGHTS, hint=did_you_mean(str(storage), WEIGHTS)
            )
    for key in ("flash_bytes", "ram_bytes"):
        size = section.get(key)
        if size is not None and (not isinstance(size, int) or size < 1):
            yield UserError(f"compile.{key}", "no number of bytes", got=size)


def _is_names(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
