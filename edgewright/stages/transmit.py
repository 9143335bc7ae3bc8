r"""What a model costs to send: the .tflite as it is, compressed, with its weights coded, and as an update.

    python -m edgewright.stages.transmit --model build/rpi/kws/kws.tflite --out transmit.json \
        --previous releases/kws-1.tflite --update kws.ewu --options '{"name":"kws","version":2,"previous_version":1}'

With --previous it writes the update from that file, which firmware/update/ applies on the device (docs/update.md), and
applies it once itself. The version is the user's number; a device takes an update only for the version that it has.
"""

from __future__ import annotations

import argparse
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._pack import pack, unpack
from edgewright.coding._update import apply_update, make_update
from edgewright.errors import UserError
from edgewright.files import write_bytes, write_json
from edgewright.stages._cli import json_object, run
from edgewright.tflite.reader import parse_model

ZSTD_LEVEL = 19
SMALLEST = 64
"""Weights that are coded: smaller tensors gain nothing over what a code costs."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.transmit", description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--previous", type=Path, help="the version that devices have")
    parser.add_argument("--update", type=Path, help="where the update from it goes")
    parser.add_argument("--options", default="{}")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args(argv)
    if (arguments.previous is None) != (arguments.update is None):
        raise UserError("--previous, --update", "one goes with the other", hint="give both or none")
    options = json_object(arguments.options)
    model = read(arguments.model)
    figures = sizes(model, str(arguments.model))
    if arguments.previous is not None:
        update = _update(arguments, model, options)
        write_bytes(arguments.update, update)
        figures |= {"update_bytes": len(update), "previous_version": int(options["previous_version"])}
    write_json(arguments.out, {**figures, "version": int(options.get("version", 1))})
    return 0


def read(path: Path) -> bytes:
    """A file's bytes; UserError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(str(path), f"cannot be read: {error.strerror}") from error


def sizes(model: bytes, name: str) -> dict[str, int | None]:
    """Bytes of a .tflite: as it is, by gzip -9, by zstd -19, and with its int8 weights range-coded."""
    import zstandard

    packed = pack(model, weights_of(model, name))
    if unpack(packed) != model:
        raise ValueError(f"{name} is not what comes out of its packed form")
    return {
        "tflite_bytes": len(model),
        "gzip_bytes": len(gzip.compress(model, 9, mtime=0)),
        "zstd_bytes": len(zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(model)),
        "coded_bytes": len(packed),
        "update_bytes": None,
    }


def weights_of(model: bytes, name: str) -> list[NDArray[np.int8]]:
    """The int8 constants; none where the reader refuses the file, which needs not be one for a microcontroller."""
    try:
        graph = parse_model(model, name)
    except UserError:
        return []
    found = [tensor.data for tensor in graph.tensors.values() if tensor.dtype == "int8" and tensor.data is not None]
    return [np.asarray(data, np.int8) for data in found if data.size >= SMALLEST]


def _update(arguments: argparse.Namespace, model: bytes, options: Mapping[str, Any]) -> bytes:
    old, name = read(arguments.previous), str(options.get("name", arguments.model.stem))
    versions = (int(options["previous_version"]), int(options["version"]))
    update = make_update(old, model, model=name, versions=versions)
    if apply_update(old, update, model=name, version=versions[0]) != model:
        raise ValueError(f"{arguments.update} does not give the model")
    return update


if __name__ == "__main__":
    run(main)
