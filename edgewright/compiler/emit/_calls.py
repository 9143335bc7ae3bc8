"""Kernel calls as C: the functions that are called, and the calls of them.

As a rule a function is a kernel specialised for one shape, and layers of equal shape share it. Where code is to be
small, one function serves all shapes of a kernel: it reads them from memory. Some kernels take few fields of their
shape as constants (`Call.constant`): where code counts at all, one function serves all shapes that agree on these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edgewright.c_text import CTYPES, integer, number
from edgewright.compiler.emit._arrays import Arrays
from edgewright.compiler.emit._pieces import Pieces
from edgewright.compiler.ir import Buffer, Program
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch, Unpacked, Variable
from edgewright.text import Safe
from edgewright.tflite.graph import Tensor

SHARED_FROM = 3
"""From so many shapes on sharing makes code smaller: a body that knows no shape keeps all branches of its kernel, and
was as large as about two that know theirs (DS-CNN and ResNet-8 on Cortex-M4)."""


@dataclass
class Shape:
    """A constant shape: its C name, and its fields with their values."""

    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass
class Function:
    """A function of generated code around a kernel.

    Attributes:
        name: its C name.
        kernel: the kernel's stem.
        shape_type: C type of the kernel's shape.
        parameters, arguments: C declarations of the parameters, and their names.
        shared: whether the shape is a parameter; if not there is one shape.
        constant: fields of a shared shape, with values that are the same for all of them.
        may_fail: whether it returns an ew_status.
        shapes: the shapes that it is called for.
        users: the layers that call it, as a comment names them.
    """

    name: str
    kernel: str
    shape_type: str
    parameters: tuple[str, ...]
    arguments: tuple[str, ...]
    shared: bool = False
    constant: tuple[tuple[str, str], ...] = ()
    may_fail: bool = False
    shapes: dict[tuple[tuple[str, int], ...], Shape] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)

    @property
    def declarations(self) -> Safe:
        """The parameters, one a line: they come from kernels, and hold nothing of a model."""
        return Safe(",\n    ".join(self.parameters))


class Functions:
    """The functions of generated code: each once, however many layers and programs call it.

    `may_share` says of a call whether one function may serve several shapes.
    """

    def __init__(self, programs: Iterable[Program], may_share: Callable[[Call], bool]) -> None:
        self._found: dict[tuple[object, ...], Function] = {}
        calls = [call for program in programs for step in program.steps for call in step.calls if may_share(call)]
        shapes = Counter(body for body, _ in {(_body(call), call.shape) for call in calls})
        self._shared = {body for body, count in shapes.items() if count >= SHARED_FROM}

    @property
    def all(self) -> list[Function]:
        """In order of first use."""
        return list(self._found.values())

    def of(self, call: Call, user: str) -> Function:
        """The function that serves a call; `user` says for its comment which layer calls."""
        shared = _body(call) in self._shared
        key = _body(call) if shared else (*_body(call), call.shape)
        if key not in self._found:
            self._found[key] = self._new(call, shared)
        function = self._found[key]
        if call.shape not in function.shapes:
            name = f"{function.name}_shape_{len(function.shapes) + 1}" if shared else "shape"
            function.shapes[call.shape] = Shape(name, tuple((n, integer(value)) for n, value in call.shape))
        if user not in function.users:
            function.users.append(user)
        return function

    def _new(self, call: Call, shared: bool) -> Function:
        same_kernel = sum(f.kernel == call.kernel for f in self._found.values())
        return Function(
            name=f"{call.kernel}_{same_kernel + 1}",
            kernel=call.kernel,
            shape_type=call.shape_type,
            parameters=_parameters(call),
            arguments=tuple(a.name for a in call.arguments),
            shared=shared,
            constant=tuple((name, integer(value)) for name, value in _constants(call)) if shared else (),
            may_fail=call.may_fail,
        )


class Calls:
    """Writes the calls of a program, and adds the functions and arrays that they need.

    `model` is its name where functions and arrays are those of several; empty where they are its own.
    """

    def __init__(self, program: Program, arrays: Arrays, functions: Functions, model: str = "") -> None:
        self._program = program
        self._arrays = arrays
        self._functions = functions
        self._model = model
        self.pieces = Pieces(arrays)
        self._buffers = {tensor: buffer for buffer in program.buffers for tensor in buffer.tensors}

    def text(self, call: Call, step: int, output: str | None = None) -> str:
        """The C statement of a call, without the semicolon; `output` is where its output goes, if not to the node's."""
        function = self._functions.of(call, f"{self._model} {step}".lstrip())
        values = [output if output and isinstance(a, Output) else self._value(a, step) for a in call.arguments]
        shape = [f"&{function.shapes[call.shape].name}"] if function.shared else []
        return f"{function.name}({', '.join([*shape, *values])})"

    def array(self, data: NDArray[np.generic], name: str, note: str) -> str:
        """The name of a constant array of the program's."""
        return self._arrays.name_of(data, self._own(name), note)

    def _own(self, name: str) -> str:
        return f"{self._model}_{name}" if self._model else name

    def _value(self, argument: Argument, step: int) -> str:
        view = self._program.steps[step].view
        match argument:
            case Input():
                return self._input(view.input(argument.index), argument, step)
            case Output():
                tensor = view.output(argument.index)
                return _plus(_cast(self.address(tensor), tensor, argument.ctype, ""), argument.offset)
            case Variable():
                return _cast(self.address(view.input(argument.index)), view.input(argument.index), argument.ctype, "")
            case Const() | Unpacked():
                return self._constant(argument, step)
            case Scalar():
                return number(argument.value) if argument.ctype == "float" else integer(int(argument.value))
            case Scratch():
                return self._scratch(argument, step)

    def _scratch(self, argument: Scratch, step: int) -> str:
        if not argument.bytes:  # it has no place in the arena
            return "0"
        place = _plus("arena", self._program.plan.scratch[step] + argument.offset)
        return place if argument.ctype == "int8_t" else f"({argument.ctype} *)(void *)({place})"

    def _constant(self, argument: Const | Unpacked, step: int) -> str:
        if isinstance(argument, Unpacked):
            place = _plus("weights", self.pieces.place_of(argument.piece, self._own(f"layer_{step}_{argument.name}")))
            return place if argument.ctype == "int8_t" else f"(const {argument.ctype} *)(const void *)({place})"
        if argument.data is None:
            return "0"
        return self.array(argument.data, f"layer_{step}_{argument.name}", argument.note)

    def _input(self, tensor: Tensor, argument: Input, step: int) -> str:
        if tensor.data is not None:
            place = self.array(tensor.data, f"layer_{step}_{argument.name}", "constant input")
        else:
            place = self.address(tensor)
        return _plus(_cast(place, tensor, argument.ctype, "const "), argument.offset)

    def address(self, tensor: Tensor) -> str:
        """Where a computed tensor lies: in the arena, in the state, or where the caller says."""
        ctype = CTYPES[tensor.dtype]
        if tensor.is_variable:
            place = _plus("state", self._program.states.offsets[tensor.state])
            return place if ctype == "int8_t" else f"({ctype} *)(void *)({place})"
        buffer = self._buffers[tensor.id]
        end = self._end(buffer)
        if end is not None:
            return end
        place = _plus("arena", self._program.plan.offsets[buffer.id])
        return place if ctype == "int8_t" else f"({ctype} *)(void *)({place})"

    def _end(self, buffer: Buffer) -> str | None:
        single = is_single(self._program)
        if buffer.output is not None:
            return "output" if single else f"outputs->output_{buffer.output}"
        if buffer.input is not None:
            return "input" if single else f"inputs->input_{buffer.input}"
        return None


def _body(call: Call) -> tuple[object, ...]:
    """What calls must have in common to be calls of one function: kernel, parameters, constants of the shape."""
    return call.kernel, _parameters(call), _constants(call)


def _parameters(call: Call) -> tuple[str, ...]:
    return tuple(parameter(a) for a in call.arguments)


def _constants(call: Call) -> tuple[tuple[str, int], ...]:
    return tuple((name, value) for name, value in call.shape if name in (call.constant or ()))


def is_single(program: Program) -> bool:
    """Whether the model has one input and one output, so that its function takes two pointers."""
    return len(program.graph.inputs) == len(program.graph.outputs) == 1


def parameter(argument: Argument) -> str:
    """The C declaration of a parameter."""
    match argument:
        case Input() | Const() | Unpacked():
            return f"const {argument.ctype} *{argument.name}"
        case Scratch(is_read=True):
            return f"const {argument.ctype} *{argument.name}"
        case Output() | Scratch() | Variable():
            return f"{argument.ctype} *{argument.name}"
        case Scalar():
            return f"{argument.ctype} {argument.name}"


def _cast(address: str, tensor: Tensor, ctype: str, const: str) -> str:
    """The address as a pointer to what the kernel takes it for: bytes, for kernels that move data of any type."""
    if ctype in ("void", CTYPES[tensor.dtype]):
        return address
    return f"({const}{ctype} *)({const}void *)({address})"


def _plus(address: str, offset: int) -> str:
    return f"{address} + {offset}" if offset else address
