"""Searches which method suits a model and its targets: trials are ordinary builds, and the best of them are a front.

edgewright search TARGET[,TARGET...] MODEL [--space NAME] [--trials N] [--time "2 h"] [--sampler tpe|nsga2|random]
    [--seed N] [--no-advise] [--storage URL] [--executor ADDRESS] [--cache WHERE] [--cache-readonly] [-j N] [--json]

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
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO, get_args

from pydantic_core import PydanticCustomError

from edgewright import cache_server, interrupts, search
from edgewright.command_line import INTERRUPTED, Once, run
from edgewright.errors import ToolError, UserError
from edgewright.executors import address_in
from edgewright.sections.search import Search
from edgewright.text import counted
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
    address_in(root, arguments.executor)  # refuses what is none, as the next line does
    cache_server.host_of(arguments.cache)
    plan = search.planned(root, arguments.targets, arguments.model, arguments.space, given)
    for text in _unread(plan, arguments.space):
        _tell(text)
    given_words = sys.argv[1:] if argv is None else argv
    command = search.without_password(shlex.join(["edgewright", "search", *given_words]))
    seen: list[search.Progress] = []
    ended: BaseException | None = None
    interrupts.end_alike(signal.SIGTERM)  # else the build of a trial would go on by itself
    try:
        _search(plan, root, arguments, command, seen)
    except (KeyboardInterrupt, ToolError) as error:
        ended = error
    for progress in seen:
        _show(progress, command, as_json=arguments.json)
    if isinstance(ended, ToolError):
        raise ended
    if ended is not None:
        print("interrupted: the same command goes on after the trials that have ended", file=sys.stderr)
        return INTERRUPTED
    return 0


def _search(
    plan: search.Plan, root: Path, arguments: argparse.Namespace, command: str, seen: list[search.Progress]
) -> None:
    """Search to the end; `seen` gets what is known at last, whatever ends it."""

    def say(progress: search.Progress, found: search.Found | None) -> None:
        seen[:] = [progress]
        for text in [*_begun(progress)] if found is None else [search.line(progress, found)]:
            _tell(text)

    with _alone((root / plan.folder).parent) as lock, warm.kept():
        where = arguments.executor, arguments.cache, lock, arguments.cache_readonly
        build = search.SconsBuilder(root, plan.model, arguments.jobs, *where, _tell)
        search.search(
            plan,
            root,
            build,
            command=command,
            storage=arguments.storage,
            advise=(lambda: search.advice(plan, root, build, _tell)) if plan.search.advise else None,
            say=say,
        )


def _begun(progress: search.Progress) -> Iterator[str]:
    """What there is when a search begins."""
    if progress.cut_off:
        is_one = progress.cut_off == 1
        again = "is chosen again, with another number" if is_one else "are chosen again, with other numbers"
        yield f"{counted(progress.cut_off, 'trial')} that {'was' if is_one else 'were'} cut off {again}"
    if progress.trials:
        yield f"goes on after {counted(progress.new, 'trial')} in {progress.plan.folder}"
    elif progress.advised:
        yield f"begins with what advise finds: {'; '.join(each.what for each in progress.advised)}"
    if progress.new < progress.plan.search.trials:
        log = f"{progress.plan.folder}/trial-N.log"
        yield f"trial N is logged in {log} while it is built; edgewright serve shows it, too"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _unread(plan: search.Plan, space: str | None) -> Iterator[str]:
    """Of several targets with a `[search]` of their own the first one's counts; those that say something else."""
    own = [target for target in plan.targets if target.spec.search is not None]
    for target in own[1:] if space is None else own:
        if space is not None or target.spec.search != own[0].spec.search:
            read = f"search/{space}.toml" if space is not None else f"that of {own[0].name}"
            yield f"note: [search] of {target.name} is not read, but {read}"


def _show(progress: search.Progress, command: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(progress.as_json(command), indent=2, ensure_ascii=False))
        return
    if not progress.trials:
        return
    print(search.as_table(progress), end="")
    if progress.front or any(progress.fronts.values()):
        of_one = " [--target TARGET]" if progress.fronts else ""
        print(f"a trial as a target of the project: edgewright adopt-trial N{of_one}")
        print("all of it in a browser: edgewright serve")


@contextmanager
def _alone(folder: Path) -> Iterator[TextIO]:
    """The lock of a project's searches: of a killed one its last build may still hold it, which is waited for.

    Two at once would each remove and make what the other one's stages read.
    """
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
        hint = "wait for it, or end it; a copy of the project in another folder may search at once, with one --storage"
        raise UserError(str(folder), f"a search runs already, process {process}", hint=hint)


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(
        prog="edgewright search", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.register("action", None, Once)
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
    made.add_argument("--cache", default="", metavar="WHERE", help="of finished artifacts, as scons has it")
    made.add_argument("--cache-readonly", action="store_true", help="what trials make is not kept there")
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
        found = parse_seconds(text)
    except PydanticCustomError as error:
        raise argparse.ArgumentTypeError(f"{error.message()}: {text!r}, for instance 2h or 90min") from None
    if found <= 0:
        raise argparse.ArgumentTypeError(f"no time at all: {text!r}, for instance 2h or 90min")
    return found


if __name__ == "__main__":
    run(main)
