"""Runs scons many times in one process that has imported it: each run is a fork. Started by `testbench.scons`.

A line of its input is a JSON array [folder, file for all that is printed to stdout, the same for stderr, words]; the
answer is a line with the exit code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence

import SCons.Script
import SCons.Tool.default

import edgewright.pipeline
import edgewright.scons
import edgewright.scons.edge  # noqa: F401

LIMIT_S = 60


def run(folder: str, out: str, errors: str, words: Sequence[str]) -> None:
    """Become a scons: this process does not come back."""
    signal.alarm(LIMIT_S)
    os.chdir(folder)
    for descriptor, path in ((0, os.devnull), (1, out), (2, errors)):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.argv = ["scons", *words]
    code: object = 1
    try:
        SCons.Script.main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(*json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
