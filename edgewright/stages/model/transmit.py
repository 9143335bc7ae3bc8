r"""What a model costs to send: the .tflite as it is, compressed, with its weights coded, and as an update.

    python -m edgewright.stages.model.transmit --model build/rpi/kws/kws.tflite --out transmit.json \
        --previous releases/kws-1.tflite --update kws.ewu --options '{"name":"kws","transmit":{"version":2}}'

With --previous it writes the update from that file, which firmware/update/ applies on the device (docs/update.md), and
applies it once itself. The version is the user's number; a device takes an update only for the version that it has.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgewright.coding.pack import pack, unpack
from edgewright.coding.update import apply_update, make_update
from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.files import write_bytes, write_json
from edgewright.options.transmit import Options
from edgewright.stage_command import stage
from edgewright.tflite.reader import parse_model

ZSTD_LEVEL = 19
SMALLEST = 64
"""Weights that are coded: smaller tensors gain nothing over what a code costs."""


def transmit(options: Options) -> None:
    """Write the figures, and the update if one was asked for."""
    if (options.previous is None) != (options.update is None):
        raise UserError("--previous, --update", "one goes with the other", hint="give both or none")
    model = read(options.model)
    figures = sizes(model, str(options.model))
    if options.previous is not None and options.update is not None:
        update = _update(options.previous, model, options)
        write_bytes(options.update, update)
        figures |= {"update_bytes": len(update), "previous_version": options.transmit.before}
    write_json(options.out, {**figures, "version": options.transmit.version})


def read(path: Path) -> bytes:
    """A file's bytes; UserError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(str(path), f"cannot be read: {error.strerror}") from error


def sizes(model: bytes, name: str) -> dict[str, int | str | None]:
    """Bytes of a .tflite: as it is, by gzip -9, zstd -19, and with its int8 weights range-coded; what is smallest."""
    import zstandard

    packed = pack(model, weights_of(model, name))
    if unpack(packed) != model:
        raise ValueError(f"{name} is not what comes out of its packed form")
    ways = {
        "gzip": len(gzip.compress(model, 9, mtime=0)),
        "zstd": len(zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(model)),
        "coded": len(packed),
    }
    found = {f"{way}_bytes": size for way, size in ways.items()}
    smallest = min(ways, key=lambda way: ways[way])
    return {"tflite_bytes": len(model), **found, "smallest": smallest, "update_bytes": None}


def weights_of(model: bytes, name: str) -> list[NDArray[np.int8]]:
    """The int8 constants; none where the reader refuses the file, which needs not be one for a microcontroller."""
    try:
        graph = parse_model(model, name)
    except UserError:
        return []
    found = [tensor.data for tensor in graph.tensors.values() if tensor.dtype == "int8" and tensor.data is not None]
    return [np.asarray(data, np.int8) for data in found if data.size >= SMALLEST]


def _update(previous: Path, model: bytes, options: Options) -> bytes:
    old, name = read(previous), options.name or options.model.stem
    versions = (options.transmit.before, options.transmit.version)
    update = make_update(old, model, model=name, versions=versions, version_of_format=options.transmit.format)
    if apply_update(old, update, model=name, version=versions[0]) != model:
        raise ValueError(f"{options.update} does not give the model")
    return update


main = stage(Options, transmit)

if __name__ == "__main__":
    run(main)
