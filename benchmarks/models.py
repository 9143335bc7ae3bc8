"""What the models of models/ come to on a Raspberry Pi, a phone and a microcontroller.

    python -m benchmarks.models [--build FOLDER] [--page FILE]

Builds them (`scons target=rpi,phone,mcu model=...`, minutes for each that is not built yet), with the seed of each
model.toml and with two others, and writes the table of docs/models.md, between its two marks, from the reports. All but
the metric of the other seeds is of the first. With --build nothing is built, and the reports are those of another
build's folder. A model whose data are neither there nor to be had, or that the build has not, keeps the rows
that the page has, and the reason is said.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from edgewright import registry
from edgewright.errors import ToolError, UserError
from edgewright.files import write_text
from edgewright.home import home
from edgewright.metrics import Terms
from edgewright.report import read_report
from edgewright.report.figures import FLASH, INSTRUCTIONS, METRIC, RAM, SIZE, Figure, Report, terms_of
from edgewright.units import format_microseconds

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MODELS = ("digits", "motion", "spoken_digits", "diabetes", "fashion_anomaly")
TARGETS = ("rpi", "phone", "mcu")
PAGE = "docs/models.md"
MARKS = ("<!-- python -m benchmarks.models -->", "<!-- end -->")
SEEDS = (2, 3)
"""Besides that of model.toml, which is 1."""
OTHER_SEEDS = "seeds"
"""Folder of build/ for their targets: what a target file in there makes lies beside it."""

COLUMNS = ("model", "target", "on test data", "three seeds", ".tflite", "flash", "RAM", "instructions", "estimated")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, metavar="FOLDER", help="of a build that there is")
    parser.add_argument("--page", type=Path, default=home() / PAGE, metavar="FILE", help="that the table goes into")
    arguments = parser.parse_args(argv)
    folder, page = arguments.build, arguments.page
    missing = _missing(folder)
    models = [model for model in MODELS if model not in missing]
    if folder is None:
        folder = home() / "build"
        _build(models)
    for model, reason in missing.items():
        print(f"{model}: not built, its rows stay as they are: {reason}", file=sys.stderr)
    text = page.read_text(encoding="utf-8")
    write_text(page, placed(text, table(folder, models, text)))
    return 0


def _missing(build: Path | None) -> dict[str, str]:
    """The models of which there are no data or, of a build that there is, no reports; and why."""
    if build is not None:
        return {model: f"no report in {build}" for model in MODELS if not list(build.glob(f"*/{model}/report.json"))}
    return {model: reason for model in MODELS if (reason := _unavailable(model))}


def _unavailable(model: str) -> str | None:
    """Why the data set of a model cannot be loaded."""
    path = home() / "models" / model / "model.toml"
    name = tomllib.loads(path.read_text(encoding="utf-8")).get("data", {}).get("dataset")
    try:
        if name is not None:
            registry.datasets.load(name).load()
    except (UserError, ToolError) as error:
        return str(error)
    return None


def _build(models: Sequence[str]) -> None:
    folder = home() / "build" / OTHER_SEEDS
    folder.mkdir(parents=True, exist_ok=True)
    files = [_seeded(folder, target, seed) for target in TARGETS for seed in SEEDS]
    _scons([*TARGETS, *(str(file.relative_to(home())) for file in files)], models)


def _seeded(folder: Path, target: str, seed: int) -> Path:
    """A target that trains with another seed, as a file in the folder."""
    path = folder / f"{_name(target, seed)}.toml"
    write_text(path, f'description = "{target}, seed {seed}"\nextends = "{target}"\n\n[train]\nseed = {seed}\n')
    return path


def _name(target: str, seed: int) -> str:
    return f"{target}-seed{seed}"


def _scons(targets: Sequence[str], models: Sequence[str]) -> None:
    words = ["-m", "edgewright.scons", "-Q", "budget=warn", f"target={','.join(targets)}", f"model={','.join(models)}"]
    if subprocess.run([sys.executable, *words], cwd=home(), check=False).returncode:
        raise ToolError("scons failed: its message stands above")


def table(folder: Path, models: Sequence[str] = MODELS, page: str = "") -> str:
    """The table in Markdown, a row for each model and target; of models that are not built, the rows of the page."""
    rows = [
        row
        for model in MODELS
        for row in ([_row(folder, model, target) for target in TARGETS] if model in models else _kept(page, model))
    ]
    head = [f"| {' | '.join(COLUMNS)} |", "|---|---|---|---|" + "---:|" * (len(COLUMNS) - 4)]
    return "\n".join([*head, *rows])


def _kept(page: str, model: str) -> list[str]:
    """The rows that a page has of a model."""
    return [line for line in page.partition(MARKS[0])[2].splitlines() if line.startswith(f"| `{model}` | ")]


def placed(page: str, text: str) -> str:
    """The page with the text between its marks; UserError where it has none."""
    begin, end = MARKS
    before, found, rest = page.partition(begin)
    _, also, after = rest.partition(end)
    if not found or not also:
        raise UserError(PAGE, "has no place for the table", allowed=f"{begin} ... {end}")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def _row(folder: Path, model: str, target: str) -> str:
    folders = (folder / target, *(folder / OTHER_SEEDS / _name(target, seed) for seed in SEEDS))
    return f"| {' | '.join(_cells([read_report(each / model / 'report.json') for each in folders]))} |"


def _cells(reports: Sequence[Report]) -> Iterator[str]:
    """Of the reports of all seeds, the first one's before all."""
    report = reports[0]
    yield f"`{report['model']}`"
    yield report["target"]
    terms, ends = terms_of(report), report["accuracy"]["quantized_interval"]
    yield f"{terms.title} {terms.show(METRIC.value(report) or 0.0)} ({terms.span(ends)})"
    yield _mean(terms, [METRIC.value(each) or 0.0 for each in reports])
    yield from (_cell(figure, report) for figure in (SIZE, FLASH, RAM, INSTRUCTIONS))
    estimated = (report["latency"] or {}).get("estimated_us")
    yield "-" if estimated is None else format_microseconds(estimated)


def _mean(terms: Terms, values: Sequence[float]) -> str:
    """The mean, and the least and the greatest."""
    return f"{terms.show(fmean(values))} ({terms.span((min(values), max(values)))})"


def _cell(figure: Figure, report: Report) -> str:
    value = figure.value(report)
    return "-" if value is None else figure.text(value, report)


if __name__ == "__main__":
    sys.exit(main())
