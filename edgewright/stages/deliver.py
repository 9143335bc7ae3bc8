"""Copies a model that several targets share, and its facts, into the folder of one of them.

python -m edgewright.stages.deliver --model build/models/kws/int8-0a1b2c3d/kws.tflite --out build/mcu/kws/kws.tflite
    --facts build/models/kws/int8-0a1b2c3d/kws_tflite.json --out-facts build/mcu/kws/kws_tflite.json
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from edgewright.files import write_bytes
from edgewright.stages._cli import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.deliver", description=__doc__)
    for name in ("--model", "--out", "--facts", "--out-facts"):
        parser.add_argument(name, required=True, type=Path)
    arguments = parser.parse_args(argv)
    write_bytes(arguments.out, arguments.model.read_bytes())
    write_bytes(arguments.out_facts, arguments.facts.read_bytes())
    return 0


if __name__ == "__main__":
    run(main)
