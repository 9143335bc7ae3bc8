"""The protocol of the harness, on this machine under the address and undefined-behaviour sanitizers."""

from __future__ import annotations

import random
import re
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.images import sources

from .conftest import WARNINGS, HostHarness, tiny_inputs, tiny_outputs

INPUT = bytes(range(0, 240, 6))
LOADED = f"db load 40%db {INPUT[:31].hex()}%db {INPUT[31:].hex()}%"


def last_answer(harness: HostHarness, text: str) -> list[str]:
    """The answer to the last of some commands."""
    lines = harness.say(text)
    assert lines[-1] == "m-ready"
    ends = [i for i, line in enumerate(lines) if line == "m-ready"]
    return lines[ends[-2] + 1 if len(ends) > 1 else 0 : -1]


def test_transcript(host_harness: HostHarness) -> None:
    """The whole protocol as a runner speaks it; only times differ from run to run."""
    said = host_harness.say(f"name%profile%timestamp%{LOADED}db print%infer 2 1%results%output%")
    expected = [
        "m-name-dut-[host]",
        "m-ready",
        "m-profile-[ULPMark for tinyML Firmware V0.0.1]",
        "m-model-[tiny01]",
        "m-ready",
        "m-lap-us-#",
        "m-ready",
        "m-[Expecting 40 bytes]",
        "m-ready",
        "m-ready",
        "m-load-done",
        "m-ready",
        "m-buffer-00-06-0c-12-18-1e-24-2a",
        "m-buffer-30-36-3c-42-48-4e-54-5a",
        "m-buffer-60-66-6c-72-78-7e-84-8a",
        "m-buffer-90-96-9c-a2-a8-ae-b4-ba",
        "m-buffer-c0-c6-cc-d2-d8-de-e4-ea",
        "m-ready",
        "m-warmup-start-1",
        "m-warmup-done",
        "m-infer-start-2",
        "m-lap-us-#",
        "m-lap-us-#",
        "m-infer-done",
        "m-results-[0.516,0.535,0.535,0.512]",
        "m-ready",
        "m-results-[0.516,0.535,0.535,0.512]",
        "m-ready",
        "m-output-[04090903]",
        "m-ready",
    ]
    assert [re.sub(r"(m-lap-us-)\d+", r"\1#", line) for line in said] == expected


def test_output_is_that_of_the_model(host_harness: HostHarness) -> None:
    for value in tiny_inputs(5):
        raw = value.tobytes()
        text = f"db load 40%db {raw[:20].hex()}%db {raw[20:].hex().upper()}%infer 1 0%output%"
        expected = tiny_outputs(value).tobytes()
        assert last_answer(host_harness, text) == [f"m-output-[{expected.hex()}]"]


def test_time_goes_on(host_harness: HostHarness) -> None:
    first, second = (int(line.rsplit("-", 1)[1]) for line in host_harness.say("timestamp%timestamp%") if "lap" in line)
    assert 0 < first <= second


def test_profile_of_layers(host_harness: HostHarness) -> None:
    unit, *layers = last_answer(host_harness, LOADED + "profile layers%")
    assert unit == "m-profile-unit-[nanoseconds]"
    assert [re.sub(r"\d+\]$", "#]", line) for line in layers] == ["m-layer-[0,FULLY_CONNECTED,#]", "m-layer-[1,ADD,#]"]


def test_help_names_every_command(host_harness: HostHarness) -> None:
    told = {line.split()[0] for line in last_answer(host_harness, "help%")}
    expected = {"help", "name", "timestamp", "profile", "db", "infer", "results", "output", "stack", "reset"}
    assert told == expected | {"check", "image"}


def test_check_tells_what_was_asked_answered_and_loaded(host_harness: HostHarness) -> None:
    asked = zlib.crc32(b"name" + b"m-name-dut-[host]\r\n")
    empty, loaded = zlib.crc32(bytes(40)), zlib.crc32(INPUT)
    assert last_answer(host_harness, "name%check 7%") == [f"m-check-[7,{asked:08x},{empty:08x}]"]
    before = f"check 7m-check-[7,{asked:08x},{empty:08x}]\r\n".encode()
    again = f"m-check-[8,{zlib.crc32(before):08x},{empty:08x}]"
    assert last_answer(host_harness, "name%check 7%check 8%") == [again]
    refused = zlib.crc32(b"nam\x01ee-[Unknown command: nam?e]\r\n")
    text = f"nam\x01e%{LOADED}nam\x01e%check 000123%"
    assert last_answer(host_harness, text) == [f"m-check-[123,{refused:08x},{loaded:08x}]"]
    assert last_answer(host_harness, "check%") == ["e-[Command 'check' requires a number]"]
    assert last_answer(host_harness, "image%") == ["e-[The image cannot be read here]"]


def test_infer_without_numbers_runs_once_after_ten(host_harness: HostHarness) -> None:
    said = last_answer(host_harness, LOADED + "infer%")
    assert "m-warmup-start-10" in said
    assert "m-infer-start-1" in said


def test_line_ends_and_spaces_do_no_harm(host_harness: HostHarness) -> None:
    assert last_answer(host_harness, "\r\n  name \t\r\n%") == ["m-name-dut-[host]"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("bogus", "e-[Unknown command: bogus]"),
        ("nam", "e-[Unknown command: nam]"),
        ("names", "e-[Unknown command: names]"),
        ("", "e-[Empty command]"),
        ("   ", "e-[Empty command]"),
        ("x]m-ready[\x01\x7f\u00ff", "e-[Unknown command: x?m-ready[???]"),
        ("y" * 60, "e-[Unknown command: " + "y" * 32 + "]"),
        ("z" * 81, "e-[Command too long]"),
        ("db " + "00" * 200, "e-[Command too long]"),
        ("db", "e-[Command 'db' requires a subcommand]"),
        ("db load", "e-[Command 'db load' requires the # of bytes]"),
        ("db load x", "e-[Not a number: x]"),
        ("db load -1", "e-[Not a number: -1]"),
        ("db load 4294967336", "e-[Not a number: 4294967336]"),
        ("db load 0", "e-[Expecting 40 bytes]"),
        ("db load 39", "e-[Expecting 40 bytes]"),
        ("db 00", "e-[No bytes expected: begin with 'db load']"),
        ("infer 0", "e-[Inference iterations must be >0]"),
        ("infer x", "e-[Not a number: x]"),
        ("infer 1 -2", "e-[Not a number: -2]"),
        ("results", "e-[No output yet: begin with 'infer']"),
        ("output", "e-[No output yet: begin with 'infer']"),
        ("profile lairs", "e-[Unknown profile: lairs]"),
        ("stack", "e-[The stack cannot be measured here]"),
    ],
)
def test_mistakes(host_harness: HostHarness, text: str, answer: str) -> None:
    done = host_harness.run(text.encode("latin-1") + b"%name%")
    assert done.returncode == 0
    assert done.stdout.decode().split("\r\n")[2:] == [answer, "m-ready", "m-name-dut-[host]", "m-ready", ""]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("db 0g", "e-[Invalid hex digits: 0g]"),
        ("db 012", "e-[Odd number of hex digits]"),
        ("db 01 02", "e-[Space among the hex digits]"),
        ("infer 1 0", "e-[The input is not loaded whole]"),
        ("stack", "e-[The input is not loaded whole]"),
        ("profile layers", "e-[The input is not loaded whole]"),
    ],
)
def test_mistakes_while_loading_store_nothing(host_harness: HostHarness, text: str, answer: str) -> None:
    head = f"db load 40%db {INPUT[:31].hex()}%"
    assert last_answer(host_harness, f"{head}{text}%") == [answer]
    assert last_answer(host_harness, f"{head}{text}%db {INPUT[31:].hex()}%") == ["m-load-done"]


def test_too_many_bytes_are_refused_whole(host_harness: HostHarness) -> None:
    head = f"db load 40%db {INPUT[:31].hex()}%db {'ff' * 10}%"
    assert last_answer(host_harness, head) == ["e-[Too many bytes]"]
    said = last_answer(host_harness, f"{head}db {INPUT[31:].hex()}%db print%")
    assert bytes.fromhex("".join(line.removeprefix("m-buffer-").replace("-", "") for line in said)) == INPUT


def test_bytes_after_the_last_are_refused(host_harness: HostHarness) -> None:
    assert last_answer(host_harness, f"{LOADED}db 00%") == ["e-[No bytes expected: begin with 'db load']"]


def test_truncated_command_spoils_only_the_next_one(host_harness: HostHarness) -> None:
    said = host_harness.say(f"db load 40%db {INPUT[:31].hex()}inf%name%")
    assert said[2] == "e-[Invalid hex digits: " + INPUT[:16].hex() + "]"
    assert said[-2] == "m-name-dut-[host]"


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes_never_crash(host_harness: HostHarness, seed: int) -> None:
    """Noise, and commands cut up, doubled and spoiled; the sanitizers end the program at the first overrun."""
    chance = random.Random(seed)
    words = [
        LOADED,
        "infer 1 0%",
        "db print%",
        "results%",
        "output%",
        "profile layers%",
        "stack%",
        "help%",
        "db load 40%",
    ]
    sent = bytearray()
    for _ in range(400):
        piece = bytearray(chance.choice(words).encode() if chance.random() < 0.7 else chance.randbytes(90))
        for _ in range(chance.choice((0, 0, 1, 3))):
            piece[chance.randrange(len(piece))] = chance.randrange(256)
        sent += piece[: chance.choice((len(piece), chance.randrange(1, len(piece) + 1)))]
    done = host_harness.run(bytes(sent))
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.count(b"m-ready\r\n") == sent.count(b"%") + 1


VALUES = """
#include <stdio.h>
#include <string.h>
#include "ew_text.h"
#include "ew_value.h"
#include "ew_port.h"
void ew_port_putc(char c) { (void)putchar(c); }
int main(void) {
    unsigned element, count, size;
    int zero_point;
    long long scale;
    while (scanf("%u %d %lld %u %u", &element, &zero_point, &scale, &count, &size) == 5) {
        uint8_t bytes[8];
        for (unsigned i = 0; i < size; ++i) {
            unsigned byte;
            if (scanf("%u", &byte) != 1) return 1;
            bytes[i] = (uint8_t)byte;
        }
        const ew_output_info info = {(ew_element)element, count, zero_point, scale};
        const uint8_t *at = bytes;
        ew_put_q32(ew_value_q32(&info, &at));
        ew_put("\\n");
        if (at != bytes + size) return 2;
    }
    return 0;
}
"""
NAMES = ("int8", "uint8", "int16", "int32", "float32", "uint32", "int64", "uint64")
ELEMENTS = {name: number for number, name in enumerate(NAMES)}


def shown_values(folder: Path, harness_sources: Path, cases: list[tuple[Any, float, int]]) -> list[str]:
    (folder / "values.c").write_text(VALUES)
    harness = harness_sources / "harness"
    files = [*(str(harness / f"ew_{name}.c") for name in ("crc", "text", "value")), "values.c"]
    includes = [f"-I{harness}", f"-I{harness_sources / 'ports'}"]
    subprocess.run(
        ["gcc", "-std=c99", "-fsanitize=undefined", *includes, *files, "-o", "values"], cwd=folder, check=True
    )
    lines = []
    for value, scale, zero_point in cases:
        raw = value.tobytes()
        q32 = int(np.float32(scale) * 2.0**32)
        lines.append(f"{ELEMENTS[value.dtype.name]} {zero_point} {q32} 1 {len(raw)} {' '.join(map(str, raw))}")
    done = subprocess.run([folder / "values"], input="\n".join(lines), capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_numbers_with_three_decimals(tmp_path: Path, harness_sources: Path) -> None:
    chance = random.Random(5)
    cases: list[tuple[Any, float, int]] = []
    for name in ("int8", "uint8", "int16", "int32"):
        limits = np.iinfo(name)
        for _ in range(50):
            value = np.array(chance.randint(limits.min, limits.max), dtype=name)
            scale = 10 ** chance.uniform(-6, 6) / (limits.max + 1)
            cases.append((value, scale, chance.randint(-128, 127) if "8" in name else 0))
    floats = ("0", "1", "-1", "0.0005", "-0.0004", "1.9996", "3.14159", "-123456.789", "1e-30", "8388608")
    cases += [(np.array(text, dtype=np.float32), 1.0, 0) for text in floats]
    cases += [(np.array(1_000_000_007, dtype=name), 1.0, 0) for name in ("uint32", "int64", "uint64")]
    cases += [(np.array(-5, dtype=np.int64), 1.0, 0), (np.array((1 << 32) - 1, dtype=np.uint32), 2.0**-8, 0)]
    for (value, scale, zero_point), shown in zip(cases, shown_values(tmp_path, harness_sources, cases), strict=True):
        exact = float(value) if value.dtype.kind == "f" else float(np.float32(scale)) * (int(value) - zero_point)
        assert re.fullmatch(r"-?\d+\.\d{3}", shown)
        scale_rounding = 0.0 if value.dtype.kind == "f" else abs(int(value) - zero_point) * 2.0**-32
        assert float(shown) == pytest.approx(exact, abs=0.000501 + scale_rounding)
        assert shown != "-0.000"


def test_numbers_beyond_the_range_are_the_limit(tmp_path: Path, harness_sources: Path) -> None:
    values = [np.array(text, dtype=np.float32) for text in ("inf", "-inf", "nan", "1e30")]
    shown = shown_values(tmp_path, harness_sources, [(value, 1.0, 0) for value in values])
    limit = f"{2**30}.000"
    assert shown == [limit, f"-{limit}", limit, limit]


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_compiles_without_a_warning(harness_sources: Path, compiler: str) -> None:
    for name in sources.c_files(harness_sources, "harness", "ports/host"):
        command = [compiler, *WARNINGS, "-Iports/host", "-Iharness", "-Iports", "-fsyntax-only", name]
        subprocess.run(command, cwd=harness_sources, check=True)
