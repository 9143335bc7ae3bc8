"""Magnitude pruning through tensorflow-model-optimization: the smallest weights become zero while training goes on.

Single weights, blocks of them, or two of every four; alike in all layers, or in each as many as a scan says it bears.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edgewright import kinds
from edgewright.errors import UserError
from edgewright.passes import _layers, _magnitude, _reached, _sparsity, _weights, order
from edgewright.passes._schedule import Schedule
from edgewright.passes.keras_model import masks

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.passes import Context, Facts

WHERE = "pass prune"
TWO_OF_FOUR = (2, 4)
ROUNDING = 1e-6  # of a share
Length = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


class Options(BaseModel):
    """Keys of the `[[compress]]` entry; None = as in the model's `[train]`.

    `schedule`: how sparse, and when. `per_layer`: "uniform", every layer as sparse as `schedule.final`, or
    "sensitivity", as sparse as a scan on validation data says it bears, with `schedule.final` of all weights zero.
    `layers`: the final sparsity of some layers by name; `skip`: layers that stay dense. `block`: [inputs, outputs] of a
    kernel that become zero together. `pattern`: "2:4", two of every four neighbouring inputs, from the first step on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schedule: Schedule = Field(default=Schedule(), description="how sparse, and when")
    per_layer: Literal["uniform", "sensitivity"] = Field(
        default="uniform",
        description="all layers alike, or each as sparse as a scan on validation data says that it bears",
    )
    layers: dict[kinds.Line, Share] = Field(default={}, description="final share of zeros of layers by name")
    skip: tuple[kinds.Line, ...] = Field(default=(), description="layers that stay dense", examples=[["dense"]])
    block: tuple[Length, Length] = Field(
        default=(1, 1), description="[inputs, outputs] of a kernel that become zero together"
    )
    pattern: Literal["2:4"] | None = Field(
        default=None, description="two of every four neighbouring inputs are zero, from the first step on"
    )
    epochs: int | None = Field(default=None, ge=1, description="epochs of training; left out: as in [train]")
    min_steps: int = Field(
        default=0, ge=0, description="steps of training at least: small data sets get more epochs than `epochs`"
    )
    batch_size: int | None = Field(default=None, ge=1, description="examples a step; left out: as in [train]")
    learning_rate: float | None = Field(
        default=None, gt=0, description="learning rate at the start; left out: as in [train]", examples=[0.001]
    )

    @model_validator(mode="after")
    def _no_contradiction(self) -> Options:
        both = sorted(set(self.layers) & set(self.skip))
        if both:
            raise ValueError(f"layers and skip both name {both[0]!r}: a layer is pruned or skipped")
        if self.pattern:
            self._fixed_by_pattern()
        return self

    def _fixed_by_pattern(self) -> None:
        default = Options.model_fields
        for name in ("schedule", "per_layer", "layers", "block"):
            if getattr(self, name) != default[name].default:
                raise ValueError(
                    f"pattern {self.pattern!r} leaves no choice to {name}: it makes two of every four neighbours zero, "
                    f"in all layers, from the first step on"
                )


OPTIONS = Options


def check(options: Options, facts: Facts, where: str) -> list[UserError]:
    """The schedule must end within the training."""
    if facts.examples is None or options.pattern:
        return []
    steps = _steps(options, facts)
    schedule = options.schedule
    if schedule.last_step(steps) < steps:
        return []
    return [
        UserError(
            f"{where}.schedule.{_culprit(schedule)}",
            "the training ends before the schedule does",
            got=getattr(schedule, _culprit(schedule)),
            allowed=f"less than {steps} ({_epochs(options, facts)} epochs of {_epoch(options, facts)} steps)",
            hint=f"raise epochs, or lower {_culprit(schedule)}",
        )
    ]


def _culprit(schedule: Schedule) -> str:
    if schedule.kind == "polynomial" and schedule.end_step is not None:
        return "end_step"
    return "frequency" if schedule.frequency and schedule.frequency > schedule.begin_step else "begin_step"


def _steps(options: Options, facts: Facts) -> int:
    """Steps of the whole training."""
    return _epochs(options, facts) * _epoch(options, facts)


def _epochs(options: Options, facts: Facts) -> int:
    """As many as are asked for, or as make up the least number of steps."""
    return max(options.epochs or facts.epochs, math.ceil(options.min_steps / max(1, _epoch(options, facts))))


def _epoch(options: Options, facts: Facts) -> int:
    return math.ceil((facts.examples or 0) / (options.batch_size or facts.batch_size))


def check_order(_options: Options, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """Its training would undo the passes that give weights few values."""
    return order.not_after("prune", order.ON_A_GRID, before, where)


def layers(tf: Any, model: Any, options: Options) -> list[str]:
    """Those that can be pruned."""
    return [name for name, layer in _layers.with_kernels(tf, model).items() if not _reason_against(layer, options)]


def apply(model: Any, data: Split, options: Options, context: Context) -> Any:
    """The model with the smallest weights of each layer at zero; its shapes stay.

    Weights that are zero already stay so: an earlier pass made them.
    """
    from tensorflow_model_optimization.sparsity import keras as sparsity

    kernels = _kernels(context, model, options)
    sparsities = _sparsities(context, model, data, kernels, options)
    context.note("sparsities", sparsities)
    held = masks.holding_zeros(context.tf, model)

    def wrap(layer: Any) -> Any:
        final = sparsities.get(layer.name)
        if not final:
            return layer
        return sparsity.prune_low_magnitude(
            _with_all_kernels(layer, options), **_how(sparsity, options, context, final)
        )

    pruned = _layers.wrapped(context.tf, model, wrap, WHERE)
    if options.block != (1, 1):
        _take_blocks(context.tf, pruned, options.block)
    context.fit(
        pruned,
        epochs=_epochs(options, context.facts),
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        callbacks=[sparsity.UpdatePruningStep(), *held],
    )
    stripped = sparsity.strip_pruning(pruned)
    _reached.report(context, WHERE, "sparsity", _found(context, stripped, sparsities, options))
    return stripped


def _found(context: Context, model: Any, asked: Mapping[str, float], options: Options) -> dict[str, _reached.Reached]:
    """The sparsity of each layer that was pruned; as many blocks as can be are zero, so that one may be missing."""
    layers = _layers.with_kernels(context.tf, model)
    found = {}
    for name, final in asked.items():
        kernels = _prunable(layers[name], options)
        size = sum(int(kernel.shape.num_elements()) for kernel in kernels)
        share = 1 - sum(masks.nonzero(kernel) for kernel in kernels) / size
        missing = len(kernels) * math.prod(options.block) / size
        nothing = not share and final > missing
        found[name] = _reached.Reached(final, round(share, 6), share >= final - missing - ROUNDING, nothing)
    return found


def _kernels(context: Context, model: Any, options: Options) -> dict[str, list[Any]]:
    """What is pruned of each layer, by its name; notes which layers with weights are left dense, and why."""
    layers = _layers.with_kernels(context.tf, model)
    _layers.check_names(options.skip, layers, f"{WHERE}: skip")
    _layers.check_names(options.layers, layers, f"{WHERE}: layers")
    reasons = {name: _reason_against(layer, options) for name, layer in layers.items()}
    _reached.left_alone(context, reasons)
    context.note("left_dense", {name: reason for name, reason in reasons.items() if reason})
    for name in options.layers:
        if reasons[name]:
            raise UserError(f"{WHERE}: layers.{name}", f"this layer cannot be pruned: {reasons[name]}")
    kernels = {name: _prunable(layer, options) for name, layer in layers.items() if not reasons[name]}
    if not kernels:
        listed = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise UserError(WHERE, f"no layer is left to prune ({listed or 'the model has no weights'})")
    return kernels


def _reason_against(layer: Any, options: Options) -> str | None:
    """Why a layer stays dense; None when it is pruned."""
    kernels = _prunable(layer, options)
    if layer.name in options.skip:
        return _reached.SKIPPED
    if not kernels and type(layer).__name__ in _weights.DEPTHWISE:
        return f"each output of a {type(layer).__name__} has one input: it has no blocks and patterns of several"
    if not kernels:
        return f"{type(layer).__name__} is no layer that tensorflow-model-optimization prunes"
    if options.pattern and any(kernel.shape.rank not in (2, 4) for kernel in kernels):
        return f"pattern {options.pattern} is for dense and two-dimensional convolution layers"
    if options.pattern and any(kernel.shape[-2] <= TWO_OF_FOUR[0] for kernel in kernels):
        return f"of {kernels[0].shape[-2]} inputs, pattern {options.pattern} removes none"
    return None


def _prunable(layer: Any, options: Options) -> list[Any]:
    """The variables of a layer that are pruned; none of a foreign layer."""
    from tensorflow_model_optimization.sparsity import keras as sparsity

    try:
        wrapper = sparsity.prune_low_magnitude(_with_all_kernels(layer, options))
    except ValueError:
        return []
    return list(wrapper.layer.get_prunable_weights())


def _with_all_kernels(layer: Any, options: Options) -> Any:
    """The layer, told to the library as one of which it may prune depthwise kernels, too, weight by weight."""
    if _weights.kernels(layer):
        single = options.block == (1, 1) and options.pattern is None
        layer.get_prunable_weights = lambda: [
            kernel for name, kernel in _weights.kernels(layer) if single or name != "depthwise_kernel"
        ]
    return layer


def _sparsities(
    context: Context, model: Any, data: Split, kernels: _sparsity.Kernels, options: Options
) -> dict[str, float]:
    final = options.schedule.final
    if options.pattern:
        return _sparsity.uniform(kernels, TWO_OF_FOUR[0] / TWO_OF_FOUR[1], {})
    if options.per_layer == "uniform":
        return _sparsity.uniform(kernels, final, options.layers)
    return _sparsity.by_sensitivity(context, model, data, kernels, (final, options.layers, options.block))


def _how(sparsity: Any, options: Options, context: Context, final: float) -> dict[str, Any]:
    """The arguments of `prune_low_magnitude` for a layer."""
    if options.pattern:
        return {"sparsity_m_by_n": TWO_OF_FOUR}
    return {"pruning_schedule": options.schedule.of_layer(sparsity, final, _steps(options, context.facts))}


def _take_blocks(tf: Any, pruned: Any, block: _magnitude.Block) -> None:
    for layer in pruned._flatten_layers(include_self=False, recursive=True):
        if hasattr(layer, "pruning_obj"):
            _magnitude.in_blocks(tf, layer.pruning_obj, block)
