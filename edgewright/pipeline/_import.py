"""The stage that takes in a file that somebody brings, in place of training and quantizing."""

from __future__ import annotations

from pathlib import Path

from edgewright import registry
from edgewright.options import words
from edgewright.options.adopt import Options
from edgewright.pipeline._compiler import DIFFERENCES
from edgewright.pipeline._stage import Job, Stage
from edgewright.pipeline._training import stats_of


def import_stage(job: Job) -> str:
    """Add it; gives the path of its facts."""
    brought = str(job.model.tflite)
    stats = stats_of(job.tflite)
    importer = str(registry.importer_of(brought))
    options = Options(model=Path(brought), out=Path(job.tflite), stats=Path(stats), runtime=job.target.spec.runtime)
    job.add(
        Stage(
            "model.adopt",
            f"check {brought}",
            words(options),
            (brought,),
            (job.tflite, stats),
            resources=DIFFERENCES,
            modules=(registry.importers.module_name(importer),),
            packages=registry.importers.load(importer).PACKAGES,
            aliases=("quantize",),
        )
    )
    return stats
