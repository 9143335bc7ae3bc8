"""The cross compiler: GCC or Clang compiles, GCC's linker and binutils do the rest."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgewright.devices._elf import PREFIX
from edgewright.devices._run import ending, need, quoted, run, run_tool
from edgewright.errors import ToolError, UserError

LINKER = f"{PREFIX}gcc"
_HINT = "apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"
_TIMEOUT_S = 600.0
_OVERFLOW = re.compile(r"region [`'](\w+)' overflowed by (\d+) bytes")
_WARNINGS = ("-Wall", "-Wextra", "-Wconversion")
LEVELS = {"speed": "-O3", "balanced": "-O2", "size": "-Os"}


@dataclass(frozen=True)
class Toolchain:
    """A compiler for one core, at work in one folder; all paths are relative to that folder.

    No path and no time gets into what it makes: file names are written relative to the folder.
    """

    cc: str
    cpu_flags: tuple[str, ...]
    folder: Path

    def compile(self, source: str, flags: Sequence[str]) -> str:
        """Compile one C or assembler file; the path of the object file."""
        target = f"obj/{len(list((self.folder / 'obj').glob('*.o'))):03d}-{Path(source).stem}.o"
        command = [self.cc, *self._target(), *self.cpu_flags, "-std=c99", "-g", *_WARNINGS]
        command += ["-ffunction-sections", "-fdata-sections", "-fno-common", f"-ffile-prefix-map={self.folder}=."]
        self._run(f"compiling {source}", [*command, "-fstack-usage", *flags, "-c", source, "-o", target])
        return target

    def link(self, objects: Sequence[str], script: str, elf: str, map_file: str) -> None:
        """Link an image; UserError when it does not fit into the board's memory."""
        command = [
            LINKER,
            *self.cpu_flags,
            "-nostartfiles",
            "--specs=nano.specs",
            f"-T{script}",
            f"-Wl,-Map={map_file}",
        ]
        command += ["-Wl,--gc-sections", "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments"]
        command += [*objects, "-lm", "-o", elf]
        self._run(f"linking {elf}", command)

    def convert(self, elf: str, target: str, *arguments: str) -> None:
        """Run objcopy."""
        self._run(f"converting {elf}", [f"{PREFIX}objcopy", *arguments, elf, target])

    def version(self) -> str:
        """First line of what the compiler says about itself."""
        return run_tool("asking the compiler for its version", [need(self.cc, _HINT), "--version"], 60.0).splitlines()[
            0
        ]

    def _target(self) -> list[str]:
        """Clang is told what GCC is built for: the target and where its C library's headers are."""
        if "clang" not in Path(self.cc).name:
            return []
        sysroot = run_tool("asking for the C library", [need(LINKER, _HINT), "-print-file-name=libc.a"], 60.0)
        return ["--target=arm-none-eabi", "-isystem", str(Path(sysroot.strip()).resolve().parent.parent / "include")]

    def _run(self, what: str, command: Sequence[str]) -> None:
        need(command[0], _HINT)
        try:
            done = run(
                command, _TIMEOUT_S, cwd=self.folder, env={**os.environ, "LC_ALL": "C", "SOURCE_DATE_EPOCH": "0"}
            )
        except (TimeoutError, OSError) as error:
            raise ToolError(f"{what}: {command[0]}: {error}") from None
        if done.returncode == 0:
            return
        overflows = _OVERFLOW.findall(done.stderr)
        if overflows:
            raise _does_not_fit(dict(overflows))
        raise ToolError(f"{what}: {Path(command[0]).name} {ending(done.returncode)}{quoted(done.stderr, 20)}")


def _does_not_fit(overflows: dict[str, str]) -> UserError:
    excess = " and ".join(f"{region} is {int(size):,} bytes too small" for region, size in sorted(overflows.items()))
    hint = 'a smaller model, [compile] optimize = "size", a smaller [compile] stack, or a board with more memory'
    return UserError("memory of the board", f"the firmware does not fit: {excess}", hint=hint)
