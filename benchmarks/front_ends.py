"""What [preprocess] costs on a device: instructions of Cortex-M4 and bytes, by kind.

    python -m benchmarks.front_ends [--only NAME]

Prints the table of docs/models.md. The header of each kind is compiled with a model that takes its features, by
arm-none-eabi-gcc -O2; qemu-arm runs its code for Cortex-M4 and counts the instructions of the second of two calls. What
is kept and the arena are what the model does not need itself.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.compiler import compile_model
from edgewright.devices.tools import blocks, elf_file
from edgewright.frontend import header
from edgewright.preprocessing import Plan, log_mel, mfcc, normalise, resize, window
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder

CPU = ("-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")
_COUNTED = "once"
_EXIT_GROUP = 248
HEAD = "| what | instructions | of | arena | kept | constants |\n|---|---:|---|---:|---:|---:|\n"

_SOUND = {"rate": 8000, "window_ms": 32, "step_ms": 16, "bands": 32}
_SENSOR = {"raw": "int16", "unit": 0.001, "mean": [0.1, -0.2, 0.98, 0, 0, 0.1], "deviation": [0.3, 0.4, 0.5, 1, 2, 3]}
_PIXELS = {"raw": "uint8", "unit": 1 / 255, "scale": 1.0}


@dataclass(frozen=True)
class Case:
    """A kind with its keys, the shape of an example, and of the model's input its scale and zero point."""

    name: str
    kind: Any
    keys: dict[str, Any]
    shape: tuple[int, ...]
    rows: int = 0
    scale: float = 0.031
    zero: int = -3

    @property
    def plan(self) -> Plan:
        """What is done."""
        keys = self.kind.OPTIONS.model_validate(self.keys)
        fitted = self.kind.fit(keys, np.zeros((1, *self.shape))) if hasattr(self.kind, "fit") else keys
        found: Plan = self.kind.plan(fitted, self.shape)
        return found


CASES = (
    Case("normalise, int16 [100, 6]", normalise, _SENSOR, (100, 6)),
    Case("normalise, a picture in the input's scale", normalise, _PIXELS, (96, 96, 1), scale=1 / 255, zero=-128),
    Case("resize, 120x160 to 96x96, bilinear", resize, {"size": [96, 96], "scale": 1.0}, (120, 160, 1)),
    Case("the same, nearest", resize, {"size": [96, 96], "scale": 1.0, "by": "nearest"}, (120, 160, 1)),
    Case("window, a row of 6", window, {**_SENSOR, "rows": 100, "step": 50}, (100, 6), rows=100),
    Case("log-mel, 8 kHz, 32 bands", log_mel, _SOUND, (8000,), rows=62),
    Case("the same, noise_reduction", log_mel, {**_SOUND, "noise_reduction": True}, (8000,), rows=62),
    Case("the same, gain_control too", log_mel, {**_SOUND, "noise_reduction": True, "gain_control": True}, (8000,), 62),
    Case("mfcc, 13 of 32 bands", mfcc, _SOUND, (8000,), rows=62),
)

_MAIN = """\
#include "{header}"

{globals}
static int failed;

static void leave(int status)
{{
    register int r0 __asm__("r0") = status, r7 __asm__("r7") = {exit};
    __asm__ volatile("svc 0" : : "r"(r0), "r"(r7));
}}
static __attribute__((noinline)) void once(void) {{ {call} }}

void _start(void)
{{
    for (unsigned i = 0, n = 1; i < sizeof raw / sizeof raw[0]; i++) {{
        n = n * 1664525 + 1013904223;
        raw[i] = ({raw})(n >> 16);
    }}
    {reset}
    once();
    once();
    leave(failed);
}}
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.front_ends", description=__doc__)
    parser.add_argument("--only", default="", help="part of a name")
    only = parser.parse_args(argv).only
    print(HEAD + "".join(row(case) for case in CASES if only in case.name), end="")
    return 0


def row(case: Case) -> str:
    """A row of the table."""
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        folder, plan = Path(name), case.plan
        facts = written(case, plan, folder)
        instructions, kept = counted(folder)
    of = f"{plan.taken} numbers" if plan.stream else f"{plan.taken:,} numbers"
    of = "a frame" if plan.raw.rate else of
    sizes = f"{facts['arena_bytes']:,} B | {kept:,} B | {facts['weights_bytes']:,} B"
    return f"| {case.name} | {instructions:,} | {of} | {sizes} |\n"


def written(case: Case, plan: Plan, folder: Path) -> dict[str, int]:
    """Write all sources; sizes of the operators."""
    joined = header("any", plan, _model(case, plan), "net")
    parts = [compile_model(_model(case, plan), "net")]
    parts += [compile_model(plan.graph, "net_frontend")] if plan.graph else []
    files = {joined.name: joined.text, **{name: text for part in parts for name, text in part.files.items()}}
    files["main.c"] = _main(joined.name, plan)
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    found = parts[1].facts() if plan.graph else {}
    return {name: int(found.get(name, 0)) for name in ("arena_bytes", "weights_bytes")}


def counted(folder: Path) -> tuple[int, int]:
    """Build and run it: instructions of a call, and bytes that a stream keeps."""
    sources = sorted(path.name for path in folder.glob("*.c"))
    build = ["arm-none-eabi-gcc", *CPU, "-std=c99", "-O2", "-nostartfiles", "--specs=nosys.specs"]
    subprocess.run([*build, "-Wl,--gc-sections", "-ffunction-sections", *sources, "-o", "main"], cwd=folder, check=True)
    symbols = {symbol.name: symbol for symbol in elf_file.symbols(folder / "main")}
    (folder / "blockcount.so").symlink_to(blocks.ensure_plugin())
    start, stop = symbols[_COUNTED], symbols["_start"]
    plugin = f"./blockcount.so,out=record,start={start.address:x},stop={stop.address:x}-{stop.end:x},mark=1"
    subprocess.run(["qemu-arm", "-plugin", plugin, "./main"], cwd=folder, check=True)
    region = blocks.read_regions((folder / "record").read_text())[-1].rest
    found = sum(block.instructions * entries for block, entries in region.entries.items())
    return found, symbols["stream"].size if "stream" in symbols else 0


def _main(name: str, plan: Plan) -> str:
    raw = {"float32": "float"}.get(plan.raw.dtype, f"{plan.raw.dtype}_t")
    values = {"header": name, "raw": raw, "exit": _EXIT_GROUP, "reset": ""}
    numbers = f"static {raw} raw[{plan.taken}];"
    if plan.stream:
        arena = "static net_stream_arena arena;"
        values["reset"] = "(void)net_stream_reset(&stream);"
        values |= {"globals": f"{numbers}\nstatic net_stream stream;\n{arena}"}
        return _MAIN.format(**values, call="failed |= net_stream_feed(&stream, raw, &arena) != EW_OK;")
    arena = "static net_raw_arena arena;" if plan.graph else ""
    values["globals"] = f"{numbers}\nint8_t input[NET_INPUT_ELEMENTS];\n{arena}"
    call = "failed |= net_input_from(raw, input, &arena) != EW_OK;" if plan.graph else "net_input_from(raw, input);"
    return _MAIN.format(**values, call=call)


def _model(case: Case, plan: Plan) -> Graph:
    """A model of ten classes."""
    net, given = ModelBuilder(), plan.given * max(case.rows, 1)
    x, y = (net.tensor(shape, case.scale, case.zero, "int8") for shape in ((1, given), (1, 10)))
    net.op("FULLY_CONNECTED", [x, net.constant(np.ones((10, given), np.int8), 0.125)], [y], version=4)
    return parse_model(net.finish([x], [y]))


if __name__ == "__main__":
    raise SystemExit(main())
