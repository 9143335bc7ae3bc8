"""CMSIS-NN's kernels by themselves: a call a layer, without an interpreter, as one would write it by hand.

The sources are version 4.0.0 as BakeNN's wheel brings them, which is where a package registry has them. ADD is not
among them, and is a plain loop here. Tensors lie in one array, each in the first place that is free while it lives.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from testbench.peers.interface import RefusedError, Sources, main

TITLE = "CMSIS-NN 4.0.0, called by hand"
PACKAGES = ("bakenn==1.0.0", "numpy==2.4.6", "flatbuffers==25.12.19", "tflite==2.18.0")
WAYS = ("kernels",)

_ALIGNMENT = 4
_RELU = 1
_HEAD = """#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"
#include "cmsis_network.h"

static int8_t tensors[{tensors}] __attribute__((aligned(4)));
static int8_t scratch[{scratch}] __attribute__((aligned(4)));
static const cmsis_nn_context context = {{scratch, sizeof scratch}};
"""
_ADD = """
static void add(const int8_t *a, const int8_t *b, int8_t *out, int32_t count, const int32_t *p) {
    for (int32_t i = 0; i < count; i++) {
        const int32_t x = arm_nn_requantize((a[i] + p[0]) << 20, p[1], p[2]);
        const int32_t y = arm_nn_requantize((b[i] + p[3]) << 20, p[4], p[5]);
        const int32_t sum = arm_nn_requantize(x + y, p[6], p[7]) + p[8];
        out[i] = (int8_t)(sum < p[9] ? p[9] : sum > 127 ? 127 : sum);
    }
}
"""


def generate(model: Path, way: str, out: Path) -> Sources:  # noqa: ARG001
    """The kernels, and a function that calls them."""
    import bakenn

    from edgewright.tflite.reader import read_model

    vendor = Path(bakenn.__file__).parent / "backend/cmsis_nn/vendor"
    files = [path for path in vendor.rglob("*") if path.suffix in (".c", ".h")]
    for path in files:
        shutil.copy(path, out)
    (out / "cmsis_network.h").write_text(
        "#include <stdint.h>\nvoid cmsis_network(const int8_t *input, int8_t *output);\n"
    )
    (out / "cmsis_network.c").write_text(_Network(read_model(model)).text())
    names = [*(path.name for path in files), "cmsis_network.c", "cmsis_network.h"]
    defines = ("BAKENN_CMSIS_NN_BUILTIN_MEMORY",)
    return Sources(tuple(sorted(names)), "cmsis_network.h", "cmsis_network(input, output);", 0, defines)


class _Network:
    """A graph as C."""

    def __init__(self, graph: Any) -> None:
        self.graph, self.scratch = graph, _ALIGNMENT
        self.constants: list[str] = []
        self.places, self.size = _places(graph)

    def text(self) -> str:
        """The whole source."""
        write = {
            "CONV_2D": self._conv, "DEPTHWISE_CONV_2D": self._conv, "FULLY_CONNECTED": self._dense, "ADD": self._add,
            "AVERAGE_POOL_2D": self._pool, "RESHAPE": _nothing,
        }  # fmt: skip
        unknown = sorted({node.op for node in self.graph.nodes} - set(write))
        if unknown:
            raise RefusedError(f"{', '.join(unknown)}: not called here")
        calls = [line for node in self.graph.nodes for line in write[node.op](node)]
        head = "void cmsis_network(const int8_t *input, int8_t *output) {"
        body = [head, *(f"    {line}" for line in calls), "}", ""]
        places = _HEAD.format(tensors=max(self.size, 1), scratch=self.scratch)
        return "\n".join([places, *self.constants, _ADD if "add(" in "".join(calls) else "", *body])

    def _conv(self, node: Any) -> list[str]:
        x, y, options = self._shape(node.inputs[0]), self._shape(node.outputs[0]), node.options
        _, high, wide, deep = self._shape(node.inputs[1])
        stride = (options["stride_w"], options["stride_h"])
        spread = (options["dilation_w_factor"], options["dilation_h_factor"])
        pads = [
            max((after - 1) * step + (taps - 1) * apart + 1 - before, 0) // 2
            for before, after, taps, step, apart in zip(
                (x[2], x[1]), (y[2], y[1]), (wide, high), stride, spread, strict=True
            )
        ]
        is_depthwise = node.op == "DEPTHWISE_CONV_2D"
        self.scratch = max(self.scratch, (2 if is_depthwise else 4) * high * wide * deep)
        offsets = f"{-self._zero(node.inputs[0])}, {self._zero(node.outputs[0])}"
        tiles = ", ".join(f"{{{w}, {h}}}" for w, h in (stride, pads, spread))
        multiplier = f"{y[3] // x[3]}, " if is_depthwise else ""
        kind = "dw_conv" if is_depthwise else "conv"
        parameters = f"&(const cmsis_nn_{kind}_params){{{offsets}, {multiplier}{tiles}, {self._range(node)}}}"
        function = "arm_depthwise_conv_wrapper_s8" if is_depthwise else "arm_convolve_wrapper_s8"
        filters = (1 if is_depthwise else y[3], high, wide, deep)
        pairs = [self._multiplier(node, channel) for channel in range(y[3])]
        quant = ", ".join(self._constant("int32_t", [pair[i] for pair in pairs], "(int32_t *)") for i in (0, 1))
        quant = f"&(const cmsis_nn_per_channel_quant_params){{{quant}}}"
        return [f"{function}(&context, {parameters}, {quant}, {self._operands(node, x, filters, y)});"]

    def _dense(self, node: Any) -> list[str]:
        rows, deep = self._shape(node.inputs[1])
        x, y = (1, 1, 1, deep), (1, 1, 1, rows)
        offsets = f"{-self._zero(node.inputs[0])}, 0, {self._zero(node.outputs[0])}"
        parameters = f"&(const cmsis_nn_fc_params){{{offsets}, {self._range(node)}}}"
        multiplier, shift = self._multiplier(node, 0)
        quant = f"&(const cmsis_nn_per_tensor_quant_params){{{multiplier}, {shift}}}"
        operands = self._operands(node, x, (deep, 1, 1, rows), y)
        return [f"arm_fully_connected_s8(&context, {parameters}, {quant}, {operands});"]

    def _pool(self, node: Any) -> list[str]:
        options = node.options
        x, y = self._shape(node.inputs[0]), self._shape(node.outputs[0])
        self.scratch = max(self.scratch, 4 * x[3])
        strides = f"{{{options['stride_w']}, {options['stride_h']}}}, {{0, 0}}, {self._range(node)}"
        taps = (1, options["filter_height"], options["filter_width"], 1)
        before, after = (self._place(number) for number in (node.inputs[0], node.outputs[0]))
        operands = f"{_dims(x)}, {before}, {_dims(taps)}, {_dims(y)}, {after}"
        return [f"arm_avgpool_s8(&context, &(const cmsis_nn_pool_params){{{strides}}}, {operands});"]

    def _add(self, node: Any) -> list[str]:
        from edgewright.kernels.quant import quantize_multiplier

        a, b = (self._scale(number) for number in node.inputs)
        c, twice = self._scale(node.outputs[0]), 2 * max(a, b)
        pairs = [quantize_multiplier(real) for real in (a / twice, b / twice, twice / ((1 << 20) * c))]
        zeros = [-self._zero(node.inputs[0]), -self._zero(node.inputs[1])]
        low = self._zero(node.outputs[0]) if node.options["fused_activation_function"] == _RELU else -128
        facts = [zeros[0], *pairs[0], zeros[1], *pairs[1], *pairs[2], self._zero(node.outputs[0]), low]
        places = ", ".join(self._place(number) for number in (*node.inputs, node.outputs[0]))
        count = self.graph.tensors[node.outputs[0]].elements
        return [f"add({places}, {count}, {self._constant('int32_t', facts)});"]

    def _operands(self, node: Any, x: Any, filters: Any, y: Any) -> str:
        weights, bias = (self.graph.tensors[number].data for number in node.inputs[1:3])
        return ", ".join(
            [
                _dims(x), self._place(node.inputs[0]), _dims(filters), self._constant("int8_t", weights.reshape(-1)),
                _dims((1, 1, 1, y[3])), self._constant("int32_t", bias), _dims(y), self._place(node.outputs[0]),
            ]
        )  # fmt: skip

    def _constant(self, ctype: str, values: Any, cast: str = "") -> str:
        name = f"constant_{len(self.constants)}"
        numbers = ",".join(str(int(value)) for value in values)
        self.constants.append(f"static const {ctype} {name}[] __attribute__((aligned(4))) = {{{numbers}}};")
        return cast + name

    def _multiplier(self, node: Any, channel: int) -> tuple[int, int]:
        from edgewright.kernels.quant import quantize_multiplier

        scales = self.graph.tensors[node.inputs[1]].quantization.scales
        weight = float(scales[channel if scales.size > 1 else 0])
        return quantize_multiplier(self._scale(node.inputs[0]) * weight / self._scale(node.outputs[0]))

    def _range(self, node: Any) -> str:
        is_relu = node.options.get("fused_activation_function") == _RELU
        return f"{{{self._zero(node.outputs[0]) if is_relu else -128}, 127}}"

    def _shape(self, number: int) -> tuple[int, ...]:
        return tuple(self.graph.tensors[number].shape)

    def _scale(self, number: int) -> float:
        return float(self.graph.tensors[number].quantization.scale)

    def _zero(self, number: int) -> int:
        return int(self.graph.tensors[number].quantization.zero_point)

    def _place(self, number: int) -> str:
        place = self.places[number]
        return place if isinstance(place, str) else f"tensors + {place}"


def _nothing(_node: Any) -> list[str]:
    return []


def _dims(shape: Any) -> str:
    return f"&(const cmsis_nn_dims){{{', '.join(map(str, shape))}}}"


def _places(graph: Any) -> tuple[dict[int, Any], int]:
    """(where each activation lies: an offset, or "input" or "output"; bytes of all offsets)."""
    same = {node.outputs[0]: node.inputs[0] for node in graph.nodes if node.op == "RESHAPE"}
    last = {number: index for index, node in enumerate(graph.nodes) for number in _read(node, same)}
    places: dict[int, Any] = {graph.inputs[0]: "input"}
    living: dict[int, tuple[int, int]] = {}
    most = 0
    for index, node in enumerate(graph.nodes):
        living = {number: span for number, span in living.items() if last.get(number, -1) >= index}
        y = node.outputs[0]
        if y in same:
            places[y] = places[node.inputs[0]]
        elif y in graph.outputs:
            places[y] = "output"
        else:
            size = -(-graph.tensors[y].elements // _ALIGNMENT) * _ALIGNMENT
            start = _first_free(sorted(living.values()), size)
            living[y], places[y] = (start, start + size), start
            most = max(most, start + size)
    return places, most


def _read(node: Any, same: dict[int, int]) -> Iterator[int]:
    yield from (same.get(number, number) for number in node.inputs)


def _first_free(spans: list[tuple[int, int]], size: int) -> int:
    start = 0
    for begin, end in spans:
        if begin - start >= size:
            return start
        start = max(start, end)
    return start


if __name__ == "__main__":
    main(generate)
