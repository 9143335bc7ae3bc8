"""Some layers with int16 activations in a model that is int8 otherwise.

The converter knows int8 and int16x8 for whole models alone. So the model is converted to both, and the chosen operators
are moved from the second into the first, with QUANTIZE wherever an activation goes from one type to the other. Inputs
and outputs of the model stay int8.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import tflite

from edgewright.errors import UserError, did_you_mean
from edgewright.tflite.describe import operators_with_names
from edgewright.tflite.reader import parse_model
from edgewright.training.sensitivity import layer_of

_NONE = -1  # an input that was left out


def with_int16(int8: bytes, int16: bytes, chosen: Sequence[str], layers: Sequence[str], where: str) -> bytes:
    """The int8 model with the operators of the layers `chosen` from the int16x8 one.

    Args:
        int8: the model in int8.
        int16: the same model with int16 activations and int8 weights.
        chosen: names of Keras layers.
        layers: names of all Keras layers.
        where: names the model in messages.

    Raises:
        UserError: a layer that is not there, or that has no operator of its own; or the two models differ in shape.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    numbers = _operators(int8, int16, chosen, layers, where)
    host, donor = (flatbuffer_utils.convert_bytearray_to_object(bytearray(model)) for model in (int8, int16))
    _Graft(host, donor, numbers).run()
    return bytes(flatbuffer_utils.convert_object_to_bytearray(host))


def _operators(int8: bytes, int16: bytes, chosen: Sequence[str], layers: Sequence[str], where: str) -> set[int]:
    """Numbers of the operators that belong to the chosen layers."""
    made, wide = (operators_with_names(parse_model(model, where)) for model in (int8, int16))
    if [op for op, _ in made] != [op for op, _ in wide]:
        problem = "int8 and int16x8 have other operators here: no layers can be taken from one to the other"
        raise UserError(f"{where}: int16_layers", problem, hint='take scheme = "int16x8" for the whole model')
    owners = [_owners(name, layers) for _, name in made]
    for name in chosen:
        if not any(name in owner for owner in owners):
            known = sorted(set().union(*owners))
            problem = "has no operator of its own" if name in layers else "no such layer"
            hint = did_you_mean(name, known)
            raise UserError("[quantize] int16_layers", problem, got=name, allowed=known, hint=hint)
    return {number for number, owner in enumerate(owners) if owner & set(chosen)}


def _owners(name: str, layers: Sequence[str]) -> set[str]:
    """The layers that an operator stands for: several, when the converter fused them."""
    parts = {part for path in name.split(";") for part in path.split("/")}
    return (parts | {layer_of(name, layers)}) & set(layers)


@dataclass
class _Graft:
    """Puts operators of `donor` in the place of those of the same numbers in `host`; both are objects of the schema."""

    host: Any
    donor: Any
    numbers: set[int]
    wide: dict[int, int] = field(default_factory=dict)
    """By the number of an int8 activation the one of the same in int16."""

    def run(self) -> None:
        """Change `host`."""
        operators = []
        for number, operator in enumerate(self.graph.operators):
            if number in self.numbers:
                operators += self._grafted(operator, self.donor.subgraphs[0].operators[number])
            else:
                operators.append(operator)
        self.graph.operators = operators

    @property
    def graph(self) -> Any:
        """The main subgraph of the host."""
        return self.host.subgraphs[0]

    def _grafted(self, old: Any, new: Any) -> list[Any]:
        """The operators that stand for `old`."""
        before: list[Any] = []
        inputs = [self._input(*pair, before) for pair in zip(old.inputs, new.inputs, strict=True)]
        after: list[Any] = []
        outputs = [self._output(*pair, after) for pair in zip(old.outputs, new.outputs, strict=True)]
        operator = copy.copy(new)
        operator.opcodeIndex = self._code(self.donor.operatorCodes[new.opcodeIndex])
        operator.inputs, operator.outputs = inputs, outputs
        return [*before, operator, *after]

    def _input(self, ours: int, theirs: int, before: list[Any]) -> int:
        if ours == _NONE:
            return _NONE
        tensor = self.donor.subgraphs[0].tensors[theirs]
        data = self.donor.buffers[tensor.buffer].data
        if data is not None and len(data):
            return self._constant(ours, tensor, data)
        if tensor.type == self.graph.tensors[ours].type:
            return ours
        if ours not in self.wide:
            self.wide[ours] = self._add(tensor)
            before.append(self._quantize(ours, self.wide[ours]))
        return self.wide[ours]

    def _constant(self, ours: int, tensor: Any, data: Any) -> int:
        """In the place of the host's own constant, when nothing else needs that."""
        taken = copy.copy(tensor)
        users = [number for number, operator in enumerate(self.graph.operators) if ours in operator.inputs]
        buffer = self.graph.tensors[ours].buffer
        if set(users) <= self.numbers and sum(other.buffer == buffer for other in self.graph.tensors) == 1:
            taken.buffer = buffer
            self.host.buffers[buffer].data = data
            self.graph.tensors[ours] = taken
            return ours
        fresh = copy.copy(self.host.buffers[0])
        fresh.data = data
        self.host.buffers.append(fresh)
        taken.buffer = len(self.host.buffers) - 1
        self.graph.tensors.append(taken)
        return len(self.graph.tensors) - 1

    def _output(self, ours: int, theirs: int, after: list[Any]) -> int:
        tensor = self.donor.subgraphs[0].tensors[theirs]
        if tensor.type == self.graph.tensors[ours].type:
            return ours
        if not self._stays_narrow(ours):
            self.graph.tensors[ours] = self._activation(tensor)
            self.wide[ours] = ours
            return ours
        self.wide[ours] = self._add(tensor)
        after.append(self._quantize(self.wide[ours], ours))
        return self.wide[ours]

    def _stays_narrow(self, number: int) -> bool:
        """Whether somebody reads the activation as int8."""
        readers = [index for index, operator in enumerate(self.graph.operators) if number in operator.inputs]
        return number in self.graph.outputs or not set(readers) <= self.numbers

    def _add(self, tensor: Any) -> int:
        self.graph.tensors.append(self._activation(tensor))
        return len(self.graph.tensors) - 1

    def _activation(self, tensor: Any) -> Any:
        """A tensor of the donor without content, under a name that the host does not have."""
        taken = copy.copy(tensor)
        taken.buffer = 0
        taken.name = tensor.name + b"_int16"
        return taken

    def _quantize(self, source: int, to: int) -> Any:
        operator = copy.copy(self.graph.operators[0])
        builtin = tflite.BuiltinOperator.QUANTIZE
        code = copy.copy(self.host.operatorCodes[0])
        code.builtinCode = code.deprecatedBuiltinCode = builtin
        code.customCode, code.version = None, 2  # the version that takes int16
        operator.opcodeIndex = self._code(code)
        operator.inputs, operator.outputs, operator.intermediates = [source], [to], None
        operator.builtinOptionsType, operator.builtinOptions = tflite.BuiltinOptions.NONE, None
        return operator

    def _code(self, code: Any) -> int:
        """The number of an operator code in the host; it is added when it is new there."""
        for index, known in enumerate(self.host.operatorCodes):
            if (known.builtinCode, known.version) == (code.builtinCode, code.version):
                return index
        self.host.operatorCodes.append(copy.copy(code))
        return len(self.host.operatorCodes) - 1
