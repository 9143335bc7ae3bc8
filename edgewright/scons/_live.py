"""What a build tells to those who look on: which stages it has, and when each begins and ends."""

from __future__ import annotations

import atexit
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from edgewright import live
from edgewright.pipeline import BUILD, Stage
from edgewright.scons._command import looked_on
from edgewright.scons._nodes import words_of


def look_on(
    envs: Sequence[Any], root: Path, stages: Sequence[Stage], goals: Sequence[str], program: Sequence[str]
) -> None:
    """Have the build of these environments tell; `goals` are of the command line, `program` is how it was started."""
    chosen = _wanted(stages, goals or ("report",))
    needs = _needs(chosen)
    told = [(stage.title, list(before)) for stage, before in zip(chosen, needs, strict=True)]
    build = live.Build(root / BUILD / live.FILE, shlex.join(["scons", *program]), told)
    for env in envs:
        looked_on(env, build, [words_of(stage) for stage in chosen])
    atexit.register(build.close)


def _wanted(stages: Sequence[Stage], goals: Sequence[str]) -> list[Stage]:
    """The stages that the goals need, in the order of the graph; all of them for goals that are files or folders."""
    if not all(any(goal in stage.aliases for stage in stages) for goal in goals):
        return list(stages)
    wanted: dict[str, bool] = {}
    for stage in reversed(stages):
        asked = set(goals) & set(stage.aliases) or any(wanted.get(output) for output in stage.outputs)
        if asked:
            wanted |= dict.fromkeys((*stage.inputs, *stage.outputs), True)
    return [stage for stage in stages if any(wanted.get(output) for output in stage.outputs)]


def _needs(stages: Sequence[Stage]) -> Iterator[Iterator[int]]:
    """Of each stage the numbers of those that make what it reads."""
    makers = {output: number for number, stage in enumerate(stages) for output in stage.outputs}
    return ((makers[path] for path in dict.fromkeys(stage.inputs) if path in makers) for stage in stages)
