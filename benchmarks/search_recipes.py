"""Whether a search finds points as good as the recipes that were made by hand, and more than chance does.

    python -m benchmarks.search_recipes fashion_cnn [--trials 60] [--time "2 h"] [--examples N] [--table]
    python -m benchmarks.search_recipes fashion_resnet_wide

Searches the model for target rpi by search/<model>.toml with TPE, which begins with what advise finds, and at random
with as many trials, seed 0. A run that was killed goes on with the same command, and --time ends it between two trials.
Each recipe of benchmarks/results/compression.md for a Raspberry Pi, seed 1, is then held against the trial that is best
on validation data among those that take no more bytes, and among those that take no more instructions. Both are
compared by test data, which choose nothing. Bytes of a trial are all constants in C, weights coded, as in that table.

With --examples training is cut to so many and one epoch a training: a look at whether all works, no result; its figures
are kept in the folder of the search alone. With --table the table is made of the figures that are kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.compression import weight_bytes
from edgewright import search
from edgewright.command_line import run
from edgewright.files import read_json, write_json, write_text
from edgewright.report import read_report
from edgewright.sections.search import Quick
from edgewright.training import warm
from edgewright.units import parse_seconds

RESULTS = Path(__file__).parent / "results"
TARGET, BOARD, SEED = "rpi", "raspberry-pi-4", 1
SAMPLERS = ("tpe", "random")
MODELS = ("fashion_cnn", "fashion_resnet_wide")
FIGURES = ("bytes", "instructions")
ALIKE = 0.0005
"""Of accuracy: half a tenth of a point, five of the 10,000 test examples; what is nearer counts as equal."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    path = RESULTS / f"search_{arguments.model}.json"
    if not arguments.table:
        with warm.kept():
            runs = [searched(name, arguments) for name in SAMPLERS]
        found = {"model": arguments.model, "trials": arguments.trials, "runs": runs}
        path = path if arguments.examples is None else Path("build/search") / f"look_{arguments.model}.json"
        write_json(path, found)
    write_text(path.with_suffix(".md"), "\n".join(table(read_json(path), recipes(arguments.model))) + "\n")
    print(path.with_suffix(".md").read_text(encoding="utf-8"), end="")
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    raw = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="python -m benchmarks.search_recipes", description=__doc__, formatter_class=raw)
    made.add_argument("model", choices=MODELS)
    made.add_argument("--trials", type=int, default=60, help="of each sampler")
    made.add_argument("--time", type=parse_seconds, help="of each sampler: no trial is begun after it")
    made.add_argument("--examples", type=int, help="training examples, and one epoch: to try the command")
    made.add_argument("--table", action="store_true", help="make the table of the figures that are kept")
    return made


def recipes(model: str) -> list[Mapping[str, Any]]:
    """The rows of the recipes of a model that were made by hand."""
    rows = read_json(RESULTS / "compression.json")["rows"]
    return [row for row in rows if (row["model"], row["board"], row["seed"]) == (model, BOARD, SEED)]


def searched(sampler: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """The trials of a search with one sampler: what they cost and are worth."""
    root = Path.cwd()
    given = search.Overrides(trials=arguments.trials, time=arguments.time, sampler=sampler, advise=sampler == "tpe")
    plan = search.planned(root, TARGET, arguments.model, arguments.model, given)
    if arguments.examples is not None:
        plan = _cut(plan, arguments.examples)

    def tell(line: str) -> None:
        print(f"{sampler}: {line}", file=sys.stderr, flush=True)

    def say(progress: search.Progress, found: search.Found | None) -> None:
        if found:
            tell(search.line(progress, found))

    build = search.SconsBuilder(root, plan.model)
    advise = (lambda: search.advice(plan, root, build, tell)) if plan.search.advise else None
    progress = search.search(plan, root, build, command=_command(arguments), advise=advise, say=say)
    new = [trial for trial in progress.trials if trial.again is None]
    outcomes = {name: sum(trial.outcome == name for trial in new) for name in sorted({t.outcome for t in new})}
    points = [_point(root, plan, trial) for trial in new if trial.costs]
    return {"sampler": sampler, "trials": len(new), "outcomes": outcomes, "points": points}


def _command(arguments: argparse.Namespace) -> str:
    return f"python -m benchmarks.search_recipes {arguments.model}"


class _Cut(search.Plan):
    """The same search, all its trainings cut to an epoch of few examples."""

    look: ClassVar[Quick]

    def files(self, stem: str, values: Mapping[str, Any], quick: Quick | None = None) -> dict[str, str]:
        """As of the whole search."""
        return super().files(stem, values, quick or self.look)


def _cut(plan: search.Plan, examples: int) -> search.Plan:
    _Cut.look = Quick(epochs=1, examples=examples)
    return _Cut(**{**vars(plan), "folder": f"{plan.folder}-{examples}"})


def _point(root: Path, plan: search.Plan, trial: search.Found) -> dict[str, Any]:
    folder = root / plan.folder / f"trial-{trial.number}-{TARGET}" / plan.model.name
    report = read_report(folder / "report.json")
    return {
        "trial": trial.number,
        "what": trial.words,
        "validation": -trial.costs[0],
        "accuracy": report["accuracy"]["quantized"],
        "bytes": weight_bytes.coded(folder / f"{plan.model.name}.tflite", {}, None),
        "instructions": report["latency"]["instructions"],
    }


def best(points: Sequence[Mapping[str, Any]], figure: str, most: float) -> Mapping[str, Any] | None:
    """The trial that is best on validation data among those that take no more."""
    within = [point for point in points if point[figure] <= most]
    return max(within, key=lambda point: (point["validation"], -point[figure], -point["trial"]), default=None)


def volume(points: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> float:
    """What is beaten of the box from the most costly recipe on, 10 points of accuracy below the best to 5 above."""
    most = [1.01 * max(of(row, name) for row in rows) for name in FIGURES]
    worst = (0.1 - max(row["accuracy"] for row in rows), *most)
    costs = [(-point["validation"], point["bytes"], point["instructions"]) for point in points]
    return search.hypervolume(costs, worst) / search.hypervolume([(worst[0] - 0.15, 0.0, 0.0)], worst)


def of(row: Mapping[str, Any], figure: str) -> float:
    """A figure of a recipe: its bytes are those of coded weights."""
    return float(row["coded_bytes" if figure == "bytes" else figure])


def table(found: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The figures as Markdown."""
    yield f"Made by `python -m benchmarks.search_recipes {found['model']}`: {found['trials']} trials were asked for.\n"
    yield "| sampler | trials | what became of them | hypervolume |\n|---|---:|---|---:|"
    for each in found["runs"]:
        told = ", ".join(f"{count} {name}" for name, count in each["outcomes"].items())
        yield f"| {each['sampler']} | {each['trials']} | {told} | {volume(each['points'], rows):.4f} |"
    points = found["runs"][0]["points"]
    for figure in FIGURES:
        pairs = [(row, best(points, figure, of(row, figure))) for row in rows]
        gains = [point["accuracy"] - row["accuracy"] for row, point in pairs if point]
        good, better = sum(gain >= -ALIKE for gain in gains), sum(gain > ALIKE for gain in gains)
        yield f"\nAt no more {figure} than each recipe: as good as {good} of {len(rows)}, better than {better}.\n"
        yield f"| recipe | {figure} | accuracy | trial | {figure} | accuracy | what it is |"
        yield "|---|---:|---:|---:|---:|---:|---|"
        yield from (_row(row, point, figure) for row, point in pairs)


def _row(row: Mapping[str, Any], point: Mapping[str, Any] | None, figure: str) -> str:
    name = row["recipe"].removeprefix(f"{row['model']}-")
    head = f"| `{name}` | {of(row, figure):,.0f} | {100 * row['accuracy']:.2f}"
    if point is None:
        return f"{head} | - | - | - | no trial takes so few |"
    return f"{head} | {point['trial']} | {point[figure]:,.0f} | {100 * point['accuracy']:.2f} | {point['what']} |"


if __name__ == "__main__":
    run(main)
