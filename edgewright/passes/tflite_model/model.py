"""A .tflite as objects that can be changed: operators, tensors and constants of its one graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from edgewright.passes.tflite_model import _schema

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TYPES = {0: np.float32, 2: np.int32, 4: np.int64}
"""Of schema.fbs: FLOAT32, INT32, INT64."""


def kinds_of(tflite: bytes) -> set[str]:
    """TFLite's names of the operators that a file lists, without its objects being made."""
    schema = _schema.schema()
    names = _names(schema)
    model = schema.Model.GetRootAs(tflite, 0)
    codes = [model.OperatorCodes(place) for place in range(model.OperatorCodesLength())]
    return {names.get(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()), "?") for code in codes}


def _names(schema: Any) -> dict[int, str]:
    return {value: name for name, value in vars(schema.BuiltinOperator).items() if name.isupper()}


class Model:
    """A file's graph. Operators are those of TensorFlow's object form of the schema."""

    def __init__(self, tflite: bytes) -> None:
        self._schema, self._file = _schema.schema(), _schema.read(tflite)
        self._names = _names(self._schema)
        self.graph = self._file.subgraphs[0]
        self.is_plain = len(self._file.subgraphs) == 1

    def bytes(self) -> bytes:
        """The file; kinds of operators that it has no more are not named, as TensorFlow's calibrator refuses them."""
        used = sorted({node.opcodeIndex for node in self.graph.operators})
        for node in self.graph.operators:
            node.opcodeIndex = used.index(node.opcodeIndex)
        self._file.operatorCodes = [self._file.operatorCodes[index] for index in used]
        return _schema.written(self._file)

    # operators

    def kind(self, node: Any) -> str:
        """TFLite's name of an operator."""
        code = self._file.operatorCodes[node.opcodeIndex]
        return str(self._names.get(max(code.builtinCode, code.deprecatedBuiltinCode), "?"))

    def count(self, kind: str) -> int:
        """How many operators are of a kind."""
        return sum(self.kind(node) == kind for node in self.graph.operators)

    def maker(self, tensor: int) -> Any:
        """The operator that makes a tensor; None for inputs and constants."""
        return next((node for node in self.graph.operators if tensor in node.outputs), None)

    def readers(self, tensor: int) -> list[Any]:
        """Those that read it, once each; an output of the graph is read by nobody here."""
        return [node for node in self.graph.operators if tensor in node.inputs]

    def only_reader(self, tensor: int) -> Any:
        """The one that reads it; None where there are more, or it is an output of the graph."""
        found = self.readers(tensor)
        return found[0] if len(found) == 1 and tensor not in self.graph.outputs else None

    def put(self, place: int, kind: str, inputs: Sequence[int], outputs: Sequence[int], **options: Any) -> None:
        """A new operator at a place of the order in which they run."""
        node = self._schema.OperatorT()
        node.opcodeIndex, node.inputs, node.outputs = self._opcode(kind), list(inputs), list(outputs)
        node.builtinOptionsType, node.builtinOptions = self._options(kind, options)
        self.graph.operators.insert(place, node)

    def place(self, node: Any) -> int:
        """That of an operator in the order in which they run."""
        return next(place for place, each in enumerate(self.graph.operators) if each is node)

    def become(self, node: Any, kind: str, inputs: Sequence[int], **options: Any) -> None:
        """The same place and outputs, another operator."""
        node.opcodeIndex, node.inputs = self._opcode(kind), list(inputs)
        node.builtinOptionsType, node.builtinOptions = self._options(kind, options)

    def drop(self, node: Any) -> None:
        """Take an operator out."""
        del self.graph.operators[self.place(node)]

    def sweep(self) -> None:
        """Take out what nobody reads."""
        while True:
            read = {*self.graph.outputs, *(tensor for node in self.graph.operators for tensor in node.inputs)}
            kept = [node for node in self.graph.operators if read & set(node.outputs)]
            if len(kept) == len(self.graph.operators):
                return
            self.graph.operators = kept

    def _opcode(self, kind: str) -> int:
        wanted = getattr(self._schema.BuiltinOperator, kind)
        for index, code in enumerate(self._file.operatorCodes):
            if max(code.builtinCode, code.deprecatedBuiltinCode) == wanted and code.version == 1:
                return index
        code = self._schema.OperatorCodeT()
        code.builtinCode, code.deprecatedBuiltinCode, code.version = wanted, min(wanted, 127), 1
        self._file.operatorCodes.append(code)
        return len(self._file.operatorCodes) - 1

    def _options(self, kind: str, values: dict[str, Any]) -> tuple[int, Any]:
        wanted = f"{kind.replace('_', '')}OPTIONS"
        name = next((each for each in vars(self._schema.BuiltinOptions) if each.upper() == wanted), "")
        made = getattr(self._schema, f"{name}T", None)
        if made is None:
            return 0, None
        options = made()
        for key, value in values.items():
            setattr(options, key, value)
        return getattr(self._schema.BuiltinOptions, name), options

    # tensors

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Of a tensor."""
        shape = self.graph.tensors[tensor].shape
        return () if shape is None else tuple(int(size) for size in shape)

    def values(self, tensor: int) -> NDArray[Any] | None:
        """Of a constant of floats or whole numbers; None for others."""
        about = self.graph.tensors[tensor]
        data = self._file.buffers[about.buffer].data
        if tensor < 0 or data is None or not len(data) or about.type not in _TYPES:
            return None
        return np.frombuffer(bytes(bytearray(data)), _TYPES[about.type]).reshape(self.shape(tensor))

    def constant(self, values: NDArray[Any], name: str) -> int:
        """A new constant."""
        kind = next(number for number, dtype in _TYPES.items() if dtype == values.dtype)
        buffer = self._schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
        self._file.buffers.append(buffer)
        return self._tensor(values.shape, kind, name, len(self._file.buffers) - 1)

    def like(self, tensor: int, shape: Sequence[int], name: str) -> int:
        """A new tensor of the type of another."""
        buffer = self._schema.BufferT()
        self._file.buffers.append(buffer)
        return self._tensor(shape, self.graph.tensors[tensor].type, name, len(self._file.buffers) - 1)

    def name(self, tensor: int) -> str:
        """Of a tensor."""
        name = self.graph.tensors[tensor].name
        return name.decode() if isinstance(name, bytes) else str(name or "")

    def turn(self, tensor: int, axes: Sequence[int]) -> None:
        """Give a tensor its lengths in another order."""
        about, shape = self.graph.tensors[tensor], self.shape(tensor)
        about.shape, about.shapeSignature = np.array([shape[axis] for axis in axes], np.int32), None

    def swap_end(self, old: int, new: int, ends: str) -> None:
        """Another tensor as an input or output of the graph ("inputs", "outputs"), under the old one's name."""
        numbers = list(getattr(self.graph, ends))
        setattr(self.graph, ends, [new if number == old else number for number in numbers])
        about, other = self.graph.tensors[new], self.graph.tensors[old]
        about.name, other.name = other.name, f"{self.name(old)}_inner".encode()
        for signature in self._file.signatureDefs or ():
            for entry in getattr(signature, ends):
                entry.tensorIndex = new if entry.tensorIndex == old else entry.tensorIndex

    def _tensor(self, shape: Sequence[int], kind: int, name: str, buffer: int) -> int:
        tensor = self._schema.TensorT()
        tensor.shape, tensor.type, tensor.buffer = np.array(shape, np.int32), kind, buffer
        tensor.name = name.encode()
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1


Rule = Callable[[Model, Any], bool]
"""Looks at an operator; True: it has changed the model."""
