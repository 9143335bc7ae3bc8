"""Hostile .tflite files through reader and compiler: a model or a UserError, nothing else, in bounded time and memory.

    python -m testbench.fuzz_reader --seconds 60 --seed 1 --folder findings

With the package atheris (x86-64 Linux; an extra of its own: pip install atheris) inputs are guided by coverage; without
it, or with --plain, files of every operator are changed at random, by words, pieces and bits. What is found is written
to the folder, and belongs into tests/hostile/ once it is mended. The exit code is 1 when something was found.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import numpy as np

from edgewright.compiler import compile_model
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential import typed
from testbench.differential.network import Network
from testbench.differential.operators import GENERATORS

TIMEOUT_S = 20
"""What a file may take: minutes would be a hang to whoever waits."""

MEMORY_BYTES = 3 << 30

_WORDS = (0, 1, 2, 3, 4, 7, 8, 16, 255, 0x10000, 0x40000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF,
          0x00800000, 0x3F800000, 0x7F7FFFFF, 0x7F800000, 0x7FC00000)  # fmt: skip
"""Ends of whole numbers, and float32 numbers that are none."""


class HangError(Exception):
    """A file took too long."""


def seeds() -> list[bytes]:
    """Small sound models, one for each operator and type."""
    made = []
    for op in sorted(GENERATORS):
        net = Network(np.random.default_rng([1, *op.encode()]))
        made.append(net.builder.finish(net.inputs, [GENERATORS[op](net, net.input((1, 3, 4, 2)))]))
    for op in sorted(typed.GENERATORS):
        for dtype in ("int16", "float32"):
            net = Network(np.random.default_rng([2, *op.encode()]))
            output = typed.GENERATORS[op](net, typed.given(net, dtype, 1, 3, 4, 2))
            made.append(net.builder.finish(net.inputs, [output]))
    return made


def attempt(data: bytes) -> bool:
    """Whether the file is a model; False when it is refused. Any other exception is a finding."""
    try:
        compile_model(parse_model(data, "fuzzed.tflite"), "net")
    except UserError:
        return False
    return True


def mutated(source: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """The file with one to six changes."""
    changed = bytearray(data)
    for _ in range(source.choice((1, 1, 1, 2, 3, 6))):
        source.choice(_CHANGES)(source, changed, source.choice(others))
        changed = changed or bytearray(1)
    return bytes(changed)


def _flip(source: random.Random, data: bytearray, _: bytes) -> None:
    data[source.randrange(len(data))] ^= 1 << source.randrange(8)


def _word(source: random.Random, data: bytearray, _: bytes) -> None:
    place = source.randrange(len(data)) & ~3
    value = source.choice((*_WORDS, len(data), source.randrange(1 << 32)))
    data[place : place + 4] = value.to_bytes(4, "little")


def _nudge(source: random.Random, data: bytearray, _: bytes) -> None:
    place = source.randrange(len(data)) & ~3
    value = int.from_bytes(data[place : place + 4], "little") + source.choice((-4, -1, 1, 4, 8))
    data[place : place + 4] = (value & 0xFFFFFFFF).to_bytes(4, "little")


def _truncate(source: random.Random, data: bytearray, _: bytes) -> None:
    del data[source.randrange(len(data)) :]


def _copy(source: random.Random, data: bytearray, other: bytes) -> None:
    giver = data if source.random() < 0.5 else other
    start, place, size = source.randrange(len(giver)) & ~3, source.randrange(len(data)) & ~3, source.choice((4, 8, 32))
    data[place : place + size] = giver[start : start + size]


_CHANGES: tuple[Callable[[random.Random, bytearray, bytes], None], ...] = (
    *((_flip, _word, _nudge, _copy) * 3),
    _truncate,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the fuzzer."""
    parser = argparse.ArgumentParser(prog="python -m testbench.fuzz_reader", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(), help="for what is found")
    parser.add_argument("--plain", action="store_true", help="without atheris, though it is installed")
    arguments = parser.parse_args(argv)
    if importlib.util.find_spec("atheris") is not None and not arguments.plain:
        _guided(arguments.seconds, arguments.seed, arguments.folder)
        return 0
    return _plain(arguments.seconds, arguments.seed, arguments.folder)


def _ring(_: int, __: FrameType | None) -> None:
    raise HangError(f"longer than {TIMEOUT_S} s")


def _plain(seconds: float, seed: int, folder: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGALRM, _ring)
    source, models, end = random.Random(seed), seeds(), time.monotonic() + seconds  # noqa: S311 - repeats
    counts, found = {True: 0, False: 0}, set[str]()
    while time.monotonic() < end:
        data = mutated(source, source.choice(models), models)
        signal.alarm(TIMEOUT_S)
        try:
            counts[attempt(data)] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            _report(error, data, folder, found)
        finally:
            signal.alarm(0)
    print(f"seed {seed}: {counts[True]} taken, {counts[False]} refused, {len(found)} findings")
    return int(bool(found))


def _report(error: Exception, data: bytes, folder: Path, found: set[str]) -> None:
    """Say what was found and keep the file, once for each place that raises."""
    places = traceback.extract_tb(error.__traceback__)[-2:]
    key = f"{type(error).__name__} {' < '.join(f'{Path(p.filename).name}:{p.lineno}' for p in reversed(places))}"
    if key not in found:
        found.add(key)
        path = folder / f"fuzz-{hashlib.sha256(data).hexdigest()[:12]}.tflite"
        path.write_bytes(data)
        print(f"{key}: {error}\n  {path}", flush=True)


def _guided(seconds: float, seed: int, folder: Path) -> None:
    """Fuzz with libFuzzer under atheris, which ends the process at the first finding and writes it to the folder."""
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

    atheris.instrument_all()
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for data in seeds():
        (corpus / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)
    flags = [f"-max_total_time={int(seconds)}", f"-seed={seed}", f"-artifact_prefix={folder}/", f"-timeout={TIMEOUT_S}"]
    atheris.Setup([sys.argv[0], *flags, f"-rss_limit_mb={MEMORY_BYTES >> 20}", str(corpus)], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
