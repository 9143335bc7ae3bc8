"""What stages took when they last ran: a file in the folder of a build, a line of JSON for each run.

A build names the file to its stages in the environment, and they add lines by themselves. Nothing is made from it.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = ".times.jsonl"
"""In the folder of a build."""

VARIABLE = "EDGEWRIGHT_TIMES"
"""The environment's name for the file, for stages."""

_LONG = 1 << 20  # bytes from where on a file is written anew with the last line of each stage


@dataclass(frozen=True)
class Used:
    """What a run of a stage took.

    Attributes:
        cpu_s: processor time of its process and of those that it started.
        wall_s: from its begin to its end.
        peak_bytes: the most memory that one of these processes held at once, with what it shares with the process that
            it was forked from.
        module: dotted name of the stage's module; empty where a file of an earlier version does not tell.
    """

    cpu_s: float
    wall_s: float
    peak_bytes: int
    module: str = ""


def timed(words: Sequence[str], work: Callable[[], None]) -> None:
    """Run `work`, and add a line for the stage with these words, module and arguments, where a build asks for it."""
    begin = time.monotonic()
    work()
    if path := os.environ.get(VARIABLE):
        with suppress(OSError):
            _append(Path(path), key(words), _used(words[0], time.monotonic() - begin))


def read(path: Path) -> Mapping[str, Used]:
    """The last run of each stage by its key; what cannot be read is passed over."""
    found = {}
    with suppress(OSError):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError, TypeError, KeyError):
                fields = json.loads(line)
                key = str(fields.pop("stage"))
                found[key] = Used(**fields)
    return found


def of_this_build() -> Mapping[str, Used]:
    """What the stages of the build that runs this one took; nothing where no build does."""
    path = os.environ.get(VARIABLE)
    return read(Path(path)) if path else {}


def of(words: Sequence[str], known: Mapping[str, Used]) -> Used | None:
    """The last run of the stage with these words; None where there was none."""
    return known.get(key(words))


def by_module(keys: Sequence[str], known: Mapping[str, Used]) -> dict[str, dict[str, float]]:
    """What the stages with these keys took when they last ran, those of one module together, as JSON values.

    Times are added up; memory is the most of one of them. A stage that never ran here is left out: its outputs came
    from a cache.
    """
    found: dict[str, dict[str, float]] = {}
    for used in (known[each] for each in keys if each in known):
        if used.module:
            so_far = found.get(used.module, {"cpu_s": 0.0, "wall_s": 0.0, "peak_bytes": 0})
            times = {name: round(so_far[name] + getattr(used, name), 3) for name in ("cpu_s", "wall_s")}
            found[used.module] = {**times, "peak_bytes": max(so_far["peak_bytes"], used.peak_bytes)}
    return found


def shorten(path: Path) -> None:
    """Leave the last line of each stage in a file that has grown long."""
    with suppress(OSError):
        if path.stat().st_size > _LONG:
            lines = "".join(_line(key, used) for key, used in read(path).items())
            path.write_text(lines, encoding="utf-8")


def key(words: Sequence[str]) -> str:
    """Names a stage by its words, module and arguments."""
    return hashlib.sha256(json.dumps(list(words)).encode()).hexdigest()[:16]


def _used(module: str, wall_s: float) -> Used:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    peak = max(_peak(usages[0].ru_maxrss), usages[1].ru_maxrss) * 1024  # Linux: KiB
    return Used(round(cpu_s, 3), round(wall_s, 3), peak, module)


def _peak(known: int) -> int:
    """The most KiB that this process held; `known` is what getrusage says: it counts who started the program, too."""
    with suppress(OSError, ValueError, IndexError):
        status = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0])
    return known


def _line(key: str, used: Used) -> str:
    return json.dumps({"stage": key, **asdict(used)}) + "\n"


def _append(path: Path, key: str, used: Used) -> None:
    """One write for the whole line: several stages add to the file at once."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, _line(key, used).encode())
    finally:
        os.close(file)
