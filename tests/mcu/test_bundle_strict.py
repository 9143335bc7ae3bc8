"""The C of a bundle as strict projects compile it; some of the grid is drawn by a seed, all of it runs with --slow."""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from .bundles import make_bundle, small_network

WARNINGS = (
    *("-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror", "-Wshadow", "-Wundef", "-Wcast-align"),
    *("-Wcast-qual", "-Wstrict-prototypes", "-Wmissing-prototypes"),
)
COMPILERS = {
    "gcc": ("gcc",),
    "clang": ("clang",),
    "gcc, 32 bits": ("i686-linux-gnu-gcc", "-static"),  # as -m32, which needs another C library
    "gcc, Cortex-M4": ("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "--specs=nosys.specs"),
    "gcc, Cortex-M0": ("arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb", "--specs=nosys.specs"),
    "gcc, Cortex-M55": ("arm-none-eabi-gcc", "-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard", "--specs=nosys.specs"),
}
STANDARDS = ("c99", "c11", "c17")
LEVELS = ("-O0", "-Os", "-O2", "-O3")
OPTIONS = {
    "plain": (),
    "flto": ("-flto",),
    "sections": ("-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"),
    "short enums": ("-fshort-enums",),
}
BOARDS = {"gcc, Cortex-M0": "mps2-an385-m0", "gcc, Cortex-M55": "mps3-an547"}
APP = """
#include <tiny_selftest.h>
static EW_ARENA tiny_arena arena;
int main(void) { return (int)tiny_selftest(&arena); }
"""
GRID = list(itertools.product(COMPILERS, STANDARDS, LEVELS, OPTIONS))
DRAWN = set(random.Random(20).sample(GRID, 6))
Case = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The bundle for a board, made once it is asked for."""
    folder = tmp_path_factory.mktemp("strict")
    return {board: make_bundle(folder / board, small_network(), "tiny", board)
            for board in ("mps2-an386", *BOARDS.values())}  # fmt: skip


def _name(case: Case) -> str:
    return " ".join(case)


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if case in DRAWN else pytest.mark.slow) for case in GRID], ids=_name
)
def test_no_warnings_and_the_right_answer(case: Case, bundles: dict[str, Path], tmp_path: Path) -> None:
    compiler, standard, level, option = case
    if shutil.which(COMPILERS[compiler][0]) is None:
        pytest.skip(f"{COMPILERS[compiler][0]} is not installed")
    if compiler == "clang" and option == "flto" and shutil.which("ld.lld") is None:
        pytest.skip("Clang's link-time optimization needs lld")
    source = bundles[BOARDS.get(compiler, "mps2-an386")] / "src"
    (tmp_path / "app.c").write_text(APP)
    files = ["app.c", *map(str, sorted(source.glob("*.c")))]
    lld = ["-fuse-ld=lld"] if compiler == "clang" and option == "flto" else []
    flags = [f"-std={standard}", level, *OPTIONS[option], *lld, f"-I{source}"]
    command = [*COMPILERS[compiler], *WARNINGS, *flags, *files, "-o", "app"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if "src/" in line] == []
    if "arm-none-eabi" not in COMPILERS[compiler][0]:
        assert subprocess.run([tmp_path / "app"], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("board", ["mps2-an386", *BOARDS.values()])
def test_clang_for_the_core(board: str, bundles: dict[str, Path], tmp_path: Path) -> None:
    core = {"mps2-an386": "cortex-m4", "mps2-an385-m0": "cortex-m0", "mps3-an547": "cortex-m55"}[board]
    found = subprocess.run(
        ["arm-none-eabi-gcc", "-print-file-name=libc.a"], capture_output=True, text=True, check=True
    ).stdout.strip()
    headers = Path(found).resolve().parent.parent / "include"
    target = ["clang", "--target=arm-none-eabi", f"-mcpu={core}", "-mthumb", "-isystem", str(headers)]
    for source in sorted((bundles[board] / "src").glob("*.c")):
        for level in ("-Os", "-O3"):
            command = [*target, *WARNINGS, "-std=c17", level, "-c", str(source), "-o", "x.o"]
            subprocess.run(command, cwd=tmp_path, check=True)
