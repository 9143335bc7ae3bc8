"""What each compression recipe costs in accuracy and buys in bytes, multiply-accumulates and instructions.

    python -m benchmarks.compression [--seeds 1,2,3] [--recipes fashion_cnn-dense,...] [--folder FOLDER] [--jobs 2]
    python -m benchmarks.compression --collect-only          # tables from what is built already

Writes a project of its own (recipes as targets, each model once a seed), builds it with scons, and writes
benchmarks/results/compression.md, .json and .svg from the reports. All of it takes hours the first time; a run that
was stopped goes on where it stopped, and a run with nothing new takes a minute. The recipes are the files in
benchmarks/compression/targets/, or in the folder of --targets, for models in that of --models. Rows of recipes that
this run does not name stay as they are in the results, unless the recipe or its model has changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.compression import _collect, _picture, _project, _recipes, _table
from benchmarks.compression._recipes import Recipe
from edgewright.errors import EdgewrightError, UserError
from edgewright.files import write_json, write_text
from edgewright.home import home

RESULTS = Path(__file__).parents[1] / "results"
RESULT = "compression.json"
TARGETS = Path(__file__).parent / "targets"
FOLDER = home() / "build/benchmarks/compression"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 when a recipe could not be built."""
    arguments = _arguments(argv)
    try:
        return run(arguments)
    except EdgewrightError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compression",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", default="1,2,3", help="of training, a model for each")
    parser.add_argument("--recipes", default="all", help="names of files in the folder of recipes, or all")
    parser.add_argument("--targets", type=Path, default=TARGETS, help="folder of the recipes")
    parser.add_argument("--models", type=Path, default=home() / "models", help="folder of their models")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the project that is written and built")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the tables and the picture")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="stages at a time")
    parser.add_argument("--collect-only", action="store_true", help="build nothing; tables from what is there")
    return parser.parse_args(argv)


def run(arguments: argparse.Namespace) -> int:
    """Write the project, build it, collect."""
    known = _recipes.read(arguments.targets, arguments.models)
    recipes = _recipes.select(arguments.recipes, known)
    seeds = _seeds(arguments.seeds)
    status = 0
    if not arguments.collect_only:
        _project.write(arguments.folder, known, recipes, seeds)
        status = _project.build(arguments.folder, recipes, seeds, arguments.jobs)
    rows = _collect.rows(arguments.folder, recipes, seeds)
    _tell_missing(recipes, seeds, rows)
    if not rows:
        raise UserError(str(arguments.folder), "holds no report", hint="run without --collect-only")
    _write(arguments.results, rows, known, recipes)
    return 1 if status else 0


def _tell_missing(recipes: Sequence[Recipe], seeds: Sequence[int], rows: Sequence[_collect.Row]) -> None:
    for recipe in recipes:
        if missing := [seed for seed in seeds if seed not in {r.seed for r in rows if r.recipe == recipe.name}]:
            print(f"not built: {recipe.name}, seeds {', '.join(map(str, missing))}", file=sys.stderr)


def _seeds(text: str) -> list[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or not all(word.isdigit() for word in words):
        raise UserError("--seeds", "no list of seeds", got=text, allowed="whole numbers like 1,2,3")
    return sorted({int(word) for word in words})


def _write(folder: Path, built: Sequence[_collect.Row], known: Mapping[str, Recipe], recipes: Sequence[Recipe]) -> None:
    rows = _collect.in_order([*built, *_collect.kept(folder / RESULT, known, recipes)], known)
    summaries = _table.summaries(rows)
    text = _table.page(summaries)
    print(text)
    write_json(folder / RESULT, _collect.document(rows))
    write_text(folder / "compression.md", text)
    write_text(folder / "compression.svg", _picture.render(summaries))


if __name__ == "__main__":
    sys.exit(main())
