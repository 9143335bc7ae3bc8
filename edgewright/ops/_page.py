"""The page docs/operators.md, made from the operators themselves: `python -m edgewright.ops._page`."""

from __future__ import annotations

import inspect
import sys

from edgewright import registry
from edgewright.home import home
from edgewright.ops._base import Op

HEAD = """# Operators

What the compiler takes in an int8 .tflite, made from the code by `python -m edgewright.ops._page > docs/operators.md`.
Every operator gives, byte for byte, what its oracle gives, and is tested against it with random cases and with cases
at the ends (`tests/ops`): TFLM is TensorFlow Lite Micro (PyPI package `tflite-micro`), LiteRT the reference kernels of
PyPI package `ai-edge-litert`, for what TFLM does not run. Kernel variants: `ref` is portable C99; the others are for
int8, need the instructions that they are named for, and are tested on emulated cores (`tests/kernels`).

| operator | versions | types | what it is | variants | oracle |
|---|---|---|---|---|---|
"""
_VARIANTS = ("ref", "dsp", "winograd", "mve", "m3", "m0")


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_row(registry.ops.load(name).OP) for name in registry.ops.names())


def _row(op: Op) -> str:
    what = inspect.getdoc(sys.modules[type(op).__module__]) or ""
    sentence = " ".join(what.split()).removeprefix(f"{op.name}, ").removeprefix(f"{op.name}: ")
    versions = f"{op.versions.start}-{op.versions.stop - 1}" if len(op.versions) > 1 else str(op.versions.start)
    cells = (op.name, versions, ", ".join(op.dtypes), sentence, ", ".join(_variants(op)), op.oracle)
    return f"| {' | '.join(cells)} |\n"


def _variants(op: Op) -> list[str]:
    kernels = home() / "firmware" / "kernels"
    own = {v for v in _VARIANTS if hasattr(op, f"lower_{v}") or (kernels / f"{op.name.lower()}_s8_{v}.h").is_file()}
    return [variant for variant in _VARIANTS if variant in own]


if __name__ == "__main__":
    sys.stdout.write(page())
