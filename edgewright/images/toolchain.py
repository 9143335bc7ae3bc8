"""The cross compiler: GCC or Clang compiles, GCC's linker and binutils do the rest."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgewright.arch import Architecture, MathLibrary
from edgewright.devices.tools.run import ending, need, quoted, run, run_tool
from edgewright.errors import ToolError, UserError

_TIMEOUT_S = 600.0
_OVERFLOW = re.compile(r"region [`'](\w+)' overflowed by (\d+) bytes")
_WARNINGS = ("-Wall", "-Wextra", "-Wconversion")
LEVELS = {"speed": "-O3", "balanced": "-O2", "size": "-Os"}


@dataclass(frozen=True)
class Toolchain:
    """A compiler for one core, at work in one folder; all paths are relative to that folder.

    No path and no time gets into what it makes: file names are written relative to the folder.
    """

    architecture: Architecture
    cc: str
    cpu_flags: tuple[str, ...]
    folder: Path
    math: MathLibrary | None = None
    """What a model that computes in float needs beside the compiler."""

    def compile(self, source: str, flags: Sequence[str]) -> str:
        """Compile one C or assembler file; the path of the object file."""
        target = f"obj/{len(list((self.folder / 'obj').glob('*.o'))):03d}-{Path(source).stem}.o"
        command = [self.cc, *self._target(), *self._math_headers(), *self._core_flags(), "-std=c99", "-g", *_WARNINGS]
        command += ["-ffunction-sections", "-fdata-sections", "-fno-common", f"-ffile-prefix-map={self.folder}=."]
        self._run(f"compiling {source}", [*command, "-fstack-usage", *flags, "-c", source, "-o", target])
        return target

    def link(self, objects: Sequence[str], script: str, elf: str, map_file: str) -> None:
        """Link an image; UserError when it does not fit into the board's memory."""
        command = [
            self.architecture.cc,
            *self._core_flags(),
            "-nostartfiles",
            *self.architecture.link_flags,
            *([f"--specs={self.math.specs}"] if self.math else []),
            f"-T{script}",
            f"-Wl,-Map={map_file}",
        ]
        command += ["-Wl,--gc-sections", "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments"]
        command += [*objects, *(self.math.libraries if self.math else ()), *self.architecture.libraries, "-o", elf]
        self._run(f"linking {elf}", command)

    def archive(self, objects: Sequence[str], target: str) -> None:
        """Put objects into an archive for a linker, without times and owners in it."""
        self._run(f"packing {target}", [f"{self.architecture.tools}ar", "rcsD", target, *objects])

    def convert(self, elf: str, target: str, *arguments: str) -> None:
        """Run objcopy."""
        self._run(f"converting {elf}", [f"{self.architecture.tools}objcopy", *arguments, elf, target])

    def version(self) -> str:
        """First line of what the compiler says about itself."""
        command = [need(self.cc, self.architecture.hint), "--version"]
        return run_tool("asking the compiler for its version", command, 60.0).splitlines()[0]

    def _core_flags(self) -> list[str]:
        return [*self.cpu_flags, *self.architecture.compile_flags]

    def _target(self) -> list[str]:
        """Clang is told what GCC is built for: the target and where its C library's headers are."""
        if "clang" not in Path(self.cc).name:
            return []
        target = [f"--target={self.architecture.clang_target}"]
        if self.architecture.c_library is None:
            return target
        command = [need(self.architecture.cc, self.architecture.hint), "-print-file-name=libc.a"]
        library = Path(run_tool("asking for the C library", command, 60.0).strip()).resolve()
        return [*target, "-isystem", str((library / self.architecture.c_library).resolve())]

    def _math_headers(self) -> list[str]:
        """ToolError where the library is not installed."""
        if self.math is None:
            return []
        if not self.math.headers.is_dir():
            raise ToolError(
                f"{self.math.name} is not installed, a C library for {self.architecture.name}: the model computes in "
                f"float, with functions of math.h\n  hint: {self.math.hint}; or a model that is int8 from end to end"
            )
        return ["-isystem", str(self.math.headers)]

    def _run(self, what: str, command: Sequence[str]) -> None:
        need(command[0], self.architecture.hint)
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
