"""Kernel headers that meet in some model: all that a core can use stand in one file, in any order, as C and as C++."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edgewright.compiler.emit._write import BY_ROWS, SHARED_HEADERS, UNPACK
from edgewright.kernels.channels import DECODER as CHANNELS
from edgewright.kernels.core import Core
from edgewright.kernels.headers import headers
from edgewright.kernels.unpack import DECODER
from edgewright.ops import table
from testbench.kernels.image import BOARDS, KERNELS

WARNINGS = ("-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror")
ORDERS = ("sorted", "reversed", "shuffled 1", "shuffled 2")
COMPILERS = {"c": ("gcc", "-std=c99"), "cpp": ("g++", "-std=c++11")}
PART = re.compile(r"\w+_s8_swar\.h")
"""Not for inclusion alone: what the kernels of Cortex-M0 and M3 share, and include behind their own arithmetic."""
ALL = sorted(name for name in headers() if not PART.fullmatch(name))


CORES = sorted(name for name, board in BOARDS.items() if board.architecture.math is None)
"""Those whose compiler brings the whole C library: some headers are for floating point."""


def compiler(core: str, language: str) -> list[str]:
    name, standard = COMPILERS[language]
    command = [name]
    if core != "host":
        arch = BOARDS[core].architecture
        command = [f"{arch.tools}{name}", *arch.compile_flags, *BOARDS[core].flags]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]}")
    return [*command, standard, *WARNINGS, *KERNELS]


def usable(core: str, folder: Path) -> list[str]:
    """The headers that generated code for a core may include, and those that they include in turn."""
    isas = (Core() if core == "host" else BOARDS[core].core).isas
    files = {file for kernel in table.kernels() if kernel.isa in isas for file in kernel.files}
    included = [f"{name}.h" for name in sorted(files | {BY_ROWS, CHANNELS, DECODER, UNPACK, *SHARED_HEADERS})]
    source = write(included, folder / "all.c")
    done = subprocess.run([*compiler(core, "c"), "-M", str(source)], capture_output=True, text=True, check=True)
    reached = {Path(word).name for word in done.stdout.split()}
    return [name for name in ALL if name in reached]


def write(headers: list[str], source: Path) -> Path:
    source.write_text("".join(f'#include "{header}"\n' for header in headers))
    return source


def ordered(headers: list[str], order: str) -> list[str]:
    if order == "sorted":
        return headers
    return headers[::-1] if order == "reversed" else random.Random(order).sample(headers, len(headers))


@pytest.mark.parametrize("language", sorted(COMPILERS))
@pytest.mark.parametrize("core", ["host", *CORES])
def test_all_headers_of_a_core_in_any_order(core: str, language: str, tmp_path: Path) -> None:
    headers = usable(core, tmp_path)
    for order in ORDERS:
        source = write(ordered(headers, order), tmp_path / f"together.{language}")
        command = [*compiler(core, language), "-c", str(source), "-o", str(tmp_path / "together.o")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{order}:\n{done.stderr}"


def test_every_header_is_usable_on_some_core(tmp_path: Path) -> None:
    assert sorted({header for core in CORES for header in usable(core, tmp_path)}) == ALL
