"""The command of `testbench.imports`, which its docstring tells."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgewright.files import write_json
from edgewright.home import home
from testbench.differential.images import emulated_boards
from testbench.imports import _cost, _page
from testbench.imports._check import Result, check, warm
from testbench.imports._networks import FORMATS, LARGE, networks, path_of
from testbench.zoo.check import Checker

RESULTS = Path(__file__).parent / "imports.json"
COSTS = Path(__file__).parent / "costs.json"
FILES = Path(__file__).parent / "files"
FROZEN = {
    "keras2-h5": ("residual",),
    "keras3-keras": ("attention", "two_inputs"),
    "keras3-h5": ("separable",),
    "saved-model": ("batch_norm",),
    "onnx": ("batch_norm", "upsampling"),
    "torch": ("batch_norm", "pruned"),
}
"""What tests read."""

BOARD = "mps2-an386"


def main() -> None:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m testbench.imports", description=__doc__)
    parser.add_argument("verb", choices=["make", "freeze", "check", "cost", "page"])
    parser.add_argument("--work", type=Path, help="folder of the files")
    parser.add_argument("--formats", nargs="+", choices=list(FORMATS), help="none: all; of cost, those without a row")
    parser.add_argument("--names", nargs="+", help="networks to check anew; none: those that were not checked")
    parser.add_argument("--runs", type=int, default=1, help="of cost: the best time and the most memory of so many")
    given = parser.parse_args()
    if given.verb == "page":
        print(_page.page(json.loads(RESULTS.read_text()), json.loads(COSTS.read_text())), end="")
        return
    work = given.work.resolve()
    if given.verb == "cost":
        _cost_of(work, given.formats, given.runs)
        return
    formats = given.formats or list(FORMATS)
    if given.verb == "check":
        _check(work, formats, given.names)
        return
    {"make": _make, "freeze": _freeze}[given.verb](work, formats)


def _make(work: Path, formats: list[str]) -> None:
    for form in formats:
        subprocess.run([sys.executable, "-m", "testbench.imports._networks", form, str(work)], cwd=home(), check=True)


def _freeze(work: Path, formats: list[str]) -> None:
    for form in formats:
        for name in FROZEN.get(form, ()):
            path = Path(path_of(work, form, name))
            out = FILES / form / path.name
            out.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(path, out, dirs_exist_ok=True) if path.is_dir() else shutil.copyfile(path, out)


def _cost_of(work: Path, formats: list[str] | None, runs: int) -> None:
    """Of each format as it is found: a command that is stopped goes on with the next."""
    found = json.loads(COSTS.read_text()) if COSTS.exists() else {}
    wanted = formats or [each for each in FORMATS if each not in found]
    for form in [each for each in wanted if Path(path_of(work, each, _cost.NETWORK)).exists()]:
        found[form] = _cost.cost(form, work, runs)
        print(form, found[form], flush=True)
        write_json(COSTS, found)


def _check(work: Path, formats: list[str], names: list[str] | None) -> None:
    """Results are kept file by file: what was checked before stays, and a command that is stopped goes on."""
    found: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    board = emulated_boards()[BOARD]
    with Checker() as checker, warm() as environment:
        for form, name in [(each, name) for each in formats for name in networks(each)]:
            if name in found.get(form, {}) if names is None else name not in names:
                continue
            on = None if name in LARGE else board
            result: Result = check(path_of(work, form, name), checker, on, environment)
            print(form, name, result, flush=True)
            found.setdefault(form, {})[name] = asdict(result)
            write_json(RESULTS, found)


if __name__ == "__main__":
    main()
