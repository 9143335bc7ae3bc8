"""The stage that writes the model as a C array with its constants."""

from __future__ import annotations

from pathlib import Path

from edgewright.options import words
from edgewright.options.headers import Options
from edgewright.pipeline._stage import Job, Stage


def headers_stage(job: Job, labels: tuple[str, ...]) -> tuple[str, str]:
    """Add it; gives header and source."""
    header, source = job.path(f"{job.model.name}_tflite.h"), job.path(f"{job.model.name}_tflite.c")
    options = Options(
        model=Path(job.tflite),
        header=Path(header),
        source=Path(source),
        name=job.model.name,
        labels=list(labels),
        command=f"scons target={job.target.wanted} model={job.model.name} headers",
    )
    job.add(
        Stage(
            "model.headers",
            f"write {job.model.name} as C",
            words(options),
            (job.tflite,),
            (header, source),
            resources=("templates/model_array.*.j2",),
            packages=("jinja2",),
            aliases=("headers",),
        )
    )
    return header, source
