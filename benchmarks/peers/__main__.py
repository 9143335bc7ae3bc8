"""Other compilers of int8 networks beside this one, on an emulated Cortex-M4: instructions, flash, RAM, output bytes.

    python -m benchmarks.peers [--peers bakenn,emx] [--networks kws,ic] [--models FOLDER]
    python -m benchmarks.peers --table-only       # the table of the figures that are there; runs nothing

Writes benchmarks/results/peers.json and .md; rows of other networks and peers than those that are named stay. Each peer
is installed from PyPI, at a pinned version, into a folder that goes with the command. Its C is made in each way that it
offers, compiled at each level, linked into our firmware in the place of our own, and counted as
benchmarks.microcontrollers counts: flash is an image with vectors, start-up, code and weights; RAM has the stack. Files
are mended for peers that refuse them, which is said. Our rows are of the mended file as well; TFLM's are kept ones of
the whole file. Output bytes are compared with those of TFLM's own interpreter for the same file.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from benchmarks import microcontrollers
from benchmarks.lists import listed
from benchmarks.peers import _environment, tflm
from benchmarks.peers._others import OTHERS
from edgewright.files import read_json, write_json, write_text
from edgewright.home import home
from edgewright.images.toolchain import LEVELS
from edgewright.spec import ProjectTarget, load_project
from testbench.peers.interface import RefusedError
from testbench.peers.network import Level, Network

PEERS = ("bakenn", "cmsis_nn", "emx")
TARGET = "mcu"
OURS = "edgewright"
NAME = "peers"


Row = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--models", type=Path, default=home().parent / "shared/models", help="folder of MLPerf Tiny's")
    parser.add_argument("--peers", type=listed((OURS, *PEERS)), default=",".join((OURS, *PEERS)))
    parser.add_argument("--networks", type=listed(microcontrollers.PEERS), default=",".join(microcontrollers.PEERS))
    parser.add_argument("--results", type=Path, default=microcontrollers.RESULTS, help="folder of figures and table")
    parser.add_argument(
        "--table-only", action="store_true", help="the table of the figures that are there; run nothing"
    )
    arguments = parser.parse_args(argv)
    if not arguments.table_only:
        keep(run(arguments.models, arguments.networks, arguments.peers), arguments.results)
    text = page(read_json(arguments.results / f"{NAME}.json")["rows"])
    write_text(arguments.results / f"{NAME}.md", text)
    print(text)
    return 0


def run(models: Path, names: Sequence[str], peers: Sequence[str]) -> list[Row]:
    """A row for each network, peer, way and level."""
    target = load_project(home(), home()).targets[TARGET]
    rows: list[Row] = []
    others = [peer for peer in peers if peer != OURS]
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        work = Path(folder)
        programs = {peer: _environment.make(work / f"{peer}-python", _module(peer).PACKAGES) for peer in others}
        for name in microcontrollers.there(names, models):
            network = Network(work, name, microcontrollers.content_of(name, models))
            rows += ours(network, target) if OURS in peers else []
            for peer, program in programs.items():
                rows += of(network, peer, program, target)
    return rows


def ours(network: Network, target: ProjectTarget) -> Iterator[Row]:
    """Rows of this compiler."""
    for way in ("balanced", "size"):
        row = microcontrollers.built(
            network.work / f"{OURS}-{network.name}-{way}",
            network.name,
            network.model.read_bytes(),
            target,
            optimize=way,
        )
        figures = {"instructions": row["instructions"], "flash_bytes": microcontrollers.flash(row)}
        yield _row(network, OURS, way, LEVELS[way], {**figures, "ram_bytes": row["ram_bytes"], "differing": 0})


def of(network: Network, peer: str, program: Path, target: ProjectTarget) -> Iterator[Row]:
    """Rows of a peer; of the file as it is where the peer takes it."""
    module = _module(peer)
    refused = _environment.generate(program, peer, network.original, module.WAYS[0], network.folder(peer, "as-it-is"))
    print(f"{network.name}: {module.TITLE}: {f'refuses it as it is: {refused}' if refused else 'takes it as it is'}")
    print(f"{network.name}: measured with: {', '.join(network.said)}", flush=True)
    for way in module.WAYS:
        made = network.folder(peer, way)
        failed = _environment.generate(program, peer, network.model, way, made)
        if failed:
            print(f"{network.name}: {module.TITLE}, {way}: refuses the mended file, too: {failed}")
            yield _row(network, peer, way, "", {"refused": failed})
            continue
        for level in get_args(Level):
            yield _row(network, peer, way, LEVELS[level], network.measured(peer, way, level, made, target), refused)


def _row(network: Network, peer: str, way: str, level: str, figures: Row, refused: str | None = None) -> Row:
    row = {"network": network.name, "peer": peer, "way": way, "level": level, **figures, "mended": network.said}
    print(f"{network.name}: {peer} {way} {level}: {figures}", flush=True)
    return {**row, "refused_as_it_is": refused} if refused else row


def _module(peer: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.peers.{peer}")


def keep(rows: Sequence[Row], results: Path) -> None:
    """Write the figures; those of networks and peers that were not measured now stay."""
    path = results / f"{NAME}.json"
    measured = {(row["network"], row["peer"]) for row in rows}
    old = read_json(path)["rows"] if path.is_file() else []
    kept = [row for row in old if (row["network"], row["peer"]) not in measured and row["peer"] != "tflm"]
    order = list(microcontrollers.PEERS)
    every = sorted([*tflm.rows(results, TARGET), *kept, *rows], key=lambda row: order.index(row["network"]))
    write_json(path, {"command": "python -m benchmarks.peers", "rows": every})


def page(rows: Sequence[Row]) -> str:
    """The page in Markdown: the table, what was done to the files, who is not here."""
    figures = ("instructions", "times ours", "flash", "times ours", "RAM", "output bytes that differ")
    titles = ("network", "compiler", "built", *figures)
    lines = [f"| {' | '.join(titles)} |", "|---|---|---" + "|---:" * 6 + "|"]
    for network in microcontrollers.PEERS:
        lines += _lines([row for row in rows if row["network"] == network and "instructions" in row])
    mends = [f"- {name}: {', '.join(said)}." for name, said in _mends(rows)]
    refusals = [f"- {_title(peer)}, {name}: `{text}`" for name, peer, text in _refusals(rows)]
    others = [f"| {name} | {reason} |" for name, reason in OTHERS.items()]
    return "\n".join([_HEAD, *lines, _MENDED, *mends, "", *refusals, _ABSENT, *others, ""])


_HEAD = """# Beside other compilers, on Cortex-M4

Made by `python -m benchmarks.peers`; all builds are in peers.json. Of each compiler the build with the fewest
instructions, and the smallest where that is another. Flash is code and weights, times ours is of our balanced build.
TFLM's figures are kept ones, each the best over its build options; the others' C was made, built and counted by the
command, and its output compared with TFLM's, byte for byte.
"""
_MENDED = """
## What was changed in the files

All but TFLM, whose figures are of the whole file, ran these files:
"""
_ABSENT = """
## Who is not here

| looked at | why not |
|---|---|"""


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    ours = next((row for row in rows if row["peer"] == OURS), None)
    for peer in (OURS, "tflm", *PEERS):
        own = [row for row in rows if row["peer"] == peer]
        for row in own if peer == OURS else _best(own):
            yield f"| {' | '.join(_cells(row, ours or row))} |"


def _best(rows: Sequence[Row]) -> list[Row]:
    """That with the fewest instructions, and the smallest."""
    found = [min(rows, key=itemgetter(key)) for key in ("instructions", "flash_bytes") if rows]
    return found[:1] if len(found) == 2 and found[0] is found[1] else found


def _cells(row: Row, ours: Row) -> Iterator[str]:
    yield from (row["network"], _title(row["peer"]), " ".join(filter(None, (row["way"], row["level"]))))
    for key in ("instructions", "flash_bytes"):
        yield from (f"{row[key]:,}", f"{row[key] / ours[key]:.2f}")
    yield f"{row['ram_bytes']:,}"
    yield f"{row['differing']}, by at most {row['most']}" if row["differing"] else "0"


def _title(peer: str) -> str:
    return "Edgewright" if peer == OURS else str(_module(peer).TITLE)


def _mends(rows: Sequence[Row]) -> Iterator[tuple[str, list[str]]]:
    found = {row["network"]: row["mended"] for row in rows if "mended" in row}
    yield from found.items()


def _refusals(rows: Sequence[Row]) -> Iterator[tuple[str, str, str]]:
    found = {(row["network"], row["peer"]): row.get("refused_as_it_is") for row in rows}
    own = RefusedError.__name__  # the module of a peer says that, not the peer
    yield from ((network, peer, text) for (network, peer), text in found.items() if text and not text.startswith(own))


if __name__ == "__main__":
    sys.exit(main())
