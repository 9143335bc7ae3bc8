"""What is divided by a square root is multiplied by its inverse: RSQRT has a form in int8 that every runtime runs."""

from __future__ import annotations

from typing import Any

from edgewright.importers._tidied.model import Model


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
