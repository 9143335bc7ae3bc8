"""Makes the system root of an emulated Linux device, in the user's cache, and notes what is in it.

python -m edgewright.stages.sysroot --arch arm64 --runtime litert --out build/tools/sysroot-arm64-litert.json
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from edgewright.devices._sysroot import MACHINES, MODULES, ensure_sysroot
from edgewright.files import write_json
from edgewright.stages._cli import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.sysroot", description=__doc__)
    parser.add_argument("--arch", required=True, choices=sorted(MACHINES))
    parser.add_argument("--runtime", required=True, choices=sorted(MODULES))
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args(argv)
    write_json(arguments.out, dict(ensure_sysroot(arguments.arch, arguments.runtime).record))
    return 0


if __name__ == "__main__":
    run(main)
