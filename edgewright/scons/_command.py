"""A stage's command as an SCons action: started as a list of words, by no shell, and taken as it is written.

SCons' own commands are for text that people write into an SConstruct: it replaces `$...` in them, also as Python, and
hands them to `sh -c`. Words of a stage hold names and options out of files, which mean nothing but themselves.
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from SCons.Action import Action

from edgewright.live import Build
from edgewright.scons import _ending
from edgewright.scons._resident import Resident
from edgewright.text import lines

_SIGNALLED = 128  # and the number of the signal: the status that a shell gives


def command(words: Sequence[str], title: str, *, verbose: bool) -> Any:
    """The action that runs a program.

    Args:
        words: program and arguments; they are the action's signature.
        title: what is printed while it runs.
        verbose: print the command in place of the title, to be pasted into a shell.
    """
    shown = lines(shlex.join(words) if verbose else title)
    return Action(_runner(json.dumps(words)), strfunction=lambda *_: shown)


def _runner(words: str) -> Callable[..., int]:
    """What runs the words of a JSON list.

    SCons takes what the function closes over for the action's signature, as long as it is text: of a tuple or a list
    it takes the type alone.
    """

    def run(env: Any, **_: Any) -> int:
        return _looked_on(env, words, lambda environment: _ran(env, words, environment))

    return run


def _ran(env: Any, words: str, environment: Mapping[str, str]) -> int:
    """Run a stage: here, or where `env["EDGE_ELSEWHERE"]` has it run."""
    here: Callable[[], int] = lambda: _run(json.loads(words), environment, env.get("EDGE_RESIDENT"))  # noqa: E731
    elsewhere = env.get("EDGE_ELSEWHERE")
    return elsewhere(words, environment, here) if elsewhere else here()


def _run(words: Sequence[str], environment: Mapping[str, str], resident: Resident | None) -> int:
    status = resident.run(words[2:], environment) if resident else None
    if status is None:
        if _ending.ends.is_set():  # the resident ended with the build
            return _SIGNALLED + signal.SIGTERM
        status = subprocess.run(words, env=environment, check=False).returncode
    return status if status >= 0 else _SIGNALLED - status


def _looked_on(env: Any, words: str, run: Callable[[Mapping[str, str]], int]) -> int:
    """Run a stage, and have those who look on know: `env["EDGE_LIVE"]` is the build, and its stages by their words."""
    build, stages = env.get("EDGE_LIVE", (None, {}))  # a project of commands alone has no stages
    number = stages.get(words)
    if number is None:
        return run(env["ENV"])
    build.begin(number)
    status = run({**env["ENV"], **build.environment()})
    build.end(number, status)
    return status


def looked_on(env: Any, build: Build, commands: Sequence[Sequence[str]]) -> None:
    """Have the stages with these commands tell `build` when they begin and end; a stage's number is its place."""
    env["EDGE_LIVE"] = build, {json.dumps(words): number for number, words in enumerate(commands)}
