"""The firmware of a build, and what its model answers over the harness, whatever line leads to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.devices._base import Job, Outputs
from edgewright.devices.tools.harness_client import Harness
from edgewright.errors import UserError
from edgewright.files import Shape, check_manifest, misfit, read_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TENSOR: Shape = {"bytes": int, "dtype": str, "shape": [int]}
_MODEL: Shape = {"model": str, "inputs": [_TENSOR], "outputs": [_TENSOR], "layers": [dict]}
_FACTS: Shape = {"sha256": str, "arch": str}


@dataclass(frozen=True)
class Firmware:
    """An image, what its build says about it (firmware.json), and which model is meant where it has several."""

    elf: Path
    facts: Mapping[str, Any]
    select: str | None = None


def read_firmware(elf: Path | None, select: str | None = None) -> Firmware:
    """The firmware at `elf` and its facts; UserError when there is none, or not what was built.

    `select` names the model that is meant in one that has several.
    """
    if elf is None or not elf.is_file():
        raise UserError(str(elf or "firmware"), "no such firmware", hint="build it first: scons target=mcu")
    facts = read_json(elf.with_suffix(".json"), _FACTS)
    check_manifest(elf.parent, {elf.name: facts["sha256"]})
    return Firmware(elf, {**facts, **_meant(facts, select, elf)}, select)


def _meant(facts: Mapping[str, Any], select: str | None, elf: Path) -> Mapping[str, Any]:
    """What is known of the model that is meant; UserError when there is none of that name."""
    where, models = str(elf.with_suffix(".json")), facts.get("models", [facts])
    if problem := misfit(models, [_MODEL]):
        raise UserError(where, f"is damaged: {problem}", hint="a file in build/ is made anew by the next build")
    known: dict[str, Mapping[str, Any]] = {each["model"]: each for each in models}
    wanted = select if select is not None or len(known) > 1 else next(iter(known))
    if wanted not in known:
        raise UserError(where, "has no such model", got=wanted or "none named", allowed=[*known])
    return known[wanted]


def answers_of(harness: Harness, values: Sequence[bytes], firmware: Firmware, *, anew: bool) -> list[bytes]:
    """Raw outputs for raw inputs; of a model with state for one stream of them, or `anew` for each by itself."""
    has_state = bool(firmware.facts.get("state_bytes"))
    answers = []
    for index, value in enumerate(values):
        if has_state and (anew or index == 0):
            harness.command("reset")
        answers.append(answer(harness, value))
    return answers


def answer(harness: Harness, value: bytes) -> bytes:
    """Raw output of the model for a raw input."""
    harness.load(value)
    harness.infer(1, 0)
    return harness.output()


def inputs_of(job: Job) -> list[bytes]:
    """For each sample the bytes of all inputs, one after the other."""
    return [b"".join(values[index].tobytes() for values in job.samples) for index in range(job.count)]


def outputs_of(answers: Sequence[bytes], firmware: Firmware) -> Outputs:
    """The raw outputs of a firmware's model for some samples, as arrays."""
    import numpy as np

    values: list[NDArray[Any]] = []
    start = 0
    for output in firmware.facts["outputs"]:
        end = start + output["bytes"]
        rows = [np.frombuffer(raw[start:end], dtype=output["dtype"]) for raw in answers]
        values.append(np.stack(rows).reshape(len(answers), *output["shape"]))
        start = end
    return Outputs(tuple(values), None, ("edgewright", firmware.facts["version"]))
