"""Kernel calls as one firmware image, run once in QEMU."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgewright.arch import Architecture, architecture_of
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch, Variable
from edgewright.kernels.core import Core
from edgewright.kernels.headers import folders
from edgewright.tflite.graph import View

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
KERNELS = [f"-I{folder}" for folder in folders()]
"""Where the compiler finds headers."""
CTYPES = {"int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "uint16": "uint16_t", "int32": "int32_t",
          "uint32": "uint32_t", "int64": "int64_t", "float32": "float"}  # fmt: skip


@dataclass(frozen=True)
class Board:
    """An emulated board with its core and how to compile for it."""

    core: Core
    machine: str
    cpu: str
    flags: tuple[str, ...]
    hz: int
    rom: int = 0
    ram: int = 0x20000000
    ram_bytes: int = 512 << 10

    @property
    def architecture(self) -> Architecture:
        """What its core is."""
        return architecture_of(self.core.arch)

    def qemu(self, elf: Path) -> list[str]:
        """The command that runs an image; what it says comes on standard output or error."""
        shown = {"cortexm": ("-serial", "none", "-semihosting-config", "enable=on,target=native")}
        talks = shown.get(self.architecture.folder, ("-serial", "stdio"))
        words = ["-M", self.machine, "-cpu", self.cpu, "-nographic", "-icount", "shift=0", "-monitor", "none", *talks]
        return [self.architecture.qemu, *self.architecture.qemu_flags, *words, "-kernel", str(elf)]


BOARDS = {
    "m0": Board(Core("cortex-m0", "armv6-m"), "mps2-an385", "cortex-m3", ("-mthumb", "-mcpu=cortex-m0"), 25_000_000),
    "m3": Board(Core("cortex-m3", "armv7-m"), "mps2-an385", "cortex-m3", ("-mthumb", "-mcpu=cortex-m3"), 25_000_000),
    "m4": Board(
        Core("cortex-m4", "armv7e-m", has_dsp=True),
        "mps2-an386",
        "cortex-m4",
        ("-mthumb", "-mcpu=cortex-m4"),
        25_000_000,
    ),
    "m7": Board(
        Core("cortex-m7", "armv7e-m", has_dsp=True),
        "mps2-an500",
        "cortex-m7",
        ("-mthumb", "-mcpu=cortex-m7"),
        25_000_000,
    ),
    "m33": Board(
        Core("cortex-m33", "armv8-m.main", has_dsp=True),
        "mps2-an505",
        "cortex-m33",
        ("-mthumb", "-mcpu=cortex-m33"),
        20_000_000,
        rom=0x10000000,
        ram=0x38000000,
    ),
    "m55": Board(
        Core("cortex-m55", "armv8.1-m.main", has_dsp=True, has_mve=True),
        "mps3-an547",
        "cortex-m55",
        ("-mthumb", "-mcpu=cortex-m55", "-mfloat-abi=hard"),
        32_000_000,
    ),
    "rv32imc": Board(
        Core("rv32imc", "rv32imc"),
        "virt",
        "rv32,zba=false,zbb=false,zbc=false,zbs=false",
        ("-march=rv32imc", "-mabi=ilp32"),
        1_000_000_000,
        rom=0x80000000,
        ram=0x80400000,
    ),
}


@dataclass(frozen=True, eq=False)
class Case:
    """Kernel calls with input and expected output."""

    name: str
    calls: tuple[Call, ...]
    inputs: tuple[NDArray[np.int8], ...]
    expected: NDArray[np.int8]
    overlap: Mapping[int, int]
    macs: int
    view: View


@dataclass(frozen=True)
class Outcome:
    """What a run of a case gave; `overlapping` is the input that shared memory with the output, or None."""

    name: str
    overlapping: int | None
    differing: int
    instructions: int


def run(
    cases: Sequence[Case], board: Board, folder: Path, compiler: str = "gcc", optimize: str = "-O2"
) -> list[Outcome]:
    """Compile all cases into one image and run it."""
    (folder / "cases.c").write_text(source(cases))
    elf = folder / "cases.elf"
    build(folder, elf, board, compiler, optimize)
    done = subprocess.run(board.qemu(elf), capture_output=True, text=True, timeout=120, check=True)
    lines = [line.split() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if any(len(line) != 4 for line in lines):
        raise AssertionError(done.stdout + done.stderr)
    outcomes = [tuple(int(word) for word in line) for line in lines]
    return [Outcome(cases[i].name, None if way == 0 else way - 1, bad, spent) for i, way, bad, spent in outcomes]


def build(folder: Path, elf: Path, board: Board, compiler: str, optimize: str) -> None:
    """Compile with the warnings that generated code is held to."""
    program = folder / "cases.o"
    translate(folder, program, board, compiler, optimize)
    arch, tick = board.architecture, 4 * 10**9 // board.hz
    link = [arch.cc, *board.flags, *arch.compile_flags, "-O2", "-std=c99", f"-DNS_A_TICK_X4={tick}", "-I", str(HERE)]
    link += [*_includes(arch), "-nostartfiles", *_C_LIBRARY[arch.folder], "-T", str(HERE / "runner.ld")]
    link += ["-Wl,--no-warn-rwx-segments", "-Wl,--gc-sections", f"-Wl,--defsym=ROM={board.rom}"]
    link += [f"-Wl,--defsym=RAM={board.ram}", f"-Wl,--defsym=RAM_BYTES={board.ram_bytes}", "-o", str(elf)]
    sources = [HERE / "runner.c", HERE / f"runner_{arch.folder}.c", *_string_functions(arch), program]
    subprocess.run([*link, *map(str, sources), *arch.libraries], check=True)


_C_LIBRARY = {"cortexm": ("--specs=nosys.specs",), "riscv": ("-nostdlib",)}


def _includes(arch: Architecture) -> list[str]:
    folders = [FIRMWARE / arch.folder, *(FIRMWARE / folder for folder in arch.includes)]
    return [word for folder in folders for word in ("-I", str(folder))]


def _string_functions(arch: Architecture) -> list[Path]:
    return [FIRMWARE / name for name in arch.startup_files if "libc/" in name]


def translate(folder: Path, target: Path, board: Board, compiler: str = "gcc", optimize: str = "-O2") -> None:
    """Compile cases.c to an object file, or to assembly by the target's suffix."""
    arch = board.architecture
    flags = [*board.flags, *arch.compile_flags, optimize, "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    flags += ["-ffunction-sections", "-fomit-frame-pointer", *KERNELS, "-I", str(HERE), *_includes(arch)]
    compile_c = [arch.cc] if compiler == "gcc" else ["clang", f"--target={arch.clang_target}"]
    headers = [] if compiler == "gcc" else ["-isystem", "/usr/lib/arm-none-eabi/include"]
    what = "-S" if target.suffix == ".s" else "-c"
    subprocess.run([*compile_c, *flags, *headers, what, str(folder / "cases.c"), "-o", str(target)], check=True)


def source(cases: Sequence[Case]) -> str:
    """C text of all cases: kernels specialised as generated code does it."""
    kernels = sorted({call.kernel for case in cases for call in case.calls})
    text = ['#include "runner.h"', *(f'#include "{kernel}.h"' for kernel in kernels)]
    for i, case in enumerate(cases):
        text += _case(i, case)
    rows = [_row(i, case) for i, case in enumerate(cases)]
    text += ["const test_case test_cases[] = {", *rows, "};", f"const int32_t test_count = {len(cases)};", ""]
    return "\n".join(text)


def _case(i: int, case: Case) -> list[str]:
    text = [_array(f"in_{i}_{k}", data) for k, data in enumerate(case.inputs)]
    text.append(_array(f"expected_{i}", case.expected))
    body: list[str] = []
    for j, call in enumerate(case.calls):
        text += [
            _array(f"{a.name}_{i}_{j}", a.data) for a in call.arguments if isinstance(a, Const) and a.data is not None
        ]
        text += [_state(f"{a.name}_{i}_{j}", a, case.view) for a in call.arguments if isinstance(a, Variable)]
        text += _specialised(f"kernel_{i}_{j}", call)
        body.append(f"    kernel_{i}_{j}({', '.join(_value(a, i, j) for a in call.arguments)});")
    head = f"static void case_{i}(int8_t *const *inputs, int8_t *output, int8_t *scratch)"
    return [*text, head, "{", "    (void)scratch;", *body, "}"]


def _specialised(name: str, call: Call) -> list[str]:
    parameters = ", ".join(_parameter(a) for a in call.arguments)
    fields = ", ".join(f".{field} = {_number(value)}" for field, value in call.shape)
    names = ", ".join(a.name for a in call.arguments)
    return [
        f"static __attribute__((noinline)) void {name}({parameters})",
        "{",
        f"    static const {call.shape_type} shape = {{{fields}}};",
        f"    ew_{call.kernel}(&shape, {names});",
        "}",
    ]


def _parameter(argument: Argument) -> str:
    if isinstance(argument, Scalar):
        return f"{argument.ctype} {argument.name}"
    is_read = isinstance(argument, Input | Const) or (isinstance(argument, Scratch) and argument.is_read)
    constant = "const " if is_read else ""
    return f"{constant}{argument.ctype} *{argument.name}"


def _value(argument: Argument, i: int, j: int) -> str:
    match argument:
        case Input():
            place = f"inputs[{argument.index}] + {argument.offset}"
            return place if argument.ctype == "int8_t" else f"(const {argument.ctype} *)(const void *)({place})"
        case Output():
            place = f"output + {argument.offset}"
            return place if argument.ctype == "int8_t" else f"({argument.ctype} *)(void *)({place})"
        case Const():
            return f"{argument.name}_{i}_{j}" if argument.data is not None else "0"
        case Variable():
            return f"({argument.ctype} *)(void *){argument.name}_{i}_{j}"
        case Scalar():
            return _number(argument.value)
        case Scratch():
            place = f"(scratch + {argument.offset})"
            return place if argument.ctype == "int8_t" else f"({argument.ctype} *)(void *){place}"


def _array(name: str, data: NDArray[np.generic]) -> str:
    numbers = ",".join(_number(v) for v in data.reshape(-1).tolist())
    return f"static const {CTYPES[str(data.dtype)]} {name}[] __attribute__((aligned(8))) = {{{numbers}}};"


def _state(name: str, argument: Variable, view: View) -> str:
    """A state as it begins: that of a case which runs once."""
    tensor = view.input(argument.index)
    zero = 0 if tensor.quantization is None else tensor.quantization.zero_point
    return _array(name, np.full(tensor.elements, zero, tensor.dtype)).replace("static const", "static", 1)


def _number(value: float) -> str:
    if isinstance(value, float):
        return f"{value.hex()}F"
    if -(1 << 31) < value < 1 << 32:
        return f"{value}U" if value >= 1 << 31 else str(value)
    return "(-2147483647 - 1)" if value == -(1 << 31) else f"INT64_C({value})"


def _row(i: int, case: Case) -> str:
    inputs = [
        f"{{in_{i}_{k}, {data.size}, {int(k in case.overlap)}, {max(case.overlap.get(k, 0), -(data.size + 64))}}}"
        for k, data in enumerate(case.inputs)
    ]
    scratch = max(call.scratch_bytes for call in case.calls)
    fields = f"case_{i}, {len(inputs)}, {{{', '.join(inputs)}}}, expected_{i}, {case.expected.size}, {scratch}"
    return f"    {{{fields}}},"
