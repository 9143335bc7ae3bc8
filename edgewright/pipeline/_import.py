"""The stage that takes in a .tflite file that somebody brings, in place of training and quantizing."""

from __future__ import annotations

from edgewright.pipeline._compiler import DIFFERENCES
from edgewright.pipeline._stage import Job, Stage
from edgewright.pipeline._training import stats_of


def import_stage(job: Job) -> str:
    """Add it; gives the path of its facts."""
    brought = str(job.model.tflite)
    words = ("--model", brought, "--out", job.tflite)
    job.add(
        Stage(
            "adopt",
            f"check {brought}",
            (*words, "--stats", stats_of(job.tflite), "--runtime", job.target.spec.runtime),
            (brought,),
            (job.tflite, stats_of(job.tflite)),
            resources=DIFFERENCES,
            packages=("tflite",),
            aliases=("quantize",),
        )
    )
    return stats_of(job.tflite)
