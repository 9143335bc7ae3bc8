"""Takes in a file that somebody brings, in place of training, compressing and quantizing.

    python -m edgewright.stages.model.adopt --model net.tflite --out build/rpi/net/net.tflite --stats net_tflite.json
        --runtime litert

The importer of its suffix (edgewright/importers/) reads it as a .tflite, which is checked as a hostile one.
"""

from __future__ import annotations

from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.files import write_bytes, write_json
from edgewright.options.adopt import Options
from edgewright.registry import importable, importer_of, importers
from edgewright.stage_command import stage
from edgewright.tflite import differences
from edgewright.tflite.describe import computes_in_float, describe, scheme_of
from edgewright.tflite.reader import parse_model
from edgewright.tflite.values import ranges, spreads

_FLOAT = (
    "float and is compiled so, for a core with few or no floats: to have it in int8, give inputs that set its ranges, "
    "calibration=inputs.npy, an array [N, ...] of examples (in an .npz file one for each input, by its name), "
    "or data in a model.toml that names it as its source"
)


def adopt(options: Options) -> None:
    """Check the file and copy it."""
    name = options.importer or importer_of(options.model.name)
    if name is None:
        raise UserError(str(options.model), "no importer takes such a file", allowed=importable())
    model: bytes = importers.load(name).read(options.model)
    graph = parse_model(model, options.model.name)
    differences.refuse(graph, options.runtime)
    facts = describe(model, options.model.name)
    write_bytes(options.out, model)
    values = {"ranges": ranges(graph), "spreads": spreads(graph)}
    write_json(options.stats, {"scheme": scheme_of(graph), "brought": True, **facts, **values})
    if options.runtime == "aot" and computes_in_float(graph):
        print(f"{options.model.name} is {_FLOAT}")
    if graph.note:
        print(f"{options.model.name}: {graph.note}")
    print(f"{options.model.name}: {len(facts['ops'])} operators, {facts['tflite_bytes']:,} bytes")


main = stage(Options, adopt)

if __name__ == "__main__":
    run(main)
