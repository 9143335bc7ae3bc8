"""What of `[quantize]` the quantize stage depends on, and what is wrong with it beside a model and passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edgewright.errors import UserError
from edgewright.passes._order import ON_A_GRID
from edgewright.spec import Model, ProjectTarget, Step

_FORM = ("scheme", "recurrent")
_CALIBRATED = (*_FORM, "calibration_samples", "seed")
_TRAINING = ("qat_kind", "qat_threshold", "qat_epochs", "qat_learning_rate")
_CODES = "latent"
"""The pass whose codes are stored in place of the weights: no training may come after it."""


def sections(target: ProjectTarget, spec: Model) -> dict[str, Any]:
    """The section `quantize` with the keys that its scheme reads, and `train` where training may be run."""
    whole = {**target.spec.quantize.model_dump(mode="json", exclude={"recurrent"}), **form(target)}
    if whole["scheme"] not in ("int8", "int16x8"):
        return {"quantize": {key: whole[key] for key in _FORM if key in whole}}
    if whole["scheme"] == "int16x8":
        return {"quantize": {key: whole[key] for key in _CALIBRATED if key in whole}}
    if whole["qat"] == "auto" and (whole["int16_layers"] or _coded(target.steps)):
        whole["qat"] = "never"  # 16 bits are the remedy already, or the codes would be lost
    if whole["calibration"] != "percentile":
        del whole["percentile"]
    if whole["qat"] == "never":
        return {"quantize": {key: value for key, value in whole.items() if key not in _TRAINING}}
    return {"quantize": whole, "train": spec.train.model_dump(mode="json")}


def form(target: ProjectTarget) -> dict[str, str]:
    """How recurrent layers are converted, where not by their operator; the float model beside it is converted alike."""
    return {} if target.spec.quantize.recurrent == "operator" else {"recurrent": target.spec.quantize.recurrent}


def check(target: ProjectTarget, examples: int | None) -> list[UserError]:
    """Faults of `[quantize]` with a model of `examples` training examples (None: not known yet)."""
    chosen = target.spec.quantize
    where = f"targets/{target.name}.toml: quantize"
    errors = []
    if chosen.scheme in ("int8", "int16x8") and examples is not None and chosen.calibration_samples > examples:
        allowed = f"up to {examples}"
        problem = "more than the training data"
        got = chosen.calibration_samples
        errors.append(UserError(f"{where}.calibration_samples", problem, got=got, allowed=allowed))
    if chosen.qat == "always" and (coded := _coded(target.steps)):
        problem = f"may not come after {coded!r}: {ON_A_GRID[coded].format(before=coded)}"
        errors.append(UserError(f"{where}.qat", problem, got=chosen.qat, allowed=["auto", "never"]))
    return errors


def _coded(steps: Sequence[Step]) -> str | None:
    return next((step.name for step in steps if step.name == _CODES), None)
