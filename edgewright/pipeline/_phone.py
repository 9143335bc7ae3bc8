"""The stage of an Android phone: the model as an app takes it."""

from __future__ import annotations

from pathlib import Path

from edgewright import registry
from edgewright.options import words
from edgewright.options.app import Options
from edgewright.pipeline._stage import Job, Stage


def app_stage(job: Job, labels: tuple[str, ...]) -> str:
    """Add it; gives the path of the model with its metadata."""
    out = job.path(f"app/{job.model.name}.tflite")
    spec = job.model.spec
    options = Options(
        model=Path(job.tflite),
        out=Path(out),
        name=job.model.name,
        description=spec.description if spec else "",
        labels=list(labels),
        image=_is_image(job),
    )
    job.add(
        Stage(
            "model.app",
            f"write {job.model.name} for an app",
            words(options),
            (job.tflite,),
            (out, job.path("app/README.md")),
            resources=("templates/app/*.j2",),
            packages=("jinja2", "tflite", "flatbuffers"),
            aliases=("app", "report"),
        )
    )
    return out


def _is_image(job: Job) -> bool:
    """Whether the model sees pictures with values of 0 to 1, as every data set of pictures here gives them."""
    dataset = job.model.spec.data.dataset if job.model.spec else None
    if dataset is None:
        return False
    module = registry.datasets.load(dataset)
    return bool(getattr(module, "PICTURES", len(getattr(module, "INPUT_SHAPE", ())) == 3))
