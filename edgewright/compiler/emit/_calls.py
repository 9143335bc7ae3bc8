"""Kernel calls as C: specialised functions, one for each distinct shape, and the calls of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from edgewright.compiler.emit._arrays import Arrays
from edgewright.compiler.emit._names import CTYPES, integer, number
from edgewright.compiler.lowered import Buffer, Program
from edgewright.ops._base import Argument, Call, Const, Input, Output, Scalar, Scratch, Variable
from edgewright.tflite.graph import Tensor


@dataclass
class Function:
    """A kernel specialised for one shape: C parameters, the shape's fields, and the steps that call it."""

    name: str
    kernel: str
    shape_type: str
    fields: tuple[tuple[str, str], ...]
    parameters: tuple[str, ...]
    arguments: tuple[str, ...]
    users: list[int] = field(default_factory=list)


class Calls:
    """Writes the calls of a program, and collects the functions and arrays that they need."""

    def __init__(self, program: Program, arrays: Arrays) -> None:
        self._program = program
        self._arrays = arrays
        self._functions: dict[tuple[object, ...], Function] = {}
        self._buffers = {tensor: buffer for buffer in program.buffers for tensor in buffer.tensors}

    @property
    def functions(self) -> list[Function]:
        """In order of first use."""
        return list(self._functions.values())

    def text(self, call: Call, step: int) -> str:
        """The C statement of a call, without the semicolon."""
        function = self._function(call, step)
        return f"{function.name}({', '.join(self._value(a, step) for a in call.arguments)})"

    def _function(self, call: Call, step: int) -> Function:
        key = (call.kernel, call.shape, tuple(parameter(a) for a in call.arguments))
        if key not in self._functions:
            same_kernel = sum(f.kernel == call.kernel for f in self._functions.values())
            self._functions[key] = Function(
                name=f"{call.kernel}_{same_kernel + 1}",
                kernel=call.kernel,
                shape_type=call.shape_type,
                fields=tuple((name, integer(value)) for name, value in call.shape),
                parameters=tuple(parameter(a) for a in call.arguments),
                arguments=tuple(a.name for a in call.arguments),
            )
        function = self._functions[key]
        if step not in function.users:
            function.users.append(step)
        return function

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
            case Const():
                return self._constant(argument, step)
            case Scalar():
                return number(argument.value) if argument.ctype == "float" else integer(int(argument.value))
            case Scratch():
                place = f"arena + {self._program.plan.scratch[step]}"
                return place if argument.ctype == "int8_t" else f"({argument.ctype} *)(void *)({place})"

    def _constant(self, argument: Const, step: int) -> str:
        if argument.data is None:
            return "0"
        return self._arrays.name_of(argument.data, f"layer_{step}_{argument.name}", argument.note)

    def _input(self, tensor: Tensor, argument: Input, step: int) -> str:
        if tensor.data is not None:
            place = self._arrays.name_of(tensor.data, f"layer_{step}_{argument.name}", "constant input")
        else:
            place = self.address(tensor)
        return _plus(_cast(place, tensor, argument.ctype, "const "), argument.offset)

    def address(self, tensor: Tensor) -> str:
        """Where a computed tensor lies: in the arena, in the state, or where the caller says."""
        ctype = CTYPES[tensor.dtype]
        if tensor.is_variable:
            place = f"state + {self._program.states.offsets[tensor.state]}"
            return place if ctype == "int8_t" else f"({ctype} *)(void *)({place})"
        buffer = self._buffers[tensor.id]
        end = self._end(buffer)
        if end is not None:
            return end
        place = f"arena + {self._program.plan.offsets[buffer.id]}"
        return place if ctype == "int8_t" else f"({ctype} *)(void *)({place})"

    def _end(self, buffer: Buffer) -> str | None:
        single = is_single(self._program)
        if buffer.output is not None:
            return "output" if single else f"outputs->output_{buffer.output}"
        if buffer.input is not None:
            return "input" if single else f"inputs->input_{buffer.input}"
        return None


def is_single(program: Program) -> bool:
    """Whether the model has one input and one output, so that its function takes two pointers."""
    return len(program.graph.inputs) == len(program.graph.outputs) == 1


def parameter(argument: Argument) -> str:
    """The C declaration of a parameter."""
    match argument:
        case Input() | Const():
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
