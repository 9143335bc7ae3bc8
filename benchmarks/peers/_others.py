"""Compilers of networks to C that do not join: what was looked at, and what keeps it out."""

from __future__ import annotations

OTHERS = {
    "heliaAOT 1.1.0": "its licence prohibits execution on any CPU that is not Ambiq's, so it was not run",
    "tinymlc 0.1.0": "its wheel lacks the C: tinymlc.h and all operators, which its templates include",
    "ExecuTorch 1.5.1": "the wheel has what exports for Cortex-M, and neither runtime nor kernels; it reads no .tflite",
    "Apache TVM 0.27.0": "microTVM was taken out; nothing in the wheel can be linked for a Cortex-M",
    "IREE 3.13.0": "the compiler is a package, the runtime that its modules call is in none",
    "MLonMCU 0.9.0": "drives others (TFLM, TVM), whose sources it clones from their repositories",
    "darml 0.1.2, tinyml-deployer 0.1.0": "write projects around TFLM or a vendor's tool, no C of their own",
    "emlearn 0.23.2": "of networks it converts dense layers of Keras and scikit-learn, in float or fixed point",
    "keras2c 2.0": "float32 alone",
    "onnx2c, NNoM, TinyMaix, TinyEngine": "in none of the registries of Python, Debian and npm",
    "X-CUBE-AI, Plumerai, HALE, Edge Impulse": "closed, or behind an account",
}
"""Reason by name and version; the packages are PyPI's."""
