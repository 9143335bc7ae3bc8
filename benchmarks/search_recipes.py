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
from collections.abc import Mapping, Sequence
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
from testbench.search_recipes import MODELS, RESULTS, recipes, table

TARGET = "rpi"
SAMPLERS = ("tpe", "random")


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


if __name__ == "__main__":
    run(main)
