"""Instructions and estimated cycles from a record of blocks."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from edgewright.arch import Instructions, architecture_of, costs_of
from edgewright.devices.tools import blocks, cycle_counts
from edgewright.devices.tools.blocks import Block, Interval
from edgewright.devices.tools.elf_file import Instruction, disassemble
from edgewright.errors import DeviceError

LISTING = [
    Instruction(0x10, 2, "ldr", "r0, [r1, #0]", "f"),
    Instruction(0x12, 2, "ldr", "r2, [r1, #4]", "f"),
    Instruction(0x14, 4, "smlad", "r3, r0, r2, r3", "f"),
    Instruction(0x18, 4, "bl", "100 <ew_profile_layer>", "f"),
    Instruction(0x1C, 4, "ldmia.w", "r0!, {r4-r7, lr}", "f"),
    Instruction(0x20, 2, "str", "r0, [r1, #0]", "f"),
    Instruction(0x22, 4, "udiv", "r0, r0, r1", "f"),
    Instruction(0x26, 4, "mla", "r0, r0, r1, r2", "f"),
]
WHOLE = Block(0x10, 8)


def cost(core: str, block: Block, entries: int, jumps: int) -> cycle_counts.Cost:
    count = cycle_counts.counter(LISTING, architecture_of("armv7e-m"), costs_of(core).instructions)
    return count(Interval(Counter({block: entries}), Counter({block: jumps})))


def test_instructions_without_the_hook() -> None:
    assert cost("cortex-m4", WHOLE, 3, 0).instructions == 21


def test_cycles_of_the_classes_on_a_cortex_m4() -> None:
    # load 2, load after load 1, smlad 1, ldm of five 6, store 1, divide 6, mla 1
    assert cost("cortex-m4", WHOLE, 1, 0).cycles == 18
    assert cost("cortex-m4", WHOLE, 10, 4).cycles == 188


def test_other_cores_differ_where_they_should() -> None:
    assert cost("cortex-m3", Block(0x26, 1), 1, 0).cycles == 2
    assert cost("cortex-m0", Block(0x10, 2), 1, 1).cycles == 6
    assert cost("cortex-m0plus", Block(0x10, 2), 1, 1).cycles == 5
    # both loads 1, smlad 1, ldm of five 2.5, store 1, divide 6, mla 1
    assert cost("cortex-m7", WHOLE, 1, 0).cycles == 12.5
    assert cost("cortex-m33", WHOLE, 1, 0).cycles == pytest.approx(18 * 0.9)


@pytest.mark.parametrize(
    ("code", "cycles"),
    [
        ("add r0, r1, r2; ldr r3, [r4, #0]", 1),
        ("add r0, r1, r2; ldr r3, [r0, #0]", 2),  # waits for its address
        ("ldr r0, [r4], #4; ldr r1, [r4, #0]", 2),  # which the first moves on
        ("ldr r0, [r4, #0]; ldr r1, [r5, #0]; ldr r2, [r6, #0]", 2),
        ("str r0, [r4, #0]; str r1, [r5, #0]", 2),
        ("smlad r0, r1, r2, r0; smlad r3, r1, r2, r3", 2),
        ("smlad r0, r1, r2, r0; ldr r1, [r4, #0]; smlad r3, r1, r2, r3", 2),
        ("sxtb16 r0, r1; sxtb16 r2, r3, ror #8", 2),
        ("add r0, r1, r2, lsl #2; uxtb r3, r4", 2),
        ("cmp r0, r1; bne.n 20", 1),
        ("movs r0, #1; movs r0, #2", 2),
        ("add r0, r1; ldr r2, [r3, #0]", 1),
        ("smull r0, r1, r2, r3; add r4, r1, r5", 2),
        ("ldrd r0, r1, [r4], #8; smlad r2, r0, r5, r2; add r6, r6, r7", 2),
    ],
)
def test_a_cortex_m7_starts_two_instructions_that_do_not_wait_for_each_other(code: str, cycles: float) -> None:
    lines = [line.strip().partition(" ") for line in code.split(";")]
    listing = [Instruction(0x10 + 4 * i, 4, name, operands, "f") for i, (name, _, operands) in enumerate(lines)]
    count = cycle_counts.counter(listing, architecture_of("armv7e-m"), costs_of("cortex-m7").instructions)
    assert count(Interval(Counter({Block(0x10, len(listing)): 1}), Counter())).cycles == cycles


@pytest.mark.parametrize(
    ("names", "cycles"),
    [
        ("vldrb vldrb", 4),
        ("vldrb vmladava", 3),
        ("vldrb vmladava vldrb vmladava", 5),
        ("add vldrb", 3),
        ("vmul vadd", 3),
    ],
)
def test_instructions_of_helium_overlap_where_another_unit_does_them(names: str, cycles: float) -> None:
    listing = [Instruction(0x10 + 4 * i, 4, name, "q0, q1", "f") for i, name in enumerate(names.split())]
    costs = Instructions(vector=2, overlap=1)
    count = cycle_counts.counter(listing, architecture_of("armv8.1-m.main"), costs)
    assert count(Interval(Counter({Block(0x10, len(listing)): 1}), Counter())).cycles == cycles


@pytest.mark.parametrize(
    ("code", "cycles"),
    [
        ("vldrb.u8 q1, [r7], #16; vmladava.s8 r2, q0, q1", 3),
        ("vmladava.s16 r2, q0, q1; vmladava.s8 r4, q0, q1", 4),
        ("vldrw.u32 q3, [r7, #16]; vstrh.16 q0, [r1]", 4),
        ("vmullb.s8 q3, q1, q2; vadd.i32 q4, q4, q0", 3),
        ("vqmovnb.s32 q4, q3; vadd.i32 q4, q4, q0", 4),
        ("vrmulh.s32 q4, q4, q0; vmax.s32 q4, q4, q0; vstrh.16 q0, [r1]", 4),
        ("vaddv.s32 r0, q1; vmovlb.s8 q0, q1", 4),
        ("lsll r0, r1, r2; add r0, r0, r1", 2),
    ],
)
def test_instructions_of_helium_on_a_cortex_m55(tmp_path: Path, code: str, cycles: float) -> None:
    source = tmp_path / "code.s"
    source.write_text("\n".join([".syntax unified", ".thumb", "f:", *code.split(";"), ""]))
    flags = ["-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard", "-c"]
    subprocess.run(["arm-none-eabi-gcc", *flags, str(source), "-o", str(tmp_path / "code.o")], check=True)
    listing = disassemble(tmp_path / "code.o")
    count = cycle_counts.counter(listing, architecture_of("armv8.1-m.main"), costs_of("cortex-m55").instructions)
    assert count(Interval(Counter({Block(0, len(listing)): 1}), Counter())).cycles == cycles


def test_record() -> None:
    first, second = blocks.read_regions("b 10 8 3 1\nb 20 2 1 0\nb 10 8 2 2\nm\nb 26 1 1 1\ne\ne\n")
    assert first.layers[0].entries == {Block(0x10, 8): 5, Block(0x20, 2): 1}
    assert first.layers[0].jumps[Block(0x10, 8)] == 3
    assert first.rest.entries == {Block(0x26, 1): 1}
    assert second.layers == ()


def test_record_that_was_cut_off_has_no_last_region() -> None:
    assert len(blocks.read_regions("e\nb 10 8 1 0\n")) == 1


@pytest.mark.parametrize("record", ["nonsense", "b 10 8 1", "c 10 8 1 0", "b 10 8 x 0"])
def test_what_is_no_record(record: str) -> None:
    with pytest.raises(DeviceError, match="wrote no record of blocks"):
        blocks.read_regions(record)
