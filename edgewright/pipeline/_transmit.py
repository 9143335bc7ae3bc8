"""The stage that says what a model costs to send, and makes the update from the version before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgewright.errors import UserError
from edgewright.pipeline._stage import Job, Stage, options


def transmit_stage(job: Job) -> tuple[str, tuple[str, ...]]:
    """Add it; gives the path of its figures, and the update, if it makes one."""
    out, chosen, previous = job.path("transmit.json"), job.target.spec.transmit, previous_of(job)
    section = {"name": job.model.name, "version": chosen.version, "previous_version": chosen.before}
    update = (job.path(f"{job.model.name}.ewu"),) if previous else ()
    more = ("--previous", previous, "--update", *update) if previous else ()
    job.add(
        Stage(
            "transmit",
            f"size what {job.model.name} costs to send",
            ("--model", job.tflite, *more, *options(section), "--out", out),
            (job.tflite, *((previous,) if previous else ())),
            (out, *update),
            packages=("zstandard", "numpy", "tflite"),
            aliases=("transmit",),
        )
    )
    return out, update


def previous_of(job: Job) -> str | None:
    """Path of the version that devices have."""
    previous = job.target.spec.transmit.previous
    return None if previous is None else previous.replace("{model}", job.model.name)


def check_previous(job: Job) -> Iterator[UserError]:
    """What is wrong with `[transmit] previous`."""
    previous, where = previous_of(job), f"target {job.target.name}: transmit.previous"
    if previous is None:
        return
    if Path(previous) == Path(job.tflite):
        hint = "keep a copy of each version that devices get, for instance in releases/"
        yield UserError(where, "is the file that this build makes", got=previous, hint=hint)
    elif not Path(previous).is_file():
        yield UserError(where, "there is no such file", got=previous, hint="{model} stands for the model's name")
