"""Goals of the command line that mean nothing: told with the closest one, once all of SConstruct is read.

A project may declare goals and files of its own before and after the graph, so nobody knows earlier what is missing.
SCons asks for the node of each goal at that moment; whoever is asked last knows that nobody else knew it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import SCons.Node
import SCons.Node.FS
import SCons.Script

from edgewright.errors import UserError, did_you_mean
from edgewright.pipeline import BUILD, GOALS
from edgewright.scons import _show


def refuse_unknown(
    env: Any, root: Path, told: Callable[[], Mapping[str, str]], there: Callable[[], Collection[str]]
) -> None:
    """End SCons on a goal that nobody has declared.

    Args:
        env: an environment of the project.
        root: the project's folder.
        told: goals and what they are for.
        there: the goals of `GOALS` that the declared stages have.
    """

    def look_up(name: str, **_: Any) -> None:
        if SCons.Script.sconscript_reading or name not in SCons.Script.COMMAND_LINE_TARGETS:
            return
        if name in GOALS:
            _end(root, _empty(name, there()))
        if not _is_file(env, root, name):
            close = did_you_mean(name, [*told(), *_aliases()])
            _end(root, UserError(f"scons {name}", "no such goal", allowed=told(), hint=close))

    SCons.Node.arg2nodes_lookups.append(look_up)


def _empty(name: str, there: Collection[str]) -> UserError:
    problem = f"nothing to do for the chosen targets and models: {GOALS[name]}"
    return UserError(f"scons {name}", problem, allowed=sorted(there), hint="choose others: target=... model=...")


def _is_file(env: Any, root: Path, name: str) -> bool:
    """Whether it is a file or folder that is there, that is of the build, or that somebody has declared."""
    if name.startswith(f"{BUILD}/") or (root / name).exists():
        return True
    return type(env.fs.Entry(name)) is not SCons.Node.FS.Entry  # of what nobody declared SCons knows no kind


def _aliases() -> list[str]:
    return list(map(str, SCons.Node.Alias.default_ans))


def _end(root: Path, error: UserError) -> None:
    """A folder of a build that was to begin is not left behind."""
    with suppress(OSError):
        (root / BUILD).rmdir()
    _show.tell(error)
    sys.exit(error.exit_code)
