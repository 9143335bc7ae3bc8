"""What a peer's module has, and how it is asked in its own environment.

    TITLE         what tables call it, with the version
    PACKAGES      what pip installs for it, pinned
    WAYS          how it can be told to build; each is measured at -Os, -O2 and -O3
    generate(model, way, out)   writes C into a folder, and says what it is
    main(generate)              under `if __name__ == "__main__"`

To add one, add a module with these to benchmarks/peers/, and name it in `PEERS` of `__main__` there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SOURCES = "sources.json"


class RefusedError(Exception):
    """A network that the module of a peer cannot say in the peer's terms."""


@dataclass(frozen=True)
class Sources:
    """C that a peer made of a network.

    Attributes:
        files: C files and headers, relative to the folder; no two of one name, since they are laid side by side.
        header: the one that declares what `call` calls.
        call: C statement that runs the network once, of `input` and `output` (int8_t *) and `arena` (uint8_t *).
        arena_bytes: of the memory that the caller gives; what lies in variables is counted besides.
        defines: macros that its sources are compiled with.
    """

    files: tuple[str, ...]
    header: str
    call: str
    arena_bytes: int = 0
    defines: tuple[str, ...] = ()


def main(generate: Callable[[Path, str, Path], Sources]) -> None:
    """Generate as the command line says: MODEL WAY FOLDER. A refusal is the last line of standard error, exit 3."""
    model, way, out = sys.argv[1:]
    try:
        sources = generate(Path(model), way, Path(out))
    except Exception as error:
        if type(error).__module__ == "builtins":
            raise  # no refusal: something is wrong, with the peer or with its module here
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(3)
    (Path(out) / SOURCES).write_text(json.dumps(asdict(sources)))


def read(folder: Path) -> Sources:
    """What `main` wrote into a folder."""
    found: dict[str, Any] = json.loads((folder / SOURCES).read_text())
    return Sources(**{**found, "files": tuple(found["files"]), "defines": tuple(found["defines"])})
