"""One compilation for all that is the same: hundreds of tests build firmware, with the same harness around each model.

The cross compilers are called through Debian's ccache, which keeps object files by the hash of compiler, flags and
preprocessed text, for as long as the session of tests lives. Where ccache is not installed they are called as they are.
"""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

COMPILERS = ("arm-none-eabi-gcc", "riscv64-unknown-elf-gcc")

_SETTINGS = {
    "CCACHE_NOHASHDIR": "1",  # each build has a temporary folder of its own, of which nothing is in its object files
    "CCACHE_SLOPPINESS": "include_file_ctime,include_file_mtime",  # headers were written just before they are read
    "CCACHE_NOCOMPRESS": "1",
}


def use(folder: Path) -> None:
    """Have this process, and those that it starts, find the compilers in `folder`, where the cache is too.

    The settings stand in the programs: a build hands no more of its environment on than its stages need.
    """
    ccache = shutil.which("ccache")
    if ccache is None:
        return
    settings = " ".join(f"{name}={value}" for name, value in _SETTINGS.items())
    for name in COMPILERS:
        if compiler := shutil.which(name):
            words = f"CCACHE_DIR={shlex.quote(f'{folder}/cache')} {settings} exec {ccache} {shlex.quote(compiler)}"
            (folder / name).write_text(f'#!/bin/sh\n{words} "$@"\n')
            (folder / name).chmod(0o700)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
