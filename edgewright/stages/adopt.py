"""Takes in a .tflite file that somebody brings, in place of training, compressing and quantizing.

    python -m edgewright.stages.adopt --model net.tflite --out build/rpi/net/net.tflite --stats net_tflite.json
        --runtime litert

The file is read and checked as a hostile one, then copied as it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from edgewright.files import write_bytes, write_json
from edgewright.stages._cli import run
from edgewright.tflite import differences
from edgewright.tflite.describe import describe
from edgewright.tflite.reader import parse_model, read_bytes


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.adopt", description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--stats", required=True, type=Path)
    parser.add_argument("--runtime", default="aot", help="the target's, which must answer right to the model")
    arguments = parser.parse_args(argv)
    model = read_bytes(arguments.model)
    graph = parse_model(model, arguments.model.name)
    differences.refuse(graph, arguments.runtime)
    facts = describe(model, arguments.model.name)
    write_bytes(arguments.out, model)
    write_json(arguments.stats, {"scheme": "as brought", **facts})
    if graph.note:
        print(f"{arguments.model.name}: {graph.note}")
    print(f"{arguments.model.name}: {len(facts['ops'])} operators, {facts['tflite_bytes']:,} bytes")
    return 0


if __name__ == "__main__":
    run(main)
