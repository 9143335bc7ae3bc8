"""Roots, squares and signs as products, which every runtime has in int8: RSQRT too, but neither SQRT nor NEG."""

from __future__ import annotations

from typing import Any

import numpy as np

from edgewright.passes.tflite_model.model import Model


def invert(model: Model, node: Any) -> bool:
    """DIV(a, SQRT(b)) becomes MUL(a, RSQRT(b))."""
    root = model.maker(node.inputs[1]) if model.kind(node) == "DIV" else None
    if root is None or model.kind(root) != "SQRT" or model.only_reader(node.inputs[1]) is not node:
        return False
    model.become(root, "RSQRT", root.inputs)
    model.become(node, "MUL", node.inputs, fusedActivationFunction=node.builtinOptions.fusedActivationFunction)
    return True


def multiply(model: Model, node: Any) -> bool:
    """SQUARE(a) becomes MUL(a, a)."""
    if model.kind(node) != "SQUARE":
        return False
    model.become(node, "MUL", [node.inputs[0], node.inputs[0]], fusedActivationFunction=0)
    return True


def negate(model: Model, node: Any) -> bool:
    """NEG(a) becomes MUL(a, -1)."""
    if model.kind(node) != "NEG":
        return False
    minus = model.constant(np.full((), -1, np.float32), f"{model.name(node.outputs[0])}_minus")
    model.become(node, "MUL", [node.inputs[0], minus], fusedActivationFunction=0)
    return True
