"""A stage's command as an SCons action: started as a list of words, by no shell, and taken as it is written.

SCons' own commands are for text that people write into an SConstruct: it replaces `$...` in them, also as Python, and
hands them to `sh -c`. Words of a stage hold names and options out of files, which mean nothing but themselves.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

from SCons.Action import Action

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
        status = subprocess.run(json.loads(words), env=env["ENV"], check=False).returncode
        return status if status >= 0 else _SIGNALLED - status

    return run
