"""What the reports of the project say, a row for each recipe and seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.compression import weight_bytes
from benchmarks.compression._project import seeded
from benchmarks.compression._recipes import Recipe
from edgewright.files import read_json
from edgewright.home import home
from edgewright.pipeline import BUILD, stages_of
from edgewright.spec import ProjectModel, ProjectTarget, Step, load_project

IN_C, BY_PASS = "C", "pass"
"""Who counts bytes: all constants of generated C; or codes, scales and biases by the passes themselves."""


@dataclass(frozen=True)
class Row:
    """The figures of one recipe with one seed.

    `float_accuracy`, `accuracy`: shares of the test data, of the uncompressed model and of the finished one through the
    device's runtime; `weight_bytes`: of all constants of generated C with raw weights; `coded_bytes`: the same with
    coded ones; `device_bytes`: the second where a pass is of use only then, else the first; `flash_bytes`: of model and
    code, on microcontrollers; `instructions`: of an inference, emulated; `content`: hash of the recipe; `counted`: who
    counted the bytes.
    """

    recipe: str
    description: str
    model: str
    seed: int
    board: str
    runtime: str
    passes: tuple[str, ...]
    float_accuracy: float
    accuracy: float
    macs: int
    weights: int
    nonzero_weights: int
    weight_bytes: int
    coded_bytes: int
    device_bytes: int
    tflite_bytes: int
    flash_bytes: int | None
    instructions: int | None
    content: str
    counted: str = BY_PASS  # of rows that were kept from before C was counted


def rows(folder: Path, recipes: Sequence[Recipe], seeds: Sequence[int]) -> list[Row]:
    """A row for each recipe and seed that is built, recipes in the order given."""
    if not (folder / "SConstruct").is_file():
        return []
    project = load_project(folder, home())
    found = []
    for recipe in recipes:
        for seed in seeds:
            target, model = project.targets.get(recipe.name), project.models.get(seeded(recipe.model, seed))
            if target and model and all((folder / path).is_file() for path in _read(target, model)):
                found.append(_row(folder, target, model, recipe, seed))
    return found


def kept(path: Path, known: Mapping[str, Recipe], built: Sequence[Recipe]) -> list[Row]:
    """The rows of an earlier run that still hold: of recipes that are as they were, and not among those of this run."""
    if not path.is_file():
        return []
    now = {name: recipe.content for name, recipe in known.items() if name not in {one.name for one in built}}
    old = [Row(**{**row, "passes": tuple(row["passes"])}) for row in read_json(path)["rows"] if "content" in row]
    return [row for row in old if row.content == now.get(row.recipe)]


def in_order(found: Sequence[Row], known: Mapping[str, Recipe]) -> list[Row]:
    """As the recipes are, seed by seed."""
    places = {name: place for place, name in enumerate(known)}
    return sorted(found, key=lambda row: (places[row.recipe], row.seed))


def document(found: Sequence[Row]) -> dict[str, Any]:
    """The rows as a JSON value."""
    return {"command": "python -m benchmarks.compression", "rows": [asdict(row) for row in found]}


def _read(target: ProjectTarget, model: ProjectModel) -> tuple[str, ...]:
    """The files behind a row: the report, the finished model, and the statistics of the last pass, if there is one."""
    stages = stages_of(target, model)
    last = [stage.outputs[1] for stage in stages if stage.name == "compress"][-1:]
    tflite = f"{BUILD}/{target.name}/{model.name}/{model.name}.tflite"
    return (next(stage.outputs[0] for stage in stages if stage.name == "report"), tflite, *last)


def _method(step: Step) -> str:
    """The pass, and the decoder of latents that are made by a network: another method than integers and scales."""
    decoder = step.options.get("decoder")
    return f"{step.name} ({decoder})" if decoder in weight_bytes.NETWORKS else step.name


def _row(folder: Path, target: ProjectTarget, model: ProjectModel, recipe: Recipe, seed: int) -> Row:
    report_path, tflite, *last = (folder / path for path in _read(target, model))
    report = read_json(report_path)
    size, latency, flash = report["size"], report["latency"] or {}, report["flash"] or {}
    decoder = target.steps[-1].options.get("decoder") if target.steps else None
    raw, coded = weight_bytes.raw(tflite), weight_bytes.coded(tflite, read_json(last[0]) if last else {}, decoder)
    is_for_codes = any(step.name in weight_bytes.FOR_CODES for step in target.steps)
    return Row(
        recipe=target.name,
        description=target.spec.description,
        model=recipe.model,
        seed=seed,
        board=report["board"],
        runtime=report["runtime"],
        passes=tuple(map(_method, target.steps)),
        float_accuracy=report["accuracy"]["float"],
        accuracy=report["accuracy"]["quantized"],
        macs=size["macs"],
        weights=size["weights"],
        nonzero_weights=size["nonzero_weights"],
        weight_bytes=raw,
        coded_bytes=coded,
        device_bytes=coded if is_for_codes else raw,
        tflite_bytes=size["tflite_bytes"],
        flash_bytes=flash.get("total_bytes"),
        instructions=latency.get("instructions"),
        content=recipe.content,
        counted=BY_PASS if decoder in weight_bytes.NETWORKS else IN_C,
    )
