"""Small int8 networks: a graph made call by call, and the same graph as a .tflite file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from edgewright.tflite.graph import NONE, Graph, Node, Quantization, Tensor

SAME, VALID = 0, 1
NO_ACTIVATION, RELU, RELU_N1_TO_1, RELU6 = 0, 1, 2, 3


class Net:
    """A graph under construction. Methods return the number of the tensor that they make."""

    def __init__(self) -> None:
        self.tensors: dict[int, Tensor] = {}
        self.nodes: list[Node] = []
        self.inputs: list[int] = []

    def tensor(self, shape: Sequence[int], scale: float | Sequence[float] | None = 0.1, zero: int = 0,
               dtype: str = "int8", data: Any = None, axis: int = 0) -> int:  # fmt: skip
        """A tensor; without a scale it is not quantized."""
        number = len(self.tensors)
        quantization = None
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale, np.float32))
            quantization = Quantization(scales, np.full(scales.shape, zero, np.int64), axis)
        array = None if data is None else np.array(data, dtype, order="C")
        self.tensors[number] = Tensor(number, f"t{number}", tuple(shape), dtype, quantization, array)
        return number

    def input(self, shape: Sequence[int], scale: float = 0.1, zero: int = 0) -> int:
        """An int8 input of the graph."""
        self.inputs.append(self.tensor(shape, scale, zero))
        return self.inputs[-1]

    def const(self, data: Any, scale: float | Sequence[float] | None = None, zero: int = 0, dtype: str = "int32",
              axis: int = 0) -> int:  # fmt: skip
        """A constant; int32 unless said otherwise."""
        array = np.asarray(data)
        return self.tensor(array.shape, scale, zero, dtype, array, axis)

    def op(self, name: str, inputs: Sequence[int], shape: Sequence[int], scale: float | None = None,
           zero: int | None = None, version: int = 1, **options: Any) -> int:  # fmt: skip
        """A node with one int8 output; scale and zero point of the first input unless given."""
        first = self.tensors[inputs[0]].quantization
        scale = first.scale if scale is None and first else scale
        zero = first.zero_point if zero is None and first else zero
        out = self.tensor(shape, scale, zero or 0)
        self.nodes.append(Node(len(self.nodes), name, version, tuple(inputs), (out,), options))
        return out

    def conv(self, x: int, weights: Any, bias: Any = None, scale: float = 0.5, zero: int = 0, *, stride: int = 1,
             padding: int = SAME, act: int = NO_ACTIVATION, depthwise: bool = False) -> int:  # fmt: skip
        """CONV_2D or DEPTHWISE_CONV_2D; weights as in a file, with a scale for each channel."""
        w = np.asarray(weights)
        axis = 3 if depthwise else 0
        channels = w.shape[axis]
        scales = [0.01 + 0.001 * (c % 7) for c in range(channels)]
        _, h, wide, c = self.tensors[x].shape
        size = [
            (-(-n // stride)) if padding == SAME else (n - k) // stride + 1
            for n, k in ((h, w.shape[1]), (wide, w.shape[2]))
        ]
        inputs = [x, self.const(w, scales, 0, "int8", axis), NONE if bias is None else self.const(bias)]
        options = {"padding": padding, "stride_h": stride, "stride_w": stride, "dilation_h_factor": 1,
                   "dilation_w_factor": 1, "fused_activation_function": act}  # fmt: skip
        options |= {"depth_multiplier": channels // c} if depthwise else {}
        name = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
        if depthwise and bias is None:
            inputs = inputs[:2]  # TFLM crashes on a depthwise bias that is left out by number
        return self.op(name, inputs, (1, *size, channels), scale, zero, 3, **options)

    def dense(self, x: int, weights: Any, bias: Any = None, scale: float = 0.5, zero: int = 0,
              act: int = NO_ACTIVATION) -> int:  # fmt: skip
        """FULLY_CONNECTED."""
        w = np.asarray(weights)
        inputs = [x, self.const(w, 0.012, 0, "int8"), NONE if bias is None else self.const(bias)]
        rows = self.tensors[x].elements // w.shape[1]
        return self.op("FULLY_CONNECTED", inputs, (rows, w.shape[0]), scale, zero, 4, fused_activation_function=act,
                       weights_format=0, keep_num_dims=False)  # fmt: skip

    def pool(self, x: int, size: int, stride: int, average: bool = False, padding: int = VALID, act: int = 0) -> int:
        """AVERAGE_POOL_2D or MAX_POOL_2D of a square window."""
        _, h, w, c = self.tensors[x].shape
        out = [(-(-n // stride)) if padding == SAME else (n - size) // stride + 1 for n in (h, w)]
        return self.op("AVERAGE_POOL_2D" if average else "MAX_POOL_2D", [x], (1, *out, c), version=2, padding=padding,
                       stride_h=stride, stride_w=stride, filter_height=size, filter_width=size,
                       fused_activation_function=act)  # fmt: skip

    def add(self, a: int, b: int, scale: float = 0.3, zero: int = 0, act: int = NO_ACTIVATION) -> int:
        """ADD, with broadcasting."""
        shape = np.broadcast_shapes(self.tensors[a].shape, self.tensors[b].shape)
        return self.op("ADD", [a, b], shape, scale, zero, 2, fused_activation_function=act, pot_scale_int16=False)

    def pad(self, x: int, amounts: Sequence[Sequence[int]]) -> int:
        """PAD by (before, after) of each dimension."""
        shape = [n + before + after for n, (before, after) in zip(self.tensors[x].shape, amounts, strict=True)]
        return self.op("PAD", [x, self.const(amounts)], shape, version=2)

    def reshape(self, x: int, shape: Sequence[int]) -> int:
        """RESHAPE."""
        return self.op("RESHAPE", [x, self.const(list(shape))], shape, new_shape=tuple(shape))

    def concat(self, parts: Sequence[int], axis: int = 3) -> int:
        """CONCATENATION."""
        shape = list(self.tensors[parts[0]].shape)
        shape[axis] = sum(self.tensors[part].shape[axis] for part in parts)
        return self.op("CONCATENATION", parts, shape, version=2, axis=axis, fused_activation_function=0)

    def graph(self, *outputs: int) -> Graph:
        """What was made so far, with these outputs."""
        return Graph("net.tflite", "0" * 64, self.tensors, tuple(self.nodes), tuple(self.inputs), outputs)


def to_tflite(graph: Graph) -> bytes:
    """The graph as a file; needs the package tflite-micro for its object API of the schema."""
    import flatbuffers
    from tflite_micro import runtime

    fb = runtime.schema_fb

    model, sub = fb.ModelT(), fb.SubGraphT()
    model.version, model.description, model.buffers = 3, "", [fb.BufferT()]
    numbers = sorted(graph.tensors)
    sub.tensors = [_tensor(fb, model, graph.tensors[number]) for number in numbers]
    place = {NONE: NONE, **{number: i for i, number in enumerate(numbers)}}
    sub.inputs, sub.outputs = [place[n] for n in graph.inputs], [place[n] for n in graph.outputs]
    model.operatorCodes, sub.operators = [], []
    for node in graph.nodes:
        sub.operators.append(_operator(fb, model, node, place))
    model.subgraphs = [sub]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(fb: Any, model: Any, tensor: Tensor) -> Any:
    made = fb.TensorT()
    made.name, made.shape, made.type = tensor.name, list(tensor.shape), getattr(fb.TensorType, tensor.dtype.upper())
    made.buffer = 0
    if tensor.data is not None:
        buffer = fb.BufferT()
        buffer.data = np.frombuffer(tensor.data.tobytes(), np.uint8)
        model.buffers.append(buffer)
        made.buffer = len(model.buffers) - 1
    if tensor.quantization is not None:
        q = made.quantization = fb.QuantizationParametersT()
        q.scale, q.zeroPoint = tensor.quantization.scales, tensor.quantization.zero_points
        q.quantizedDimension = tensor.quantization.axis
    return made


_OPTIONS = {
    "CONV_2D": "Conv2DOptions", "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions", "ADD": "AddOptions", "MUL": "MulOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions", "MAX_POOL_2D": "Pool2DOptions", "AVERAGE_POOL_2D": "Pool2DOptions",
    "RESHAPE": "ReshapeOptions", "CONCATENATION": "ConcatenationOptions", "SOFTMAX": "SoftmaxOptions",
    "MEAN": "ReducerOptions", "LEAKY_RELU": "LeakyReluOptions", "SUB": "SubOptions", "ARG_MAX": "ArgMaxOptions",
}  # fmt: skip


def _operator(fb: Any, model: Any, node: Node, place: dict[int, int]) -> Any:
    code, made = fb.OperatorCodeT(), fb.OperatorT()
    code.builtinCode = getattr(fb.BuiltinOperator, node.op)
    code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), node.version
    model.operatorCodes.append(code)
    made.opcodeIndex = len(model.operatorCodes) - 1
    made.inputs, made.outputs = [place[n] for n in node.inputs], [place[n] for n in node.outputs]
    if node.op in _OPTIONS:
        made.builtinOptionsType = getattr(fb.BuiltinOptions, _OPTIONS[node.op])
        made.builtinOptions = getattr(fb, f"{_OPTIONS[node.op]}T")()
        for name, value in node.options.items():
            first, *rest = name.split("_")
            setattr(made.builtinOptions, first + "".join(word.capitalize() for word in rest), value)
    return made


def tflm(model: bytes, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Outputs of TensorFlow Lite Micro for each input."""
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)
    results = []
    for value in inputs:
        interpreter.set_input(value, 0)
        interpreter.invoke()
        results.append(np.array(interpreter.get_output(0)))
    return results
