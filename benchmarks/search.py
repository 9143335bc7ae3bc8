"""What a search that learns is worth beside one that does not, with the same number of trials.

    python -m benchmarks.search [--trials 20] [--table]

Searches models/digits for target mcu by search/digits.toml, at random and with TPE, seed 0, and writes
benchmarks/results/search.json and .md. Trials that are there already (build/search/) are not built again, so a killed
run goes on. The hypervolume is that of accuracy on validation data and flash, from 50 % and 32 KiB on: the share of
that rectangle that is beaten by a trial within all limits. With --table it writes the table of figures that are kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright import search
from edgewright.command_line import run
from edgewright.files import read_json, write_json, write_text
from edgewright.training import warm

RESULTS = Path(__file__).parent / "results"
SAMPLERS = ("random", "tpe")
WORST = (-0.5, 32.0 * 1024)
"""Costs of which all are beaten by a point that counts: accuracy, negative, and bytes of flash."""

BEST = (-1.0, 0.0)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    path = RESULTS / "search.json"
    if not arguments.table:
        with warm.kept():
            write_json(
                path, {"trials": arguments.trials, "runs": [searched(name, arguments.trials) for name in SAMPLERS]}
            )
    write_text(RESULTS / "search.md", "\n".join(table(read_json(path))) + "\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    raw = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__, formatter_class=raw)
    made.add_argument("--trials", type=int, default=20, help="of each sampler")
    made.add_argument("--table", action="store_true", help="make the table of the figures that are kept")
    return made


def searched(sampler: str, trials: int) -> dict[str, Any]:
    """The figures of a search with one sampler."""
    root = Path.cwd()
    plan = search.planned(root, "mcu", "digits", "digits", search.Overrides(trials=trials, sampler=sampler))

    def say(progress: search.Progress, found: search.Found | None) -> None:
        if found:
            print(f"{sampler}: {search.line(progress, found)}", file=sys.stderr, flush=True)

    build = search.SconsBuilder(root, plan.model)
    progress = search.search(plan, root, build, command="python -m benchmarks.search", say=say)
    new = [trial for trial in progress.trials if trial.again is None]
    return {
        "sampler": sampler,
        "hypervolume": list(volumes(new)),
        "front": [{"costs": trial.costs, "figures": trial.figures, "what": trial.words} for trial in progress.front],
        "outcomes": {name: sum(trial.outcome == name for trial in new) for name in sorted({t.outcome for t in new})},
    }


def volumes(trials: Sequence[search.Found]) -> Iterator[float]:
    """The hypervolume after each trial, as a share."""
    whole = search.hypervolume([BEST], WORST)
    for number in range(1, len(trials) + 1):
        costs = [trial.costs for trial in trials[:number] if trial.outcome == "full"]
        yield round(search.hypervolume(costs, WORST) / whole, 5)


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """The figures as Markdown."""
    shown = sorted({5, 10, 15, found["trials"]} & set(range(1, found["trials"] + 1)))
    yield "Made by `python -m benchmarks.search`. Hypervolume after so many trials, as a share of all that could be:\n"
    yield f"| sampler | {' | '.join(map(str, shown))} | trials |"
    yield f"|---|{'---:|' * len(shown)}---|"
    for each in found["runs"]:
        cells = [f"{each['hypervolume'][min(n, len(each['hypervolume'])) - 1]:.4f}" for n in shown]
        outcomes = ", ".join(f"{count} {name}" for name, count in each["outcomes"].items())
        yield f"| {each['sampler']} | {' | '.join(cells)} | {outcomes} |"
    for each in found["runs"]:
        yield f"\nThe front of {each['sampler']}:\n\n| accuracy | flash | what it is |\n|---:|---:|---|"
        yield from (f"| {' | '.join(point['figures'])} | {point['what']} |" for point in each["front"])


if __name__ == "__main__":
    run(main)
