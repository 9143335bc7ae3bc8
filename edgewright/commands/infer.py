"""Run inputs through a built model: on this machine, in the emulator, or on a board.

    edgewright infer build/mcu/kws --input inputs.npy --output outputs.npy [--device host|qemu|/dev/ttyACM0]
    edgewright infer build/mcu/kws_and_anomaly --model kws --input inputs.npy --output outputs.npy

Inputs are a .npy array of the model's element type, (n, *shape of the input), or a file of raw bytes: all inputs of the
first sample, of the second, and so on. Outputs come in the format that the output file's name asks for, n samples too.
On the host the model is compiled with portable kernels; they give the same bytes as those of every core.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright import command_line
from edgewright.devices import Called, Job
from edgewright.devices.tools.firmware import read_firmware
from edgewright.errors import UserError, did_you_mean
from edgewright.files import check_manifest, staged
from edgewright.images.model import GeneratedModel, read_library
from edgewright.registry import transports

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUMMARY = "run inputs through a built model, here, emulated or on a board"
HOST = "host"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    what = meant(arguments.build_dir, arguments.model)
    samples = read_samples(arguments.input, what.model.facts["inputs"])
    outputs = run_on(arguments.device, what, samples, arguments.timeout)
    write_outputs(arguments.output, outputs)
    print(f"{len(samples[0])} samples through {what.model.name} on {arguments.device}: {arguments.output}")
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(prog="edgewright infer", description="Run inputs through a built model.")
    made.add_argument("build_dir", type=Path, metavar="BUILD_DIR", help="of a model, for instance build/mcu/kws")
    made.add_argument("--model", metavar="NAME", help="which is meant, of a firmware with several")
    made.add_argument("--input", type=Path, required=True, help="a .npy file, or raw bytes")
    made.add_argument("--output", type=Path, required=True, help="a .npy file, or raw bytes")
    made.add_argument("--device", default=HOST, help="host, qemu, or a serial port: /dev/ttyACM0")
    made.add_argument("--timeout", type=float, default=60.0, metavar="S", help="of a device, for one command")
    return made


@dataclass(frozen=True)
class Meant:
    """A built model: the folder of its firmware, its facts, and its name where the firmware has several."""

    folder: Path
    model: GeneratedModel
    select: str | None


def meant(build_dir: Path, name: str | None) -> Meant:
    """The model that is meant; UserError for another name, and for none where there are several."""
    library = read_library(build_dir / "c")
    models = {model.name: model for model in library.models}
    wanted = name if name is not None or library.has_several else library.name
    if wanted is None or wanted not in models:
        hint = did_you_mean(wanted, models) if wanted else "--model says which is meant"
        raise UserError(str(build_dir), "has no such model", got=wanted or "none named", allowed=[*models], hint=hint)
    return Meant(build_dir, models[wanted], wanted if library.has_several else None)


def read_samples(path: Path, inputs: Sequence[Mapping[str, Any]]) -> tuple[NDArray[Any], ...]:
    """One array (n, *shape) for each input of a model; UserError when the file does not fit it."""
    if not path.is_file():
        raise UserError(str(path), "no such file")
    return _from_npy(path, inputs) if path.suffix == ".npy" else _from_bytes(path, inputs)


def _from_npy(path: Path, inputs: Sequence[Mapping[str, Any]]) -> tuple[NDArray[Any], ...]:
    import numpy as np

    if len(inputs) != 1:
        raise UserError(str(path), f"the model has {len(inputs)} inputs", hint="give a file of raw bytes")
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise UserError(str(path), f"is no .npy file: {error}") from error
    shape, dtype = inputs[0]["shape"], inputs[0]["dtype"]
    if array.dtype.name != dtype or array.size == 0 or array.size % math.prod(shape):
        allowed = f"{dtype} of shape (n, {', '.join(map(str, shape))})"
        raise UserError(str(path), "does not fit the model", got=f"{array.dtype.name} {array.shape}", allowed=allowed)
    return (np.ascontiguousarray(array).reshape(-1, *shape),)


def _from_bytes(path: Path, inputs: Sequence[Mapping[str, Any]]) -> tuple[NDArray[Any], ...]:
    import numpy as np

    size = sum(facts["bytes"] for facts in inputs)
    raw = np.frombuffer(path.read_bytes(), np.uint8)
    if raw.size == 0 or raw.size % size:
        raise UserError(str(path), "does not fit the model", got=f"{raw.size} bytes", allowed=f"a multiple of {size}")
    return tuple(_split(raw.reshape(-1, size), inputs))


def _split(rows: NDArray[Any], tensors: Sequence[Mapping[str, Any]]) -> list[NDArray[Any]]:
    """Rows of bytes as one array for each tensor."""
    import numpy as np

    arrays, start = [], 0
    for facts in tensors:
        part = np.ascontiguousarray(rows[:, start : start + facts["bytes"]])
        arrays.append(part.view(facts["dtype"]).reshape(len(rows), *facts["shape"]))
        start += facts["bytes"]
    return arrays


def run_on(device: str, what: Meant, samples: tuple[NDArray[Any], ...], timeout_s: float) -> list[NDArray[Any]]:
    """The model's outputs, one array (n, *shape) for each, by the first transport that has a device of this name."""
    if device == HOST:
        return _on_host(what, samples)
    job = _job(what, samples)
    named = _named()
    for called in named:
        outputs = called.infer(device, job, timeout_s)
        if outputs is not None:
            return list(outputs.values)
    allowed = [HOST, *(called.example for called in named)]
    raise UserError("--device", "no such device", got=device, allowed=f"{', '.join(allowed[:-1])} or {allowed[-1]}")


def _named() -> list[Called]:
    """What devices are called, of all transports that say so."""
    found = (getattr(transports.load(name), "CALLED", None) for name in transports.names())
    return [called for called in found if called is not None]


def _job(what: Meant, samples: tuple[NDArray[Any], ...]) -> Job:
    """The firmware of a build, and samples for it: one stream of them where the model has a state."""
    elf = what.folder / "firmware.elf"
    facts = read_firmware(elf, what.select).facts
    board = {"core": {"arch": facts["arch"]}, "emulator": facts["emulator"]}
    return Job(Path(), "aot", samples, board, elf, select=what.select)


def _on_host(what: Meant, samples: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    from edgewright.answers import host_c  # the whole C compiler, which other devices need not

    path, facts = _tflite_of(what), what.model.facts
    check_manifest(path.parent, {path.name: str(facts.get("source_sha256"))})
    return host_c.answers(path, samples, facts.get("rounding", "tflm"))


def _tflite_of(what: Meant) -> Path:
    """The file that a model was made of: of several in one firmware it lies in the folder of its build alone."""
    folder = what.folder if what.select is None else what.folder.parent / what.select
    found = sorted(folder.glob("*.tflite"))
    if len(found) != 1:
        names = [path.name for path in found]
        raise UserError(str(folder), "holds no built model", got=names, allowed="one .tflite file")
    return found[0]


def write_outputs(path: Path, outputs: Sequence[NDArray[Any]]) -> None:
    """Write outputs as .npy (of a model with one output) or raw bytes, sample by sample."""
    import numpy as np

    if path.suffix == ".npy" and len(outputs) != 1:
        raise UserError(str(path), f"the model has {len(outputs)} outputs", hint="ask for a file of raw bytes")
    rows = np.concatenate([np.ascontiguousarray(a).reshape(len(a), -1).view(np.uint8) for a in outputs], axis=1)
    with staged(path) as aside, aside.open("wb") as file:
        if path.suffix == ".npy":
            np.save(file, outputs[0])
        else:
            file.write(rows.tobytes())


if __name__ == "__main__":
    command_line.run(main)
