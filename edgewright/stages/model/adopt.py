"""Takes in a .tflite file that somebody brings, in place of training, compressing and quantizing.

    python -m edgewright.stages.model.adopt --model net.tflite --out build/rpi/net/net.tflite --stats net_tflite.json
        --runtime litert

The file is read and checked as a hostile one, then copied as it is.
"""

from __future__ import annotations

from edgewright.files import write_bytes, write_json
from edgewright.options.adopt import Options
from edgewright.stages._cli import run
from edgewright.stages._command import stage
from edgewright.tflite import differences
from edgewright.tflite.describe import describe
from edgewright.tflite.reader import parse_model, read_bytes


def adopt(options: Options) -> None:
    """Check the file and copy it."""
    model = read_bytes(options.model)
    graph = parse_model(model, options.model.name)
    differences.refuse(graph, options.runtime)
    facts = describe(model, options.model.name)
    write_bytes(options.out, model)
    write_json(options.stats, {"scheme": "as brought", **facts})
    if graph.note:
        print(f"{options.model.name}: {graph.note}")
    print(f"{options.model.name}: {len(facts['ops'])} operators, {facts['tflite_bytes']:,} bytes")


main = stage(Options, adopt)

if __name__ == "__main__":
    run(main)
