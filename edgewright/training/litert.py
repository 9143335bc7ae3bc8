"""LiteRT's reference kernels, which say what is right where TensorFlow Lite Micro lacks an operator."""

from __future__ import annotations

from typing import Any

_WRONG = ("SUM",)
"""Operators that the reference kernels of int8 and int16 count as if they were uint8: findings/sum-int8-negative.sh."""

_QUANTIZED = ("int8", "int16")


def reference(model: bytes) -> Any:
    """An interpreter with its tensors allocated.

    A model with an operator that the reference kernels have wrong gets the optimized ones, all of them: LiteRT does not
    mix the two. They round other operators otherwise, FULLY_CONNECTED for one.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    made = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    if _has_wrong(made):
        kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        made = Interpreter(model_content=model, experimental_op_resolver_type=kernels)
    made.allocate_tensors()
    return made


def _has_wrong(made: Any) -> bool:
    types = {details["index"]: details["dtype"].__name__ for details in made.get_tensor_details()}
    wrong = [operator["inputs"][0] for operator in made._get_ops_details() if operator["op_name"] in _WRONG]
    return any(types.get(number) in _QUANTIZED for number in wrong)
