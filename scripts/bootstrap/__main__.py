"""Make the project's environment whole, then run scons in it.

`./sconsw` starts this with nothing but Python's standard library. When all is set up already, it costs two small
reads; else it works under a lock, and marks .venv as whole only at the very end.
"""

from __future__ import annotations

# ruff: noqa: E402 - Ctrl-C first: it waits until somebody is there who ends without a traceback
import signal

INTERRUPT = {signal.SIGINT}
signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPT)

import os
import sys
from pathlib import Path
from typing import NoReturn

import packages
import state
import system
from say import SetupError, say

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"


def main(arguments: list[str]) -> int:
    """Set up what the arguments need, then become scons, or end with an exit code when that is not to be."""
    anew = arguments[:1] == ["--setup"]
    arguments = arguments[anew:]
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPT)
        profiles = {system.ALL} if anew and not arguments else system.profiles_of(arguments)
        needed = _system_packages(profiles)
        if anew or not _ready(needed, state.load(VENV)):
            _set_up(needed, anew=anew)
        signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPT)
    except SetupError as error:
        say(f"{error}\n  Nothing was built.")
        return 4
    except KeyboardInterrupt:
        say("interrupted; the next ./sconsw sets up what is missing")
        return 130
    if anew and not arguments:
        say("everything is set up")
        return 0
    return _become_scons(arguments)


def _become_scons(arguments: list[str]) -> NoReturn:
    """With SIGINT blocked, which edgewright.scons takes up."""
    python = VENV / "bin" / "python"
    os.chdir(ROOT)
    os.execve(python, [str(python), "-m", "edgewright.scons", *arguments], packages.environment(ROOT))


def _system_packages(profiles: set[str]) -> list[str]:
    own = set() if packages.has_pip() else {"venv"}
    asked = system.with_bases(profiles | own, ROOT / "targets")
    return system.wanted((ROOT / "bindep.txt").read_text(), asked)


def _ready(needed: list[str], known: state.State) -> bool:
    return packages.whole(ROOT, known) and set(needed) <= set(known.present)


def _set_up(needed: list[str], *, anew: bool) -> None:
    with state.locked(ROOT) as lock:
        known = state.load(VENV)
        VENV.mkdir(exist_ok=True)
        if anew or not set(needed) <= set(known.present):
            system.ensure(needed, known, log=VENV / "setup.log", again=anew)
            known.save(VENV)
        if anew or not packages.whole(ROOT, known):
            packages.install(ROOT, known, lock=lock, anew=anew)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
