"""Estimated cycles beside those that boards were published to take.

    python -m benchmarks.peers.cycles [--networks kws,ad] [--table-only]

Writes benchmarks/results/cycles.json, and its tables into docs/latency.md. Two comparisons: CMSIS-NN's kernels, counted
here and priced by the tables of Cortex-M4 and M33, beside boards that ran them under microTVM and TFLM; and what a
Cortex-M33 and an M7 take of an M4's cycles, by the estimate for our kernels and for CMSIS-NN's, beside closed libraries
that were published on boards of all three.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import microcontrollers
from benchmarks.lists import listed
from benchmarks.peers import _environment, cmsis_nn
from benchmarks.peers._boards import CMSIS_NN, NETWORKS, SAME_LIBRARY, Published
from edgewright.files import read_json, write_json, write_text
from edgewright.home import home
from edgewright.spec import load_project
from testbench.peers.network import Network

NAME, PAGE = "cycles.json", "docs/latency.md"
MARKS = ("<!-- python -m benchmarks.peers.cycles -->", "<!-- end of benchmarks.peers.cycles -->")
TARGETS = ("mcu", "mcu-m33", "mcu-m7")
CORES = {"mcu": "M4", "mcu-m33": "M33", "mcu-m7": "M7"}
OURS, THEIRS = "Edgewright", "CMSIS-NN"

Estimates = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Cycles by whose kernels, target and network."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.cycles", description=__doc__)
    parser.add_argument("--models", type=Path, default=home().parent / "shared/models", help="folder of MLPerf Tiny's")
    parser.add_argument("--networks", type=listed(NETWORKS), default=",".join(NETWORKS))
    parser.add_argument("--results", type=Path, default=microcontrollers.RESULTS, help="folder of the figures")
    parser.add_argument("--page", type=Path, default=home() / PAGE, help="the page that the tables stand in")
    parser.add_argument("--table-only", action="store_true", help="the tables of figures that are there")
    arguments = parser.parse_args(argv)
    path = arguments.results / NAME
    if not arguments.table_only:
        known = read_json(path) if path.is_file() else {}
        write_json(path, merged(known, estimates(arguments.models, arguments.networks)))
    before, _, rest = arguments.page.read_text(encoding="utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    text = tables(read_json(path))
    write_text(arguments.page, f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{after}")
    print(text)
    return 0


def estimates(models: Path, names: Sequence[str]) -> Estimates:
    """Of our kernels and of CMSIS-NN's, on all three cores."""
    project = load_project(home(), home())
    found: dict[str, dict[str, dict[str, float]]] = {who: {t: {} for t in TARGETS} for who in (OURS, THEIRS)}
    with tempfile.TemporaryDirectory(prefix="cycles-") as folder:
        work = Path(folder)
        program = _environment.make(work / "python", cmsis_nn.PACKAGES)
        for name in microcontrollers.there(names, models):
            network, made = Network(work, name, microcontrollers.content_of(name, models)), work / f"{name}-made"
            if refused := _environment.generate(program, "cmsis_nn", network.model, cmsis_nn.WAYS[0], made):
                raise SystemExit(refused)
            for target in (project.targets[each] for each in TARGETS):
                row = microcontrollers.built(work / f"{name}-{target.name}", name, network.model.read_bytes(), target)
                found[OURS][target.name][name] = row["estimated_cycles"]
                theirs = network.measured("cmsis_nn", target.name, "balanced", made, target)
                found[THEIRS][target.name][name] = theirs["estimated_cycles"]
    return found


def merged(known: Estimates, new: Estimates) -> dict[str, Any]:
    """The new estimates, and those of other networks as they were."""
    return {
        who: {target: {**known.get(who, {}).get(target, {}), **values} for target, values in targets.items()}
        for who, targets in new.items()
    }


def tables(found: Estimates) -> str:
    """Both tables in Markdown."""
    head = f"| {' | '.join(NETWORKS)} |"
    lines = [f"| kernels of CMSIS-NN, published / estimated | core {head}", "|---|---" + "|---:" * 4 + "|"]
    lines += [_line((f"{each.library}, {each.board}", CORES[each.target]), _errors(each, found)) for each in CMSIS_NN]
    lines += ["", f"| cycles of an M4's | core {head}", "|---|---" + "|---:" * 4 + "|"]
    for target in TARGETS[1:]:
        for who in (OURS, THEIRS):
            lines.append(_line((f"estimated, kernels of {who}", CORES[target]), _shares(found[who], target)))
        for library, shares in _published_shares(target):
            lines.append(_line((f"published, {library}", CORES[target]), shares))
    return "\n".join(lines)


def _errors(published: Published, found: Estimates) -> list[float]:
    estimated = found[THEIRS][published.target]
    return [published.cycles[name] / estimated[name] for name in NETWORKS]


def _shares(cycles: Mapping[str, Mapping[str, float]], target: str) -> list[float]:
    return [cycles[target][name] / cycles["mcu"][name] for name in NETWORKS]


def _published_shares(target: str) -> Iterator[tuple[str, list[float]]]:
    base = {each.library: each.cycles for each in SAME_LIBRARY if each.target == "mcu"}
    for each in SAME_LIBRARY:
        if each.target == target:
            yield each.library, _shares({"mcu": base[each.library], target: each.cycles}, target)


def _line(heads: Sequence[str], values: Sequence[float]) -> str:
    return f"| {' | '.join([*heads, *(f'{value:.2f}' for value in values)])} |"


if __name__ == "__main__":
    sys.exit(main())
