"""What a process that converts does: it writes a line for each file, so that its end tells which one ended it.

Of the standard library alone: it runs in the converters' own environments.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def main(convert: Callable[[str, str, Path], bytes], versions: Mapping[str, str]) -> None:
    """`python -m testbench.zoo._with_... FOLDER WAY/NETWORK ...`.

    Args:
        convert: (way, network, folder) -> the .tflite file.
        versions: the package whose version is told, by way.
    """
    folder = Path(sys.argv[1])
    for job in sys.argv[2:]:
        way, name = job.split("/")
        line = {"job": job, "version": f"{versions[way]} {importlib.metadata.version(versions[way])}"}
        try:
            made = convert(way, name, folder)
        except Exception as error:  # noqa: BLE001 - whatever a converter raises is what it says to the network
            line["failure"] = f"{type(error).__name__}: {error}"
        else:
            (folder / way).mkdir(exist_ok=True)
            (folder / way / f"{name}.tflite").write_bytes(made)
        with (folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
