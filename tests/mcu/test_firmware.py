"""Building and sizing of firmware: every board, the same bytes anywhere, and messages for what cannot be built."""

from __future__ import annotations

import json
import shutil
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edgewright.arch import architecture_of, architecture_of_elf
from edgewright.devices.tools import elf_file
from edgewright.errors import ToolError, UserError
from edgewright.files import read_json
from edgewright.images import boot2, image, sources, stack
from edgewright.images.model import read_library
from edgewright.images.placement import Placement
from edgewright.images.toolchain import Toolchain
from edgewright.stages.microcontroller import firmware

from .conftest import ROOT, TINY, WARNINGS, Builder, board_facts, build, sign, stage_options

BOARDS = sorted(path.stem for path in (ROOT / "targets" / "boards").glob("*.toml") if "port" in path.read_text())
M4 = "mps2-an386"
CORTEX_M, RISCV = architecture_of("armv7e-m"), architecture_of("rv32imc")
CLANG_FLAGS = {
    "Arm Cortex-M": ("--target=arm-none-eabi", "-isystem", "/usr/lib/arm-none-eabi/include"),
    "RISC-V": ("--target=riscv32-unknown-elf",),
}


@pytest.mark.parametrize("board", BOARDS)
def test_every_board_is_built_and_sized(tiny_firmware: Builder, board: str) -> None:
    elf = tiny_firmware(board)
    facts = read_json(elf.with_suffix(".json"))
    flash, ram = facts["flash"], facts["ram"]
    assert flash["weights_bytes"] == 160
    assert flash["total_bytes"] == flash["code_bytes"] + 160
    assert 300 < flash["code_bytes"] < 1200
    assert ram["arena_bytes"] == 64
    assert ram["static_bytes"] == 0
    assert 0 < ram["stack_bytes"] < 100
    assert ram["total_bytes"] == 64 + ram["stack_bytes"]
    assert ram["peak_layer"] == "FULLY_CONNECTED (layer 0)"
    assert flash["total_bytes"] < facts["image"]["flash_bytes"] < 12_000
    assert 8192 < facts["image"]["ram_bytes"] < 8192 + 1024


@pytest.mark.parametrize("board", BOARDS)
def test_image_begins_where_the_core_starts(tiny_firmware: Builder, board: str) -> None:
    """The vector table is at the start of flash, or behind the second boot stage; .hex and .bin hold the same."""
    elf = tiny_firmware(board)
    raw = elf.with_suffix(".bin").read_bytes()
    memory = board_facts(board)["memory"]
    if board_facts(board)["core"]["arch"].startswith("rv32"):
        assert elf_file.symbol(elf, "ew_start").address == memory["flash"]["origin"]
    else:
        at = 256 if board == "pico" else 0
        stack_top, reset = (int.from_bytes(raw[at + i : at + i + 4], "little") for i in (0, 4))
        assert stack_top == memory["ram"]["origin"] + 8192
        assert reset == elf_file.symbol(elf, "ew_reset").address | 1
    back = elf.with_suffix(".back")
    objcopy = f"{architecture_of_elf(elf).tools}objcopy"
    subprocess.run([objcopy, "-I", "ihex", "-O", "binary", elf.with_suffix(".hex"), back], check=True)
    assert back.read_bytes() == raw


def test_checksum_is_crc32_of_mpeg2() -> None:
    """The check value of CRC-32/MPEG-2, and the relation to the reflected CRC-32 that zlib has."""
    assert boot2.checksum(b"123456789") == 0x0376E6E7
    mirrored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in b"Edgewright")
    assert boot2.checksum(b"Edgewright") == int(f"{zlib.crc32(mirrored) ^ 0xFFFFFFFF:032b}"[::-1], 2)


def test_second_boot_stage_of_the_pico(tiny_firmware: Builder) -> None:
    raw = tiny_firmware("pico").with_suffix(".bin").read_bytes()[:256]
    assert boot2.checksum(raw[:252]) == int.from_bytes(raw[252:], "little")
    assert raw[:4] != bytes(4)
    with pytest.raises(ToolError, match="has 253 bytes, more than the 252 that fit"):
        boot2.assembly(bytes(253))


def test_same_bytes_from_any_folder(tiny_firmware: Builder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another folder" / "c"
    shutil.copytree(TINY, elsewhere)
    first, second = tiny_firmware(M4), build(M4, elsewhere, tmp_path / "out")
    for suffix in (".elf", ".bin", ".hex", ".map", ".json"):
        assert first.with_suffix(suffix).read_bytes() == second.with_suffix(suffix).read_bytes(), suffix


def test_clang_as_the_compiler(tmp_path: Path) -> None:
    elf = build(M4, TINY, tmp_path, cc="clang")
    assert "clang" in read_json(elf.with_suffix(".json"))["cc"]


def test_a_math_library_that_is_not_installed_is_named(tmp_path: Path) -> None:
    """A model that computes in float, on RISC-V; one of int8 is built without the library."""
    assert RISCV.math is not None
    (tmp_path / "obj").mkdir()
    absent = replace(RISCV.math, headers=tmp_path / "absent")
    (tmp_path / "model.c").write_text(
        "#include <math.h>\nfloat root(float x);\nfloat root(float x) { return sqrtf(x); }"
    )
    flags = tuple(board_facts("qemu-virt-rv32imc")["toolchain"]["cpu_flags"])
    Toolchain(RISCV, RISCV.cc, flags, tmp_path, RISCV.math).compile("model.c", [])
    message = (
        "picolibc is not installed, a C library for RISC-V: the model computes in float, with functions of math.h\n"
        "  hint: apt-get install picolibc-riscv64-unknown-elf; or a model that is int8 from end to end"
    )
    with pytest.raises(ToolError) as caught:
        Toolchain(RISCV, RISCV.cc, flags, tmp_path, absent).compile("model.c", [])
    assert str(caught.value) == message


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    options = stage_options(M4)
    small = {"flash": {"origin": 0, "size": "1 KiB"}, "ram": {"origin": 0x20000000, "size": "4 KiB"}}
    options = {**options, "board": {**options["board"], "memory": small}}
    with pytest.raises(UserError) as caught:
        firmware.main(["--model-dir", str(TINY), "--out-dir", str(tmp_path), "--options", json.dumps(options)])
    message = str(caught.value)
    assert message.startswith("memory of the board: the firmware does not fit: FLASH is ")
    assert " bytes too small and RAM is 4," in message
    assert "hint: a smaller model" in message
    assert not list(tmp_path.iterdir())


def run_stage(tmp_path: Path, options: dict[str, Any], model: Path = TINY) -> None:
    firmware.main(["--model-dir", str(model), "--out-dir", str(tmp_path), "--options", json.dumps(options)])


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"cc": "no-such-gcc"}, "no-such-gcc is not installed\n  hint: apt-get install gcc-arm-none-eabi"),
        (
            {"stac": "1 KiB"},
            "firmware.stac: unknown key, allowed: cc, stack, protocol_name\n  hint: did you mean 'stack'",
        ),
        ({"stack": "1024"}, "--options: firmware.stack: a size has no unit, got '1024'"),
    ],
)
def test_wrong_options(tmp_path: Path, chosen: dict[str, Any], message: str) -> None:
    with pytest.raises((ToolError, UserError)) as caught:
        run_stage(tmp_path, stage_options(M4, **chosen))
    assert message in str(caught.value)


def test_unknown_port_and_level(tmp_path: Path) -> None:
    options = stage_options(M4)
    with pytest.raises(UserError, match="no such port, got 'mps9', allowed: host, mps2, nrf52, "):
        run_stage(tmp_path, {**options, "board": {**options["board"], "port": "mps9"}})
    with pytest.raises(UserError, match="unknown value, got '-O9', allowed: speed, balanced, size"):
        run_stage(tmp_path, {**options, "compile": {"optimize": "-O9"}})


def test_missing_model(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is missing\n  hint: make the C code of the model first"):
        run_stage(tmp_path / "out", stage_options(M4), tmp_path)


def test_fault_in_the_sources_is_quoted(tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "c")
    (tmp_path / "c" / "tiny.c").write_text("int x = ;\n")
    sign(tmp_path / "c")
    with pytest.raises(ToolError, match=r"compiling model/tiny.c: arm-none-eabi-gcc failed(?s:.*)expected expression"):
        run_stage(tmp_path / "out", stage_options(M4), tmp_path / "c")


CLANG = ("mps2-an385-m0", "mps2-an386", "mps3-an547", "qemu-virt-rv32imc")
"""One board of each architecture, which stand for all in the ordinary run; gcc compiles for all."""


@pytest.mark.parametrize(
    ("board", "compiler"),
    [
        *((board, "gcc") for board in BOARDS),
        *(pytest.param(board, "clang", marks=() if board in CLANG else pytest.mark.slow) for board in BOARDS),
    ],
)
def test_compiles_without_a_warning(tmp_path: Path, board: str, compiler: str) -> None:
    """All hand-written C and the glue, as GCC and as Clang see it for the core."""
    facts = {"name": board, **board_facts(board)}
    library = read_library(TINY)
    folder = tmp_path / "sources"
    folder.mkdir()
    architecture = architecture_of(facts["core"]["arch"])
    sources.lay_out(folder, library, sources.port_folder(facts["port"]), architecture)
    sources.render_board(folder, [], facts, architecture, 8192, Placement())
    sources.render_glue(folder, [], library, "test", "tiny")
    cc, target = ("clang", CLANG_FLAGS[architecture.name]) if compiler == "clang" else (architecture.cc, ())
    own = (architecture.folder, *architecture.includes)
    includes = ["-I.", *(f"-I{name}" for name in ("model", "harness", "ports", "bare", *own))]
    names = sources.c_files(folder, *own, "bare", "harness", "minimal", f"ports/{facts['port']}")
    command = [cc, *target, *facts["toolchain"]["cpu_flags"], *WARNINGS, *includes, "-fsyntax-only"]
    subprocess.run([*command, *names, "glue.c"], cwd=folder, check=True)


def test_glue_of_a_model_with_many_ends(tmp_path: Path) -> None:
    """Several inputs and outputs of several types: structs of pointers in, one buffer each on the harness's side."""
    facts = read_json(TINY / "compile.json")
    tensor = facts["inputs"][0]
    facts["inputs"] = [tensor, {**tensor, "bytes": 8, "shape": [2, 4]}]
    facts["outputs"] = [{**tensor, "bytes": 8, "shape": [2], "dtype": "float32", "scale": None}, facts["outputs"][0]]
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "compile.json").write_text(json.dumps({**facts, "files": {}}))
    shutil.copytree(TINY / "kernels", tmp_path / "model" / "kernels")
    (tmp_path / "model" / "tiny.h").write_text(
        '#include "kernels/ew_types.h"\n#define TINY_ARENA_BYTES 64\n'
        + "".join(
            f"#define TINY_{end}_BYTES {size}\n#define TINY_{end}_OFFSET {offset}\n"
            for end, size, offset in (("INPUT_0", 40, 0), ("INPUT_1", 8, 40), ("OUTPUT_0", 8, 48), ("OUTPUT_1", 4, 56))
        )
        + "#define TINY_OUTPUT_1_ZERO_POINT 0\n#define TINY_OUTPUT_1_SCALE 0.5f\n"
        "typedef struct { const int8_t *a; const int8_t *b; } tiny_inputs;\n"
        "typedef struct { float *a; int8_t *b; } tiny_outputs;\n"
        "ew_status tiny_invoke(const tiny_inputs *inputs, const tiny_outputs *outputs, void *arena);\n"
    )
    library = read_library(tmp_path / "model")
    sources.render_glue(tmp_path, [], library, "test", "tiny")
    harness = ROOT / "firmware" / "harness"
    command = [
        "gcc",
        *WARNINGS,
        f"-I{harness}",
        f"-I{ROOT / 'firmware' / 'ports'}",
        "-Imodel",
        "-fsyntax-only",
        "glue.c",
    ]
    subprocess.run(command, cwd=tmp_path, check=True)
    text = (tmp_path / "glue.c").read_text()
    assert "{EW_FLOAT32, 2, 0, (int64_t)1 << 32}," in text
    assert "static uint8_t input[48];" in text


def code(*functions: tuple[str, list[tuple[str, str]]]) -> list[elf_file.Instruction]:
    return [
        elf_file.Instruction(0, 2, name, operands, function) for function, body in functions for name, operands in body
    ]


def test_deepest_stack_of_a_call_graph() -> None:
    listing = code(
        ("root", [("push", "{r4, lr}"), ("bl", "10 <left>"), ("b.n", "4 <root+0x4>"), ("bl", "20 <right>")]),
        ("left", [("sub", "sp, #24"), ("bl", "30 <leaf>"), ("add", "sp, #24")]),
        ("right", [("stmdb", "sp!, {r4-r7, lr}"), ("b.w", "30 <leaf>")]),
        ("leaf", [("vpush", "{d8-d9}"), ("sub.w", "sp, sp, #8"), ("stmdb", "r3!, {r0, r1}")]),
    )
    assert stack.deepest(listing, CORTEX_M, {}, "root") == 8 + 24 + 24
    assert stack.deepest(listing, CORTEX_M, {"right": 100}, "root") == 8 + 100 + 24
    assert stack.deepest(listing, CORTEX_M, {"leaf": 200}, "leaf") == 200


def test_stack_without_a_bound() -> None:
    assert stack.deepest(code(("a", [("bl", "0 <b>")]), ("b", [("bl", "0 <a>")])), CORTEX_M, {}, "a") is None
    assert stack.deepest(code(("a", [("blx", "r3")])), CORTEX_M, {}, "a") is None


def test_a_pointer_leads_to_what_nobody_calls_by_name() -> None:
    listing = code(
        ("start", [("bl", "0 <root>")]),
        ("root", [("push", "{r4, lr}"), ("blx", "r3"), ("bl", "0 <named>")]),
        ("named", [("bx", "lr")]),
        ("pointed", [("b.n", "0 <pointed>")]),
        ("unknown", [("push", "{r4, r5, r6, lr}")]),
    )
    assert stack.deepest(listing, CORTEX_M, {"start": 500, "named": 30, "pointed": 100}, "root") == 8 + 100


def test_deepest_stack_of_risc_v() -> None:
    """Frames by the stack pointer, calls and tail calls by name, jumps within a function and returns not at all."""
    listing = code(
        ("root", [("addi", "sp,sp,-16"), ("jal", "10 <left>"), ("j", "4 <root+0x4>"), ("jal", "20 <right>")]),
        ("left", [("addi", "sp,sp,-32"), ("jalr", "-234(ra) # 30 <leaf>"), ("addi", "sp,sp,32"), ("ret", "")]),
        ("right", [("j", "30 <leaf>")]),
        ("leaf", [("addi", "sp,sp,-8"), ("bnez", "a0,34 <leaf+0x4>"), ("ret", "")]),
    )
    assert stack.deepest(listing, RISCV, {}, "root") == 16 + 32 + 8
    assert stack.deepest(code(("a", [("jalr", "a5")])), RISCV, {}, "a") is None


def test_names_of_weights(tmp_path: Path) -> None:
    assert read_library(TINY).weight_names() == {"tiny_w0"}


def test_sizes_are_those_of_the_sections(tiny_firmware: Builder) -> None:
    elf = tiny_firmware(M4)
    sizes = image.sizes(elf, {"tiny_w0"})
    said = subprocess.run(["arm-none-eabi-size", "-B", elf], capture_output=True, text=True, check=True).stdout
    text, data, bss = map(int, said.splitlines()[1].split()[:3])
    assert sizes.flash == text + data
    assert sizes.arena + sizes.static + 8192 == data + bss
    assert sizes.weights == 160
