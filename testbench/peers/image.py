"""A peer's C in our firmware: its call stands where a model's own does, so it is built, sized and counted alike."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.files import hashes, write_json, write_text
from edgewright.images.model import FACTS
from edgewright.kernels.headers import folders
from edgewright.tflite.graph import Graph, Tensor
from testbench.peers.interface import Sources

_ALIGNMENT = 16
_STATUS = "ew_types.h"


def lay_out(folder: Path, made: Path, sources: Sources, graph: Graph, name: str) -> None:
    """Write to `folder` what the stage `firmware` takes for a model `name`.

    Input and output lie in the arena behind what the peer works in: it wants them apart.
    """
    folder.mkdir()
    files = [_copy(made / file, folder, sources) for file in sources.files]
    status = next(place / _STATUS for place in folders() if (place / _STATUS).is_file())
    shutil.copy(status, folder)
    x, y = (graph.tensors[numbers[0]] for numbers in (graph.inputs, graph.outputs))
    at_input = _rounded(sources.arena_bytes)
    at_output = at_input + _rounded(x.elements)
    arena = at_output + _rounded(y.elements)
    write_text(folder / f"{name}.h", _header(name, {"INPUT": (x, at_input), "OUTPUT": (y, at_output)}, arena))
    write_text(folder / f"{name}.c", _call(name, sources))
    write_json(
        folder / FACTS,
        {
            "name": name,
            "source_sha256": hashlib.sha256(name.encode()).hexdigest(),
            "inputs": [_facts(x, at_input)],
            "outputs": [_facts(y, at_output)],
            "layers": [{"name": name, "op": "ALL", "macs": 0}],
            "arena_bytes": arena,
            "scratch_bytes": 0,
            "peak_layer": 0,
            "files": hashes(folder, [*files, _STATUS, f"{name}.h", f"{name}.c"]),
        },
    )


def _copy(source: Path, folder: Path, sources: Sources) -> str:
    """A file of the peer; a source begins with the macros that it is compiled with."""
    macros = "".join(f"#define {name}\n" for name in sources.defines) if source.suffix == ".c" else ""
    if (folder / source.name).exists():
        raise ValueError(f"two files are called {source.name}")
    write_text(folder / source.name, macros + source.read_text(encoding="utf-8"))
    return source.name


def _header(name: str, ends: Mapping[str, tuple[Tensor, int]], arena: int) -> str:
    prefix = name.upper()
    lines = [f'#include "{_STATUS}"', f"#define {prefix}_ARENA_BYTES {arena}"]
    for end, (tensor, offset) in ends.items():
        lines += [f"#define {prefix}_{end}_OFFSET {offset}", f"#define {prefix}_{end}_BYTES {tensor.elements}"]
        scale, zero = _quantization(tensor)
        lines += [f"#define {prefix}_{end}_SCALE {scale!r}", f"#define {prefix}_{end}_ZERO_POINT ({zero})"]
    lines.append(f"ew_status {name}_invoke(const void *input, void *output, void *arena);")
    return "\n".join([f"#ifndef PEER_{prefix}_H", f"#define PEER_{prefix}_H", *lines, "#endif", ""])


def _call(name: str, sources: Sources) -> str:
    return f"""#include "{name}.h"
#include "{sources.header}"
ew_status {name}_invoke(const void *in, void *out, void *memory) {{
    const int8_t *input = in;
    int8_t *output = out;
    uint8_t *arena = memory;
    (void)arena;
    {sources.call}
#ifdef EW_PROFILE_LAYER
    EW_PROFILE_LAYER(0); /* the emulator looks for it; it is not counted */
#endif
    return EW_OK;
}}
"""


def _facts(tensor: Tensor, offset: int) -> dict[str, Any]:
    scale, zero = _quantization(tensor)
    facts = {"bytes": tensor.elements, "dtype": tensor.dtype, "shape": list(tensor.shape), "arena_offset": offset}
    return {**facts, "scale": scale, "zero_point": zero}


def _quantization(tensor: Tensor) -> tuple[float, int]:
    if tensor.quantization is None:
        raise ValueError(f"{tensor.name} is not quantized")
    return tensor.quantization.scale, tensor.quantization.zero_point


def _rounded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
