"""The other end of `_child`, in a converter's environment: does what it is asked, a verb a line.

Converters print what they like, so that answers go where standard output was, and standard output goes to the errors.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def serve(verbs: Mapping[str, Callable[[Path, Path], None]]) -> None:
    """Until the standard input ends. Each verb gets the model and the folder of the command line."""
    model, folder = (Path(word).resolve() for word in sys.argv[1:3])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            verbs[line.strip()](model, folder)
        except SystemExit as error:
            print(error.code, file=answers, flush=True)
            continue
        print("done", file=answers, flush=True)
