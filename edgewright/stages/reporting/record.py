"""Adds the figures of a build to the project's history, and hands on the lines of this target and model.

python -m edgewright.stages.reporting.record --report build/rpi/m/report.json --log history.jsonl
    --out build/rpi/m/history.json --options '{"command":"scons target=rpi model=m"}'

The history is no artifact: it outlives `scons -c`, and nothing but pages and comparisons is made from it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from edgewright import times
from edgewright.command_line import run
from edgewright.files import read_json, write_json
from edgewright.options.record import Options
from edgewright.report import history
from edgewright.stage_command import stage

_SHOWN = 200  # lines that a page can be made of
_TIMEOUT_S = 30


def record(options: Options) -> None:
    """Add the line and hand on those before."""
    line = history.line_of(read_json(options.report), commit(options.log.absolute().parent))
    took = times.by_module(options.stages, times.of_this_build())
    lines = history.record(options.log, {**line, history.TOOK: took} if took else line)
    shown = [history.without_times(each) for each in lines[-_SHOWN:]]  # pages of equal builds are equal
    found = {"schema": history.SCHEMA, "command": options.command, "lines": shown}
    write_json(options.out, found)


def commit(folder: Path) -> dict[str, Any]:
    """The commit of a folder's repository, its date, and whether files have changed since; null without one."""
    found = _git(folder, "log", "-1", "--format=%H %cs")
    if not found:
        return {"commit": None, "date": None, "changed": None}
    name, date = found.split()
    return {"commit": name, "date": date, "changed": bool(_git(folder, "status", "--porcelain", "-uno"))}


def _git(folder: Path, *words: str) -> str | None:
    command = ["git", "--no-optional-locks", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


main = stage(Options, record)

if __name__ == "__main__":
    run(main)
