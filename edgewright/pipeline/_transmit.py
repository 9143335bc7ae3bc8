"""The stage that says what a model costs to send, and makes the update from the version before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgewright.errors import UserError
from edgewright.options import sections, words
from edgewright.options.transmit import Options
from edgewright.pipeline._stage import Job, Stage, short_hash
from edgewright.pipeline._training import Trained
from edgewright.sections.transmit import Transmit, Versions


def transmit_stage(job: Job, trained: Trained | None) -> tuple[str, tuple[str, ...]]:
    """Add it; gives the path of its figures, and the update, if it makes one.

    Targets that share a quantized model share its figures, but for those with an update from a version of their own.
    """
    chosen, previous = job.target.spec.transmit, previous_of(job)
    shared = trained.tflite if trained and not previous else None
    model = shared or job.tflite
    update = (job.path(f"{job.model.name}.ewu"),) if previous else ()
    options = Options(
        model=Path(model),
        previous=Path(previous) if previous else None,
        update=Path(update[0]) if update else None,
        out=Path(),
        name=job.model.name,
        transmit=_versions(chosen) if previous else Versions(version=chosen.version),
    )
    beside = f"{Path(model).parent}/transmit-{short_hash(sections(options))}.json"
    out = beside if shared else job.path("transmit.json")
    job.add(
        Stage(
            "model.transmit",
            f"size what {job.model.name} costs to send",
            words(options.model_copy(update={"out": Path(out)})),
            (model, *((previous,) if previous else ())),
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


def _versions(chosen: Transmit) -> Versions:
    return Versions(version=chosen.version, previous_version=chosen.before, format=chosen.format)
