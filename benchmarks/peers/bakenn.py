"""BakeNN: int8 TFLite to C11, portable, with packed weights for SMLAD, or with CMSIS-NN's kernels, which it brings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from testbench.peers.interface import Sources, main

TITLE = "BakeNN 1.0.0"
PACKAGES = ("bakenn==1.0.0", "numpy==2.4.6", "flatbuffers==25.12.19", "tflite==2.18.0")
WAYS = ("portable", "packed", "cmsis-nn")


def generate(model: Path, way: str, out: Path) -> Sources:
    """As its README says for a Cortex-M4."""
    import bakenn

    options: dict[str, Any] = {"target": bakenn.CORTEX_M4}
    if way != "portable":
        options["kernel_policy"] = bakenn.KernelPolicy.STATIC_PRIORITY
    made = bakenn.compile_tflite(
        model,
        out,
        name=model.stem,
        backend_options=bakenn.CBackendOptions(**options, enable_cmsis_nn=way == "cmsis-nn"),
    ).artifacts
    facts = json.loads(made.manifest.read_text())
    files = sorted(path for path in out.rglob("*") if path.suffix in (".c", ".h"))
    return Sources(
        files=tuple(str(path.relative_to(out)) for path in files),
        header=made.header.name,
        call=f"{facts['model']}_infer(arena, input, output);",
        arena_bytes=int(facts["arena_bytes"]),
        defines=("BAKENN_CMSIS_NN_BUILTIN_MEMORY",),
    )


if __name__ == "__main__":
    main(generate)
