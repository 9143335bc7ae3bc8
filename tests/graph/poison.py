"""Copies of Edgewright and of a project in which a stage finds what it names, and poison in the place of the rest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Set as AbstractSet
from pathlib import Path

POISON = {
    ".py": "raise RuntimeError('a stage runs this file and does not name it')\n",
    ".c": '#error "a stage compiles this file and does not name it"\n',
    ".j2": "{{ this_file_is_not_named() }}\n",
}
SAME_AS = {".h": ".c", ".S": ".c"}
OTHER = "a stage reads this file and does not name it\n"


def poisoned(folder: Path, copy: Path, named: AbstractSet[Path]) -> None:
    """Copy a folder; of its files only those that are `named`, poison for the others.

    Args:
        folder: what is copied, but for compiled Python.
        copy: where to; is made anew.
        named: paths in `folder`.
    """
    shutil.rmtree(copy, ignore_errors=True)
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        here = copy / Path(place).relative_to(folder)
        here.mkdir(parents=True)
        for name in files:
            source = Path(place) / name
            if source in named:
                shutil.copyfile(source, here / name)
            else:
                (here / name).write_text(POISON.get(SAME_AS.get(source.suffix, source.suffix), OTHER))
