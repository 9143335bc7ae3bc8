"""Searches which method suits a model and its targets: trials are ordinary builds, and the best of them are a front.

edgewright search TARGET[,TARGET...] MODEL [--space NAME] [--trials N] [--time "2 h"] [--sampler tpe|nsga2|random]
    [--seed N] [--no-advise] [--storage URL] [-j N] [--json]

What may vary, what is wanted and what must hold stands in `[search]` of a target, or in search/NAME.toml; NAME is the
model's where nothing else is said. The same command goes on where it stopped; `edgewright adopt-trial N` makes a target
of a trial.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO, get_args

from pydantic_core import PydanticCustomError

from edgewright import search
from edgewright.command_line import INTERRUPTED, run
from edgewright.errors import UserError
from edgewright.sections.search import Search
from edgewright.training import warm
from edgewright.units import parse_seconds

SUMMARY = "which method suits a model and its targets, by trials that are builds"
_LOCK = ".lock"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    root = Path.cwd()
    if not (root / "SConstruct").is_file():
        raise UserError(str(root), "is no project: no SConstruct is in it", hint="go into the folder of one")
    given = search.Overrides(arguments.trials, arguments.time, arguments.sampler, arguments.seed, arguments.advise)
    plan = search.planned(root, arguments.targets, arguments.model, arguments.space, given)
    given_words = sys.argv[1:] if argv is None else argv
    command = search.without_password(shlex.join(["edgewright", "search", *given_words]))
    seen: list[search.Progress] = []

    def say(progress: search.Progress, found: search.Found | None) -> None:
        seen[:] = [progress]
        if found is not None:
            print(search.line(progress, found), file=sys.stderr, flush=True)
            return
        if progress.cut_off:
            _tell("the trial that was cut off is chosen again, with another number")
        if progress.trials:
            _tell(f"goes on after {progress.new} trials in {plan.folder}")
        elif progress.advised:
            _tell(f"begins with what advise finds: {'; '.join(each.what for each in progress.advised)}")

    with _alone(root / plan.folder) as lock, warm.kept():
        build = search.SconsBuilder(root, plan.model, arguments.jobs, arguments.executor, lock)
        try:
            search.search(
                plan,
                root,
                build,
                command=command,
                storage=arguments.storage,
                advise=(lambda: search.advice(plan, root, build, _tell)) if plan.search.advise else None,
                say=say,
            )
            status = 0
        except KeyboardInterrupt:
            status = INTERRUPTED
    for progress in seen:
        _show(progress, command, as_json=arguments.json)
    if status == INTERRUPTED:
        print("interrupted: the same command goes on after the trials that have ended", file=sys.stderr)
    return status


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _show(progress: search.Progress, command: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(progress.as_json(command), indent=2, ensure_ascii=False))
        return
    print(search.as_table(progress), end="")
    if progress.front or any(progress.fronts.values()):
        of_one = " [--target TARGET]" if progress.fronts else ""
        print(f"a trial as a target of the project: edgewright adopt-trial N{of_one}")
        print("all of it in a browser: edgewright serve")


@contextmanager
def _alone(folder: Path) -> Iterator[TextIO]:
    """The lock of a search: of a killed one its last build may still hold it, which is waited for."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            _refuse_running(folder, lock.read())
            print("waiting for the build of a trial that was left behind", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock
        lock.truncate(0)


def _refuse_running(folder: Path, process: str) -> None:
    with suppress(ValueError, ProcessLookupError, PermissionError):
        os.kill(int(process), 0)
        raise UserError(str(folder), f"this search runs already, process {process}", hint="wait for it, or end it")


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(
        prog="edgewright search", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("targets", metavar="TARGET[,TARGET...]", help="files in targets/, without .toml")
    made.add_argument("model", metavar="MODEL", help="a folder in models/")
    made.add_argument("--space", metavar="NAME", help="a file in search/, without .toml, in place of [search]")
    made.add_argument("--trials", type=_count, metavar="N", help="how many, those of before counted")
    made.add_argument("--time", type=_time, metavar="TIME", help='no trial is begun after it: "2 h", "90 min"')
    samplers = get_args(Search.model_fields["sampler"].annotation)
    made.add_argument("--sampler", choices=samplers, help="what chooses the next trial")
    made.add_argument("--seed", type=_seed, metavar="N", help="the same trials for the same seed")
    made.add_argument("--no-advise", dest="advise", action="store_false", default=None, help="begin without a scan")
    made.add_argument("--storage", metavar="URL", help="of Optuna's storage, in place of a file in build/search/")
    made.add_argument("--executor", default="", metavar="ADDRESS", help="where stages run, as scons has it")
    made.add_argument("-j", "--jobs", type=_count, default=1, metavar="N", help="stages of a trial that run at once")
    made.add_argument("--json", action="store_true", help="all trials for programs, in place of the table")
    return made


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a number from 1: {text!r}")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"not a number from 0: {text!r}")
    return int(text)


def _time(text: str) -> float:
    try:
        return parse_seconds(text)
    except PydanticCustomError as error:
        raise argparse.ArgumentTypeError(f"{error.message()}: {text!r}, for instance 2h or 90min") from None


if __name__ == "__main__":
    run(main)
