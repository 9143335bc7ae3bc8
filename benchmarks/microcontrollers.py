"""Instructions, flash and RAM of whole networks on emulated Cortex-M and RISC-V cores, beside TensorFlow Lite Micro's.

    python -m benchmarks.microcontrollers [--models FOLDER] [--baseline tflm.json] [--targets mcu,mcu-m7] [--check]
    python -m benchmarks.microcontrollers --table-only       # the table of the figures that are there; runs nothing

Writes benchmarks/results/microcontrollers.json and .md; rows of other networks and targets than those that are named
stay. The last two columns are those of `[compile] optimize = "size"`, on Cortex-M4. With --check it writes nothing and
fails when a figure is larger than the one in the committed file, or in that of the folder --results; estimates, which
move a little with the layout of an image, are left out. All other figures repeat exactly: instructions are counted in
QEMU; flash and RAM are those of an image with vectors, start-up and the model, RAM with the deepest stack that was
seen.

The networks "kws" and "ic" are MLPerf Tiny's int8 reference models (mlcommons/tiny: kws_ref_model.tflite and
pretrainedResnet_quant.tflite), read from FOLDER; "vww" and "ad" have the shapes of its other two and random weights.
The baseline is a JSON file of measurements of TensorFlow Lite Micro with CMSIS-NN on the same emulated boards.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import networks
from benchmarks.lists import listed
from edgewright.files import read_json, write_json, write_text
from edgewright.home import home
from edgewright.options import compile as compile_options
from edgewright.options import firmware as firmware_options
from edgewright.options import measure as measure_options
from edgewright.options import words
from edgewright.sections.budget import MemoryBudget
from edgewright.sections.compile import Compile
from edgewright.spec import ProjectTarget, load_project
from edgewright.stages.device import measure as measure_stage
from edgewright.stages.microcontroller import compile as compile_stage
from edgewright.stages.microcontroller import firmware as firmware_stage

RESULTS = Path(__file__).parent / "results"
NAME = "microcontrollers.json"
TARGETS = ("mcu-m0", "mcu-m3", "mcu", "mcu-m7", "mcu-m33", "mcu-m55", "mcu-rv32imc")
CORES = {
    "mcu-m0": "m0",
    "mcu-m3": "m3",
    "mcu": "m4",
    "mcu-m7": "m7",
    "mcu-m33": "m33",
    "mcu-m55": "m55",
    "mcu-rv32imc": "rv32imc",
}
FILES = {"kws": "kws_ref_model.tflite", "ic": "pretrainedResnet_quant.tflite"}
MADE = {"vww": networks.mobilenet, "ad": networks.autoencoder}
PEERS = {"kws": "kws", "ic": "resnet", "vww": "vww", "ad": "ad"}
SAMPLES = 2  # whose answers are compared: most of the time goes into sending inputs over the emulated UART
FIGURES = ("instructions", "code_bytes", "weights_bytes", "ram_bytes")
SMALL = "mcu"  # the target that is built for size, too

Row = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.microcontrollers", description=__doc__)
    beside = home().parent / "shared"
    parser.add_argument("--models", type=Path, default=beside / "models", help="folder of the MLPerf Tiny models")
    parser.add_argument("--baseline", type=Path, default=beside / "baseline/tflm.json", help="the peer, measured")
    parser.add_argument("--targets", type=listed(TARGETS), default=",".join(TARGETS))
    parser.add_argument("--networks", type=listed(PEERS), default=",".join(PEERS))
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the figures and the table")
    parser.add_argument("--check", action="store_true", help="compare with the committed figures; write nothing")
    parser.add_argument("--table-only", action="store_true", help="the table of the committed figures; run nothing")
    arguments = parser.parse_args(argv)
    if arguments.table_only:
        return write_table(arguments.results)
    rows = run(arguments.models, arguments.networks, arguments.targets)
    peers = read_json(arguments.baseline)["rows"] if arguments.baseline.is_file() else []
    for row in rows:
        row["peer"] = peer(row, peers)
    print(table(rows))
    return check(rows, arguments.results) if arguments.check else write(rows, arguments.results)


def run(models: Path, names: Sequence[str], targets: Sequence[str]) -> list[Row]:
    """A row for each network and target; networks whose file is not there are left out, and said so."""
    project = load_project(home(), home())
    present = there(names, models)
    pairs = [(name, project.targets[target]) for name in present for target in targets]
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(2) as pool:
        work = partial(measure, Path(folder), models)
        return list(pool.map(work, *zip(*pairs, strict=True)))


def there(names: Sequence[str], models: Path) -> list[str]:
    """The networks that are made or whose files are there; the others are named on standard error."""
    present = [name for name in names if name in MADE or (models / FILES[name]).is_file()]
    for name in sorted(set(names) - set(present)):
        print(f"left out: {name}: {models / FILES[name]} is not there", file=sys.stderr)
    return present


def content_of(name: str, models: Path) -> bytes:
    """A network as a .tflite file."""
    return MADE[name]() if name in MADE else (models / FILES[name]).read_bytes()


def measure(folder: Path, models: Path, name: str, target: ProjectTarget) -> Row:
    """The figures of one network on one target."""
    content = content_of(name, models)
    row = built(folder / f"{target.name}-{name}", name, content, target)
    if target.name != SMALL:
        return row
    small = built(folder / f"{target.name}-{name}-size", name, content, target, optimize="size")
    return {**row, "size": {key: small[key] for key in FIGURES}}


def built(out: Path, name: str, content: bytes, target: ProjectTarget, **chosen: Any) -> Row:
    """The figures of one network that is built and measured in a folder of its own; `chosen` as in `build`."""
    out.mkdir()
    model = out / f"{name}.tflite"
    model.write_bytes(content)
    build(out, model, target, **chosen)
    latency, firmware = read_json(out / "latency.json"), read_json(out / "firmware.json")
    ram = firmware["ram"]["arena_bytes"] + firmware["ram"]["static_bytes"] + latency["stack_bytes"]
    return {
        "network": name,
        "target": target.name,
        "instructions": latency["instructions"],
        "estimated_cycles": latency.get("estimated_cycles"),
        "code_bytes": firmware["flash"]["code_bytes"],
        "weights_bytes": firmware["flash"]["weights_bytes"],
        "ram_bytes": ram,
        "layers": [[layer["op"], layer["macs"], layer["instructions"]] for layer in latency["layers"]],
    }


def build(out: Path, model: Path, target: ProjectTarget, budget: MemoryBudget = MemoryBudget(), **chosen: Any) -> None:  # noqa: B008
    """Compile, build firmware and measure, as the stages of a build do; `chosen` are keys of `[compile]`."""
    board, c = target.board, out / "c"
    asked = Compile.model_validate({**target.spec.compile.model_dump(), **chosen})
    measuring = target.measure
    if measuring is None:
        raise SystemExit(f"{target.name}: nothing measures it")
    compiled = compile_options.Options(
        model=model, name=model.stem, out_dir=c, core=board.core, compile=asked, budget=budget
    )
    built = firmware_options.Options(
        model_dir=c, out_dir=out, target=target.name, board_name=target.spec.board, board=board, compile=asked
    )
    measured = measure_options.Options(
        model=model,
        firmware=out / "firmware.elf",
        out=out / "latency.json",
        runtime="aot",
        board=board,
        measure={"transport": measuring.transport, **measuring.options},
        samples=SAMPLES,
    )
    with contextlib.redirect_stdout(io.StringIO()):
        compile_stage.main(words(compiled))
        firmware_stage.main(words(built))
        measure_stage.main(words(measured))


def peer(row: Row, peers: Sequence[Mapping[str, Any]]) -> Row | None:
    """The best figures of TFLM with CMSIS-NN over its own build options on the same core; M33 is held against M4."""
    core = CORES[row["target"]].replace("m33", "m4")
    rows = [r for r in peers if r["core"] == core and r["model"] == PEERS[row["network"]] and r["lib"] == "cmsis"]
    if not rows:
        return None
    keys = {"instructions": "instr_per_inference", "code_bytes": "flash_code", "ram_bytes": "ram_total"}
    flash = min(r["flash_code"] + r["flash_model"] for r in rows)
    return {name: min(r[key] for r in rows) for name, key in keys.items()} | {"flash_bytes": flash}


def flash(row: Row) -> int:
    """All that the model takes of the flash: code, weights and other constants."""
    return int(row["code_bytes"] + row["weights_bytes"])


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    pairs = ("code", "TFLM", "flash", "TFLM", "RAM", "TFLM")
    small = ("flash for size", "instructions for size")
    titles = ("network", "core", "instructions", "TFLM", "ratio", "estimated cycles", *pairs, *small)
    return "\n".join([f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    found = row["peer"] or {}
    instructions, small = found.get("instructions"), row.get("size")
    cells = [
        row["network"],
        CORES[row["target"]].upper(),
        f"{row['instructions']:,}",
        f"{instructions:,}" if instructions else "-",
        f"{instructions / row['instructions']:.2f}" if instructions else "-",
        f"{row['estimated_cycles']:,}" if row["estimated_cycles"] else "-",
        f"{row['code_bytes']:,}",
        f"{found['code_bytes']:,}" if found else "-",
        f"{flash(row):,}",
        f"{found['flash_bytes']:,}" if found else "-",
        f"{row['ram_bytes']:,}",
        f"{found['ram_bytes']:,}" if found else "-",
        f"{flash(small):,}" if small else "-",
        f"{small['instructions']:,}" if small else "-",
    ]
    return f"| {' | '.join(cells)} |"


def write(rows: Sequence[Row], results: Path) -> int:
    """Write figures and table; what was not measured now stays."""
    kept = read_json(results / NAME)["rows"] if (results / NAME).is_file() else []
    found = {(row["network"], row["target"]): row for row in (*kept, *rows)}
    ordered = sorted(found.values(), key=lambda row: (list(PEERS).index(row["network"]), TARGETS.index(row["target"])))
    write_json(results / NAME, {"command": "python -m benchmarks.microcontrollers", "rows": ordered})
    return write_table(results)


def write_table(results: Path) -> int:
    """Write the table of the figures that are there."""
    write_text(results / "microcontrollers.md", table(read_json(results / NAME)["rows"]) + "\n")
    return 0


def check(rows: Sequence[Row], results: Path) -> int:
    """Say which figures are larger than the committed ones; 1 when any is."""
    committed = {(r["network"], r["target"]): r for r in read_json(results / NAME)["rows"]}
    worse = 0
    for row in rows:
        before = committed.get((row["network"], row["target"]))
        for name in FIGURES if before else ():
            if row[name] > before[name]:  # type: ignore[index]
                worse += 1
                print(f"{row['network']} on {row['target']}: {name} {row[name]:,}, was {before[name]:,}")  # type: ignore[index]
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
