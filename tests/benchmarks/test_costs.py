"""The committed tables of costs: what is measured again agrees with them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgewright.arch import architecture_of
from edgewright.home import home

TABLES = home() / "edgewright/arch/costs"
KERNEL = "fully_connected_s8_lut"


def run(core: str, arch: str, *words: object, code: int = 0) -> str:
    """What the command prints; skips without the emulator of the core, or its compiler."""
    for tool in (architecture_of(arch).qemu, architecture_of(arch).cc):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool}")
    command = [sys.executable, "-m", "benchmarks.costs", core, *map(str, words)]
    done = subprocess.run(command, cwd=home(), capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("core", "arch", "kernels"),
    [  # one core stands for all: Cortex-M3 and M33 are measured below
        pytest.param("cortex-m0", "armv6-m", "fully_connected_s8_ref", marks=pytest.mark.slow),
        ("cortex-m55", "armv8.1-m.main", "fully_connected_s8_mve"),
        pytest.param("rv32imc", "rv32imc", KERNEL, marks=pytest.mark.slow),
    ],
)
def test_a_sample_that_is_measured_again_is_as_near_as_the_table_says(core: str, arch: str, kernels: str) -> None:
    printed = run(core, arch, "--check", "--only", kernels)
    assert all(f"{core}: {kernel}: " in printed for kernel in kernels.split(","))


def test_a_table_that_is_off_is_found_and_measured_right(tmp_path: Path) -> None:
    path = Path(shutil.copytree(TABLES, tmp_path / "costs")) / "cortex-m3.toml"
    before, row = path.read_text(), f"[kernels.{KERNEL}]\noutput = "
    assert row in before
    path.write_text(before.replace(row, f"{row}9"))
    choice = ("--only", KERNEL, "--tables", path.parent)
    assert f"cortex-m3: {KERNEL}: 7 layers" in run("cortex-m3", "armv7-m", "--check", *choice, code=1)
    run("cortex-m3", "armv7-m", *choice)
    run("cortex-m3", "armv7-m", "--check", *choice)
    assert [_kept(line) for line in path.read_text().splitlines()] == [_kept(line) for line in before.splitlines()]


def test_a_core_that_uses_another_table_still_does_when_it_was_measured(tmp_path: Path) -> None:
    path = Path(shutil.copytree(TABLES, tmp_path / "costs")) / "cortex-m33.toml"
    before = path.read_text()
    assert before.startswith('uses = "cortex-m4"\n')
    run("cortex-m33", "armv8-m.main", "--only", KERNEL, "--tables", path.parent)
    uses, sources, instructions, rows = path.read_text().split("\n\n")
    assert [uses, instructions] == [part.strip() for part in before.split("\n\n")][::2]
    assert sources.endswith('kernels = "python -m benchmarks.costs cortex-m33"')
    assert rows.startswith(f"[kernels.{KERNEL}]\n")


def _kept(line: str) -> str:
    """A line without its figure, where it is one that the fit of this kernel has."""
    name, equals, _ = line.partition(" = ")
    return name if equals and name in ("output", "product", "worst") else line


def test_a_kernel_is_named_by_its_function() -> None:
    measured = run("cortex-m4", "armv7e-m", "--only", "depthwise_conv_2d_s8_windows", "--check")
    assert "cortex-m4: depthwise_conv_2d_s8_windows: " in measured


def test_what_cannot_be_measured_is_refused() -> None:
    run("cortex-m4", "armv7e-m", "--only", "depthwise_conv_2d_s8_window", code=2)
    run("cortex-m3", "armv7-m", "--only", "conv_2d_s8_m0", code=1)
