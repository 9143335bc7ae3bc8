"""The scan of a candidate: its stages run as in a build, on a slice of the data; remembered by content.

What a point needs is made in a folder of its own that goes when the point is known. A point is remembered under
build/advise/ by all that shapes it: the float model, its source, the options, and the code of this package; the .tflite
file that it was judged by, too, so that another target of the same model is judged without a training.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from edgewright import registry
from edgewright.advice import judge
from edgewright.advice.candidates import Candidate
from edgewright.datasets import sources_of
from edgewright.errors import MachineError, ToolError, UserError, is_of_machine
from edgewright.files import canonical_json, read_json, sha256_file, write_json
from edgewright.options import StageOptions, compress, quantize, words
from edgewright.pipeline import DataInputs, data_of
from edgewright.sections.data import Data
from edgewright.sections.quantize import Quantize
from edgewright.sections.train import Train
from edgewright.spec import Model, ProjectModel, ProjectTarget

VALIDATION = 1000  # examples of the slice that a pass sees as validation data
GENTLER = 4.0  # a short training of a trained model at its full learning rate would only disturb it
CALIBRATION = ("calibration_samples", "calibration", "percentile", "seed")
BATCH = 32  # more steps out of few examples
PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Scan:
    """What is scanned, and with how many training examples."""

    target: ProjectTarget
    model: ProjectModel
    float_model: Path
    examples: int

    @property
    def folder(self) -> Path:
        """Where points are remembered."""
        return Path("build/advise") / self.model.name

    @property
    def source(self) -> Path:
        """The model's own Python file."""
        return Path("models") / self.model.name / "model.py"

    @property
    def spec(self) -> Model:
        """The model's file; ValueError for a model that somebody brings, which nothing can train."""
        if self.model.spec is None:
            raise ValueError(f"{self.model.origin} has no model.toml")
        return self.model.spec

    @property
    def inputs(self) -> DataInputs:
        """The data as the stages of a build read them."""
        return data_of(self.target, self.model)

    @property
    def data(self) -> Data:
        """`[data]` whole: for calibration and for the metric of a point."""
        return self.inputs.section

    @property
    def slice(self) -> Data:
        """`[data]` of what a pass sees."""
        given = self.data.validation
        validation = min(VALIDATION, given) if isinstance(given, int) else VALIDATION
        limit = min(self.examples + validation, self.data.limit or sys.maxsize)
        return self.data.model_copy(update={"validation": validation, "limit": limit})

    @property
    def training(self) -> Train:
        """`[train]` of one gentle epoch."""
        train = self.spec.train
        gentle = {"learning_rate": train.learning_rate / GENTLER, "batch_size": min(BATCH, train.batch_size)}
        return train.model_copy(update={**gentle, "epochs": 1, "warmup_epochs": 0, "decay": "cosine"})

    @cached_property
    def content(self) -> str:
        """Everything that all points depend on."""
        return self.trained_content + canonical_json(judge.content(self.target))

    @cached_property
    def trained_content(self) -> str:
        """Everything that what is judged depends on."""
        read = [self.float_model, *sources_of(self.data, self.source, self.inputs.prepared)]
        inputs = [*map(sha256_file, read), _code(), _versions()]
        sections = [self.data, self.slice, self.training, self.spec.task, self.target.spec.quantize]
        values = [section.model_dump(mode="json") for section in sections]
        return canonical_json([*inputs, *values])

    def path(self, candidate: Candidate) -> Path:
        """Where a point is remembered."""
        return self.folder / f"{_named(self.content, candidate)}.json"

    def is_made(self, candidate: Candidate) -> bool:
        """Whether nothing has to be trained for a point, or it is known that the model is refused."""
        return self.tflite(candidate).with_suffix(".json").is_file()

    def tflite(self, candidate: Candidate) -> Path:
        """Where the model of a point is kept; what is known of it lies beside it, as JSON, and is written after it."""
        return self.folder / f"{_named(self.trained_content, candidate)}.tflite"


def _named(content: str, candidate: Candidate) -> str:
    what = [dict(candidate.entry or {}), dict(candidate.short), candidate.scheme]
    return hashlib.sha256((content + canonical_json(what)).encode()).hexdigest()[:16]


def _code() -> str:
    """Hash of the package, of passes that others bring, too."""
    files = sorted(PACKAGE.rglob("*.py"))
    foreign = [registry.passes.load(name).__file__ for name in registry.passes.names()]
    digest = hashlib.sha256()
    for path in [*files, *(Path(file) for file in foreign if file and not Path(file).is_relative_to(PACKAGE))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _versions() -> str:
    from importlib.metadata import PackageNotFoundError, version

    def found(name: str) -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return "none"

    return ",".join(map(found, ("tensorflow", "tf-keras", "tensorflow-model-optimization", "numpy")))


def point(scan: Scan, candidate: Candidate) -> dict[str, Any]:
    """The figures of a candidate as JSON values; {"refused": why} when the model cannot be treated so."""
    remembered = scan.path(candidate)
    if (kept := _read(remembered)) is not None:
        return kept
    scan.folder.mkdir(parents=True, exist_ok=True)
    found = _judged(scan, candidate)
    write_json(remembered, found)
    return found


def _read(path: Path) -> dict[str, Any] | None:
    """What is remembered; a damaged one is made anew."""
    with suppress(FileNotFoundError, UserError):
        kept: dict[str, Any] = read_json(path)
        return kept
    return None


def reference(scan: Scan) -> dict[str, Any]:
    """The same of the float model."""
    return point(scan, Candidate("float", "quantize", scheme="float32"))


def _judged(scan: Scan, candidate: Candidate) -> dict[str, Any]:
    """The figures on the target, of a model that may have been made for another one."""
    tflite = scan.tflite(candidate)
    known = _read(tflite.with_suffix(".json"))
    if known is None or not ("refused" in known or tflite.is_file()):
        known = _made(scan, candidate, tflite)
        write_json(tflite.with_suffix(".json"), known)
    if "refused" in known:
        return known
    figures = {**known, **judge.worth(tflite, scan.spec, scan.inputs, scan.target)}
    try:
        on_device = judge.on_device(tflite, scan.model.name, scan.target) if candidate.scheme != "float32" else {}
    except UserError as error:  # the compiler has no kernel for it
        return {"refused": str(error)}
    return {**figures, **on_device}


def _made(scan: Scan, candidate: Candidate, out: Path) -> dict[str, Any]:
    """Train and quantize: sizes, and what the pass found; or why the model is refused."""
    with tempfile.TemporaryDirectory(prefix=".scan-", dir=scan.folder) as name:
        folder = Path(name)
        model, stats = scan.float_model, folder / "compress.json"
        if candidate.entry is not None:
            model = folder / "model.h5"
            refused = _compress(scan, candidate, model, stats)
            if refused is not None:
                return {"refused": refused}
        tflite = folder / f"{scan.model.name}.tflite"
        refused = _quantize(scan, candidate.scheme, model, tflite)
        if refused is not None:
            return {"refused": refused}
        found = {**_sizes(tflite), **(_notes(read_json(stats)) if stats.is_file() else {})}
        tflite.replace(out)
        return found


def _compress(scan: Scan, candidate: Candidate, out: Path, stats: Path) -> str | None:
    """Run the pass; what it says when it refuses the model."""
    entry = {**(candidate.entry or {}), **candidate.short}
    options = compress.Options(
        source=scan.source,
        pass_=entry["pass"],
        model=scan.float_model,
        reference=scan.float_model,
        out=out,
        stats=stats,
        compress={key: value for key, value in entry.items() if key != "pass"},
        prepared=scan.inputs.prepared,
        data=scan.slice,
        train=scan.training,
        task=scan.spec.task,
    )
    return _stage("training.compress", options)


def _quantize(scan: Scan, scheme: str, model: Path, out: Path) -> str | None:
    kept = {key: getattr(scan.target.spec.quantize, key) for key in CALIBRATION if scheme == "int8"}
    options = quantize.Options(
        source=scan.source,
        model=model,
        out=out,
        stats=out.with_suffix(".json"),
        prepared=scan.inputs.prepared,
        data=scan.data,
        quantize=Quantize.model_validate({**kept, "scheme": scheme, "qat": "never"}),
        task=scan.spec.task,
    )
    return _stage("training.quantize", options)


def _sizes(tflite: Path) -> dict[str, Any]:
    facts = read_json(tflite.with_suffix(".json"))
    return {name: facts[name] for name in ("tflite_bytes", "tflite_gzip_bytes", "weights", "nonzero_weights", "macs")}


def _notes(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Of what the pass found: sensitivity of layers, what each was given, bytes of weights that it codes."""
    notes = stats.get("notes", {})
    scanned = {"sensitivity": notes["scan"]} if "scan" in notes else {}
    shares = {name: round(after / before, 4) for name, (before, after) in notes.get("channels", {}).items()}
    given = notes.get("sparsities") or shares
    is_coded = "bytes" in notes and "int8_bytes" in notes
    by_layer = {"by_layer": given} if given else {}
    return {**scanned, **by_layer, **({"coded_bytes": notes["bytes"]} if is_coded else {})}


def _stage(name: str, options: StageOptions) -> str | None:
    """Run a stage; None when it went well, else what it says against the input."""
    command = [sys.executable, "-m", f"edgewright.stages.{name}", *words(options)]
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    told = done.stderr.strip() or done.stdout.strip()
    if done.returncode == 2:
        return told.partition("error: ")[2].strip() or told
    if done.returncode == 130:
        raise KeyboardInterrupt
    kind = MachineError if is_of_machine(told) else ToolError
    raise kind(f"{' '.join(command[:3])} failed:\n{told}")
