"""Where runtimes answer differently to the same operator: the rows of runtimes.toml, found in a model.

`python -m edgewright.tflite.differences > docs/runtimes.md` makes the page.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.tflite._bidirectional import stored_as
from edgewright.tflite.graph import SCALE_OF_ZEROS, Graph, View

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILE = Path(__file__).with_name("runtimes.toml")

_MOST_POWER = 88.7
"""Greater powers of e leave float32."""

PAGE = """# Runtimes that differ

TensorFlow Lite Micro, LiteRT and tflite-runtime do not give one answer to every operator. This is what was found, and
what the build does about it. It *refuses* a model that the target's runtime cannot be relied on for, before anything
is measured. It *warns*: it says on which operators the runtimes disagree, and by how much where the packages
`tflite-micro` and `ai-edge-litert` are installed. Or it *takes* the model as it is. `aot` is our own C: it answers as
TensorFlow Lite Micro does, as LiteRT where the table says so, and as LiteRT's reference kernels do in the rows that
name what LiteRT does, with

    [compile]
    rounding = "litert"

"Right" is right but for rounding. An answer of LiteRT is that of its default kernels where it does not say otherwise.

The page is made from `edgewright/tflite/runtimes.toml` by `python -m edgewright.tflite.differences > docs/runtimes.md`;
`tests/tflite/test_runtimes.py` holds the rows against the runtimes: {versions}.
"""


@dataclass(frozen=True)
class Difference:
    """A row; see runtimes.toml."""

    name: str
    operators: Sequence[str]
    condition: str
    when: str
    answers: Mapping[str, str]
    build: Mapping[str, str]
    option: str | None = None
    as_litert: bool = False
    hint: str | None = None

    def concerns(self, view: View) -> bool:
        """Whether the runtimes differ on a node."""
        return stored_as(view.node) in self.operators and CONDITIONS[self.condition](view)


def changes_scale(view: View) -> bool:
    """Input and output have other scales or zero points."""
    ends = [tensor.quantization for tensor in (*view.inputs[:1], *view.outputs[:1]) if tensor is not None]
    pairs = {(quantization.scale, quantization.zero_point) for quantization in ends if quantization is not None}
    return len(pairs) > 1


def is_int8(view: View) -> bool:
    """The data are int8."""
    return _dtype(view) == "int8"


def is_quantized(view: View) -> bool:
    """The data are int8 or int16."""
    return _dtype(view) in ("int8", "int16")


def is_int16(view: View) -> bool:
    """The data are int16."""
    return _dtype(view) == "int16"


def is_int16_without_bias(view: View) -> bool:
    """The data are int16, the weights have one scale, and there is no bias."""
    weights = view.inputs[1] if len(view.inputs) > 1 else None
    one_scale = weights is not None and weights.quantization is not None and not weights.quantization.per_channel
    return _dtype(view) == "int16" and one_scale and view.optional_input(2) is None


def has_short_bias(view: View) -> bool:
    """The data are int16, and one of the inputs behind the weights is an int32 bias."""
    behind = 3 if view.node.op == "TRANSPOSE_CONV" else 2
    bias = view.optional_input(behind)
    return _dtype(view) == "int16" and bias is not None and bias.dtype == "int32"


def pads_int8(view: View) -> bool:
    """The data are int8, and constant paddings are not all 0."""
    paddings = view.optional_input(2)
    return is_int8(view) and paddings is not None and paddings.data is not None and bool(paddings.data.any())


def has_open_batch(view: View) -> bool:
    """The stored output does not hold all parts that blocks make of a batch."""
    blocks = view.optional_input(1)
    if blocks is None or blocks.data is None or not view.outputs:
        return False
    return view.output().shape[:1] != (view.input(0).shape[0] * int(blocks.data.prod()),)


def is_int32_with_activation(view: View) -> bool:
    """The data are int32, and an activation is fused."""
    return _dtype(view) == "int32" and bool(view.option("fused_activation_function", 0))


def has_zero_point(view: View) -> bool:
    """The data are int8, and the input's zero point is not 0."""
    quantization = view.inputs[0].quantization if view.inputs and view.inputs[0] else None
    return is_int8(view) and quantization is not None and quantization.zero_point != 0


_SPECIFIED = {"TANH": (1 / 128, 0), "LOGISTIC": (1 / 256, -128)}
"""Scale and zero point that the quantization specification has for an int8 output."""


def has_other_scale(view: View) -> bool:
    """The data are int8, and the output is on the zero point that the specification has, not on its scale."""
    quantization = view.outputs[0].quantization if view.outputs else None
    scale, zero_point = _SPECIFIED[view.node.op]
    if not is_int8(view) or quantization is None:
        return False
    return quantization.zero_point == zero_point and quantization.scale != scale


def has_other_zero_point(view: View) -> bool:
    """The data are int8, and the output is not on the zero point that the specification has."""
    quantization = view.outputs[0].quantization if view.outputs else None
    return is_int8(view) and quantization is not None and quantization.zero_point != _SPECIFIED[view.node.op][1]


def is_negated_by_number(view: View) -> bool:
    """The data are int8, and minus a number of the input does not stand for minus its value."""
    before, after = (ends[0].quantization if ends and ends[0] else None for ends in (view.inputs, view.outputs))
    if not is_int8(view) or before is None or after is None:
        return False
    return (before.scale, -before.zero_point) != (after.scale, after.zero_point)


def divides_far(view: View) -> bool:
    """The data are int8, and some quotient is shifted by more than 31 bits."""
    a, b, out = (tensor.quantization if tensor else None for tensor in (*view.inputs[:2], *view.outputs[:1]))
    if not is_int8(view) or a is None or b is None or out is None:
        return False
    return a.scale < 64.0 * b.scale * out.scale


def has_zeros_of_no_scale(view: View) -> bool:
    """One of the first two inputs is a constant of zeros that the file gives a scale of 0."""
    given = [view.optional_input(place) for place in range(2)]
    return any(t is not None and t.quantization is not None and t.quantization.scale == SCALE_OF_ZEROS for t in given)


def leaves_float32(view: View) -> bool:
    """The data are int16, and what the greatest number stands for has an exponential that float32 does not hold."""
    before, after = (ends[0].quantization if ends and ends[0] else None for ends in (view.inputs, view.outputs))
    if _dtype(view) != "int16" or before is None or after is None:
        return False
    return 32767.0 * before.scale - math.log(after.scale) > _MOST_POWER


def has_scales_by_channel(view: View) -> bool:
    """The data are int8, and the second input has scales that differ."""
    second = view.optional_input(1)
    return is_int8(view) and second is not None and second.quantization is not None and second.quantization.varies


def has_several_classes(view: View) -> bool:
    """More than one class of a box is told of."""
    return min(int(view.option(name) or 0) for name in ("max_classes_per_detection", "num_classes")) > 1


def lacks_intermediates(view: View) -> bool:
    """The data are int8, and the file does not name the five intermediate tensors."""
    return is_int8(view) and view.option("intermediates") != 5


def merges_batches(view: View) -> bool:
    """Several examples, which come first, and one output for both directions."""
    several = bool(view.inputs) and view.input(0).shape[:1] > (1,)
    return several and bool(view.option("merge_outputs", False)) and not view.option("time_major", False)


def has_no_relu(view: View) -> bool:
    """The data are int8, and no RELU is fused."""
    return is_int8(view) and view.option("fused_activation_function", 0) != 1


def reads_unset(view: View) -> bool:
    """A variable is read before anything gives it a content."""
    source = view.inputs[0] if view.inputs else None
    if source is None or not source.is_variable or view.graph.producer(source.id) is not None:
        return False
    return view.graph.states[source.state].data is None


def _dtype(view: View) -> str:
    return view.outputs[0].dtype if view.outputs else ""


_ALL = (
    *(changes_scale, is_int8, is_quantized, is_int16, is_int16_without_bias, has_short_bias, pads_int8),
    *(is_int32_with_activation, has_zero_point, has_other_scale, has_several_classes, lacks_intermediates),
    *(has_no_relu, has_open_batch, reads_unset, has_other_zero_point, is_negated_by_number, divides_far),
    *(leaves_float32, has_scales_by_channel, has_zeros_of_no_scale, merges_batches),
)
CONDITIONS: Mapping[str, Callable[[View], bool]] = {condition.__name__: condition for condition in _ALL}


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def differences() -> tuple[Difference, ...]:
    """All rows."""
    return tuple(Difference(**row) for row in _data()["difference"])


def found(graph: Graph, runtime: str, what: str) -> Iterator[tuple[Difference, list[View]]]:
    """The rows with that the build does `what` for a runtime, and the model's operators that they concern.

    Args:
        graph: the model.
        runtime: "aot", "litert" or "tflite-runtime".
        what: "refuses", "warns" or "takes".
    """
    for row in differences():
        views = [view for view in graph.views() if row.concerns(view)] if row.build.get(runtime) == what else []
        if views:
            yield row, views


def is_nonsense_of_micro(graph: Graph) -> bool:
    """Whether TensorFlow Lite Micro answers nonsense to an operator, and our own C as LiteRT does."""
    rows = [row for row, _ in found(graph, "aot", "takes") if row.as_litert]
    return any(row.answers["tflite-micro"].startswith("nonsense") for row in rows)


def refuse(graph: Graph, runtime: str) -> None:
    """UserError when the target's runtime would answer nonsense to the model, or would not load it.

    Where the runtime is "aot", the compiler's check refuses what it does not take.
    """
    rows = [] if runtime == "aot" else list(found(graph, runtime, "refuses"))
    faults = [f"{named(views)}: {row.when}; {row.answers[runtime]}" for row, views in rows]
    if faults:
        title = f"not for {runtime} {_data()['versions'][runtime]}, which is not to be relied on for"
        hints = dict.fromkeys(row.hint for row, _ in rows if row.hint)
        hint = "; ".join([*hints, "docs/runtimes.md has what each runtime answers"])
        raise UserError(graph.name, "\n    ".join([title, *faults]), hint=hint)


def named(views: Sequence[View]) -> str:
    """Operators in a message: "RELU6 (operators 3, 5)"."""
    numbers = list(dict.fromkeys(str(view.node.index) for view in views))
    return f"{stored_as(views[0].node)} (operator{'s' if len(numbers) > 1 else ''} {', '.join(numbers)})"


def page() -> str:
    """The page docs/runtimes.md."""
    versions = _data()["versions"]
    columns = (*versions, *(f"build, {runtime}" for runtime in ("aot", "litert", "tflite-runtime")))
    lines = ["", f"| operator | when | {' | '.join(columns)} |", "|---" * (2 + len(columns)) + "|"]
    for row in differences():
        more = f"; `{row.option}` under litert" if row.option else ", as LiteRT" if row.as_litert else ""
        build = {**row.build, "aot": row.build["aot"] + more}
        cells = (", ".join(row.operators), row.when, *(row.answers[name] for name in versions), *build.values())
        lines.append(f"| {' | '.join(cells)} |")
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    return PAGE.format(versions=told) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
