"""The stages that take in what somebody brings, in place of training."""

from __future__ import annotations

from pathlib import Path

from edgewright import registry
from edgewright.executors import LEARNS
from edgewright.options import adopt, bring, convert, quantize, words
from edgewright.pipeline._compiler import DIFFERENCES
from edgewright.pipeline._data import DataInputs, model_folder, model_source
from edgewright.pipeline._stage import Job, Stage
from edgewright.sections.data import Data
from edgewright.spec import Source

TFLITE = "tflite"
"""The importer of what the others become."""

TENSORFLOW = ("tensorflow", "tf-keras", "tensorflow-model-optimization", "numpy")


def stats_of(tflite: str) -> str:
    """The facts beside a .tflite file."""
    return tflite.removesuffix(".tflite") + "_tflite.json"


def import_stages(job: Job, source: Source) -> str | None:
    """From what is brought on the command line to `job.tflite`; gives the facts of its import, None for a .tflite."""
    model, facts = source.path, None
    quantized = job.model.calibration if job.target.spec.quantize.scheme != "float32" else None
    if source.keras is not None:
        name = "float.h5" if source.keras and quantized else "imported.tflite"
        model, facts = f"{job.model_folder}/{name}", imported(job, source, name, None)
    if quantized:
        _quantize(job, model, quantized)
    else:
        _adopt(job, model, TFLITE if facts else source.importer)
    return facts


def imported(job: Job, source: Source, name: str, data: DataInputs | None) -> str:
    """Add the import of a model to a file of that name in the model's folder; gives the path of its facts."""
    out, facts = f"{job.model_folder}/{name}", f"{job.model_folder}/import.json"
    code = model_source(job) if job.model.spec else ()
    given = job.model.calibration
    importer = registry.importers.load(source.importer)
    converted = _convert(job, source) if hasattr(importer, "convert") else ()
    options = bring.Options(
        model=source.path,
        importer=source.importer,
        source=next(map(Path, code), None),
        prepared=data.prepared if data else None,
        calibration=Path(given) if given else None,
        converted=next(map(Path, converted[:1]), None),
        converted_facts=next(map(Path, converted[1:]), None),
        out=Path(out),
        facts=Path(facts),
        data=data.section if data else None,
    )
    job.add(
        Stage(
            "training.bring",
            f"import {source.path}",
            words(options),
            (*source.files, *converted, *code, *(data.files if data else ()), *filter(None, [given])),
            (out, facts),
            data=model_folder(job) if data else None,
            modules=(registry.importers.module_name(source.importer), *(data.modules if data else ())),
            resources=getattr(importer, "FILES", ()),
            packages=tuple(dict.fromkeys((*(() if converted else TENSORFLOW), *importer.PACKAGES, "numpy"))),
            needs=LEARNS,
            aliases=("train",),
        )
    )
    return facts


def _convert(job: Job, source: Source) -> tuple[str, str]:
    """Add what a converter of its own does, without TensorFlow; gives its float .tflite, and the facts beside it."""
    out, facts = f"{job.model_folder}/converted.tflite", f"{job.model_folder}/converted.json"
    importer = registry.importers.load(source.importer)
    options = convert.Options(model=source.path, importer=source.importer, out=Path(out), facts=Path(facts))
    job.add(
        Stage(
            "training.convert",
            f"convert {source.path}",
            words(options),
            source.files,
            (out, facts),
            modules=(registry.importers.module_name(source.importer),),
            resources=getattr(importer, "FILES", ()),
            packages=(*importer.PACKAGES, "tensorflow", "flatbuffers", "numpy"),
            needs=LEARNS,
            aliases=("train",),
        )
    )
    return out, facts


def float_tflite(job: Job, source: Source, data: DataInputs) -> tuple[str, str | None]:
    """A model of the project that becomes no Keras model: its float .tflite, and the facts of its import."""
    if source.keras is None:
        return source.path, None
    return f"{job.model_folder}/imported.tflite", imported(job, source, "imported.tflite", data)


def _adopt(job: Job, model: str, importer: str) -> None:
    """Add the check of a .tflite, or what an importer reads as one, and its copy."""
    out = job.tflite
    options = adopt.Options(
        model=Path(model),
        importer=importer,
        out=Path(out),
        stats=Path(stats_of(out)),
        runtime=job.target.spec.runtime,
    )
    job.add(
        Stage(
            "model.adopt",
            f"check {model}",
            words(options),
            (model,),
            (out, stats_of(out)),
            resources=DIFFERENCES,
            modules=(registry.importers.module_name(importer),),
            packages=registry.importers.load(importer).PACKAGES,
            aliases=("quantize",),
        )
    )


def _quantize(job: Job, model: str, calibration: str) -> None:
    """Add the quantization of a .tflite by inputs that somebody gives."""
    chosen = job.target.spec.quantize.model_copy(update={"qat": "never"}).essential()
    options = quantize.Options(
        model=Path(model),
        calibration=Path(calibration),
        out=Path(job.tflite),
        stats=Path(stats_of(job.tflite)),
        data=Data(),
        quantize=chosen,
    )
    job.add(
        Stage(
            "training.quantize",
            f"quantize {job.model.name} to {chosen.scheme}",
            words(options),
            (model, calibration),
            (job.tflite, stats_of(job.tflite)),
            packages=TENSORFLOW,
            needs=LEARNS,
            aliases=("quantize",),
        )
    )
