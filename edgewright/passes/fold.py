"""Batch normalisation becomes part of the layers beside it, and layers that do nothing at inference go. No training.

At inference a batch normalisation is a scale and a shift of each channel. They are taken into the weights of the layer
before it, through sums, concatenations and averages, or else into those of all layers after it; only where that is
exact. B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"
(2017), arXiv:1712.05877, section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from edgewright.errors import UserError
from edgewright.passes import _norms
from edgewright.passes._idle import is_idle
from edgewright.passes.keras_model.flow import Flow
from edgewright.passes.keras_model.rebuild import Edits, inner_models, rebuilt
from edgewright.passes.order import not_after
from edgewright.several import for_keras

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.datasets import Split
    from edgewright.passes import Context

SAMPLES = 64  # examples on which the result is compared with what it came from
ROUNDING = 1e-4  # by which outputs may differ, relative to the largest

LOST = {
    "cluster": "it scales each channel by another factor, and the few values that {before} gave a layer become many",
    "latent": "it scales the weights that {before} stores as codes",
}


class Options(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(extra="forbid", frozen=True)


OPTIONS = Options


def check_order(_options: Options, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """Weights on a grid do not stay on it."""
    return not_after("fold", LOST, before, where)


def apply(model: Any, data: Split, _options: Options, context: Context) -> Any:
    """The model without the layers that inference does not need; its outputs differ by float rounding only."""
    new, report = folded(context.tf, model)
    context.note("largest_difference", _difference(model, new, data))
    for name, rows in report.items():
        context.note(name, rows)
    return new


def folded(tf: Any, model: Any) -> tuple[Any, dict[str, list[Any]]]:
    """A new model without what inference does not need, and what became of its layers: removed, folded, kept."""
    edits, report = _plan(model)
    return rebuilt(tf, model, edits), report


def _plan(model: Any) -> tuple[Edits, dict[str, list[Any]]]:
    """What becomes of the layers of the model and of those inside it: what to do, and what to tell."""
    flow = Flow(model)
    removed = _take_out_idle(flow)
    edits, folded, kept = _norms.fold_all(flow)
    report: dict[str, list[Any]] = {"removed": removed, "folded": folded, "kept": kept}
    edits = {**{layer: [] for layer in flow.gone}, **edits}
    for inner in inner_models(model):
        inner_edits, inner_report = _plan(inner)
        edits |= inner_edits
        report = {name: [*rows, *inner_report[name]] for name, rows in report.items()}
    return edits, report


def _take_out_idle(flow: Flow) -> list[str]:
    idle = [layer for layer in flow.layers if is_idle(layer) and flow.once(layer) and not _alone(flow, layer)]
    for layer in idle:
        flow.take_out(layer)
    return [layer.name for layer in idle]


def _alone(flow: Flow, layer: Any) -> bool:
    """Whether the model would hand its input out without it."""
    return flow.is_output(layer) and not any(flow.inputs(feeder) for feeder in flow.inputs(layer))


def _difference(old: Any, new: Any, data: Split) -> float:
    """The largest difference of two models' outputs; too large a one is told as a fault."""
    import numpy as np

    before, after = (_outputs(model, data) for model in (old, new))
    difference = float(np.max(np.abs(before - after), initial=0.0))
    if difference > ROUNDING * max(1.0, float(np.max(np.abs(before), initial=0.0))):
        problem = "the folded model gives other outputs than the model before"
        hint = "a layer's get_config() may leave something out; leave this pass out, and please report it"
        raise UserError("pass fold", problem, got=f"a difference of {difference:g}", hint=hint)
    return difference


def _outputs(model: Any, data: Split) -> NDArray[np.float32]:
    """All outputs for some examples, behind each other."""
    import numpy as np

    found = model(for_keras(data.train_x[:SAMPLES]), training=False)
    return np.concatenate([np.asarray(output).ravel() for output in (found if isinstance(found, list) else [found])])
