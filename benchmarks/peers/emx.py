"""emx-onnx-cgen: ONNX to portable C. It reads no .tflite, so the network is said in ONNX's quantized operators first.

Those round once, in float; TFLite's convolutions twice, in integers: outputs may differ by a step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from testbench.peers.interface import RefusedError, Sources, main

TITLE = "emx-onnx-cgen 1.4.0"
PACKAGES = ("emx-onnx-cgen==1.4.0", "onnx==1.23.2", "numpy==2.4.6", "flatbuffers==25.12.19", "tflite==2.18.0")
WAYS = ("portable",)

_MICROSOFT = "com.microsoft"
_RELU, _LOWEST = 1, -128


def generate(model: Path, way: str, out: Path) -> Sources:  # noqa: ARG001
    """As its command `compile` does."""
    from emx_onnx_cgen.compiler import Compiler, CompilerOptions

    from edgewright.tflite.reader import read_model

    written = _Writer(read_model(model)).model()
    # else weights beyond 100 KiB go to a file, and activations beyond 1 KiB come from malloc()
    options = CompilerOptions(model_name="emx_run", large_weight_threshold=0, large_temp_threshold_bytes=0)
    text = Compiler(options).compile(written)
    (out / "emx_run.c").write_text(text)
    shapes = [
        "".join(f"[{dim.dim_value}]" for dim in end.type.tensor_type.shape.dim)
        for end in (*written.graph.input, *written.graph.output)
    ]
    (out / "emx_run.h").write_text(
        f"#include <stdint.h>\nvoid emx_run(const int8_t input{shapes[0]}, int8_t output{shapes[1]});\n"
    )
    return Sources(("emx_run.c", "emx_run.h"), "emx_run.h", "emx_run((const void *)input, (void *)output);")


class _Writer:
    """A graph in ONNX: activations NCHW inside, as in the .tflite at the ends."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        write: Mapping[str, Callable[[Any], None]] = {
            "CONV_2D": self._conv,
            "DEPTHWISE_CONV_2D": self._conv,
            "FULLY_CONNECTED": self._dense,
            "ADD": self._add,
            "AVERAGE_POOL_2D": self._pool,
            "RESHAPE": self._reshape,
        }
        for node in graph.nodes:
            if node.op not in write:
                raise RefusedError(f"{node.op} is not written in ONNX here")
            if node.options.get("fused_activation_function") == _RELU and self._pair(node.outputs[0])[1] != _LOWEST:
                raise RefusedError(f"{node.op} {node.index}: a RELU that ends inside the range")
            write[node.op](node)

    def model(self) -> Any:
        """The model, with one input and one output."""
        from onnx import TensorProto, helper

        (x,), (y,) = self.graph.inputs, self.graph.outputs
        ends = {number: self.graph.tensors[number].shape for number in (x, y)}
        turned = {"perm": [0, 3, 1, 2]} if len(ends[x]) == 4 else {}
        first = [helper.make_node("Transpose" if turned else "Identity", ["input"], [f"t{x}"], **turned)]
        last = helper.make_node("Identity", [f"t{y}"], ["output"])
        if len(ends[y]) == 4:
            raise RefusedError("an output that is an image")
        values = [
            helper.make_tensor_value_info(name, TensorProto.INT8, ends[number])
            for name, number in (("input", x), ("output", y))
        ]
        numbers = [number for number, tensor in self.graph.tensors.items() if tensor.data is None]
        inner = [helper.make_tensor_value_info(f"t{n}", TensorProto.INT8, self._shape(n)) for n in numbers]
        nodes = [*first, *self.nodes, last]
        made = helper.make_graph(nodes, "network", values[:1], values[1:], self.constants, value_info=inner)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(made, opset_imports=opsets)

    def _shape(self, number: int) -> tuple[int, ...]:
        shape = self.graph.tensors[number].shape
        return (shape[0], shape[3], *shape[1:3]) if len(shape) == 4 else shape

    def _conv(self, node: Any) -> None:
        weights, options = self.graph.tensors[node.inputs[1]].data, node.options
        is_depthwise = node.op == "DEPTHWISE_CONV_2D"
        x, y = (self.graph.tensors[number].shape for number in (node.inputs[0], node.outputs[0]))
        kernel = weights.shape[1:3]
        stride = (options["stride_h"], options["stride_w"])
        spread = (options["dilation_h_factor"], options["dilation_w_factor"])
        before, after = zip(*map(_pads, x[1:3], y[1:3], kernel, stride, spread), strict=True)
        self._append(
            "QLinearConv",
            [
                *self._quantized(node.inputs[0]),
                self._constant(weights.transpose(3, 0, 1, 2) if is_depthwise else weights.transpose(0, 3, 1, 2)),
                *self._scales(node.inputs[1]),
                *self._pair_names(node.outputs[0]),
                self._constant(self.graph.tensors[node.inputs[2]].data),
            ],
            node,
            kernel_shape=list(kernel),
            strides=list(stride),
            dilations=list(spread),
            pads=[*before, *after],
            group=x[3] if is_depthwise else 1,
        )

    def _dense(self, node: Any) -> None:
        weights = self._constant(self.graph.tensors[node.inputs[1]].data)
        bias = self._constant(self.graph.tensors[node.inputs[2]].data)
        names = [*self._quantized(node.inputs[0]), weights, *self._scales(node.inputs[1]), bias]
        self._append("QGemm", [*names, *self._pair_names(node.outputs[0])], node, _MICROSOFT, transB=1)

    def _add(self, node: Any) -> None:
        names = [name for number in node.inputs for name in self._quantized(number)]
        self._append("QLinearAdd", [*names, *self._pair_names(node.outputs[0])], node, _MICROSOFT)

    def _pool(self, node: Any) -> None:
        if self.graph.tensors[node.outputs[0]].shape[1:3] != (1, 1):
            raise RefusedError("AVERAGE_POOL_2D of less than the whole image")
        names = [*self._quantized(node.inputs[0]), *self._pair_names(node.outputs[0])]
        self._append("QLinearGlobalAveragePool", names, node, _MICROSOFT)

    def _reshape(self, node: Any) -> None:
        if self.graph.tensors[node.inputs[0]].shape[1:3] != (1, 1):
            raise RefusedError("RESHAPE of an image of more than a pixel")
        shape = self._constant(np.array(self.graph.tensors[node.outputs[0]].shape, np.int64))
        self._append("Reshape", [f"t{node.inputs[0]}", shape], node)

    def _append(self, op: str, inputs: list[str], node: Any, domain: str = "", **attributes: Any) -> None:
        from onnx import helper

        made = helper.make_node(op, inputs, [f"t{node.outputs[0]}"], domain=domain, **attributes)
        self.nodes.append(made)

    def _pair(self, number: int) -> tuple[float, int]:
        found = self.graph.tensors[number].quantization
        return found.scale, found.zero_point

    def _quantized(self, number: int) -> list[str]:
        return [f"t{number}", *self._pair_names(number)]

    def _pair_names(self, number: int) -> list[str]:
        scale, zero = self._pair(number)
        return [self._constant(np.float32(scale)), self._constant(np.int8(zero))]

    def _scales(self, number: int) -> list[str]:
        scales = self.graph.tensors[number].quantization.scales
        own = scales if scales.size > 1 else np.float32(scales[0])
        return [self._constant(own), self._constant(np.zeros(np.shape(own), np.int8))]

    def _constant(self, value: Any) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name))
        return name


def _pads(image: int, out: int, kernel: int, stride: int, spread: int) -> tuple[int, int]:
    """Before and after, as TFLite pads to an output of this size: the odd one behind."""
    missing = max((out - 1) * stride + (kernel - 1) * spread + 1 - image, 0)
    return missing // 2, missing - missing // 2


if __name__ == "__main__":
    main(generate)
