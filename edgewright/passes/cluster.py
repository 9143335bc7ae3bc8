"""Weight sharing through tensorflow-model-optimization: the weights of a layer come to have few values, its centroids.

The centroids and the assignment of the weights to them are trained together. A file with few values in each layer packs
well: codes of log2(clusters) bits and a table, or less through an entropy coder.

Algorithm: S. Han, H. Mao, W. Dally, "Deep Compression" (2016), arXiv:1510.00149, section 3; the start by k-means++:
D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding" (2007), refined as in S. Lloyd, "Least
squares quantization in PCM" (1982), https://doi.org/10.1109/TIT.1982.1056489.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edgewright import kinds
from edgewright.errors import UserError
from edgewright.passes import _centroids, _layers, _reached, _weights, order
from edgewright.passes.keras_model import masks, rebuild

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.passes import Context

WHERE = "pass cluster"
LEARNING_RATE = (
    2e-4  # a centroid moves by the sum of the gradients of its weights: it needs smaller steps than a weight
)
FEWEST_WITH_ZERO = 3  # the zero, and one on either side of it
Clusters = Annotated[int, Field(ge=2, le=256)]

BEFORE: Mapping[str, str] = {
    "latent": "{before} has given the weights values that it can code; clusters would give them others"
}


class Options(BaseModel):
    """Keys of the `[[compress]]` entry; None = as in the model's `[train]`.

    `clusters`: values that the weights of a layer have at most, the zero among them; `layers`: other numbers for some
    layers by name; `skip`: layers left as they are. `init`: where the centroids begin. `preserve_sparsity`: zeros of an
    earlier pass stay zero; None: where there are any.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    clusters: Clusters = Field(
        default=16, description="values that the weights of a layer have at most, the zero among them"
    )
    layers: dict[kinds.Line, Clusters] = Field(default={}, description="other numbers for layers by name")
    skip: tuple[kinds.Line, ...] = Field(default=(), description="layers left as they are", examples=[["dense"]])
    init: Literal["kmeans++", "density", "linear", "random"] = Field(
        default="kmeans++", description="where the centroids begin"
    )
    preserve_sparsity: bool | None = Field(
        default=None, description="zeros of an earlier pass stay zero; left out: where there are any"
    )
    epochs: int | None = Field(default=None, ge=1, description="epochs of training; left out: as in [train]")
    batch_size: int | None = Field(default=None, ge=1, description="examples a step; left out: as in [train]")
    learning_rate: float = Field(default=LEARNING_RATE, gt=0, description="learning rate at the start")

    @model_validator(mode="after")
    def _no_contradiction(self) -> Options:
        both = sorted(set(self.layers) & set(self.skip))
        if both:
            raise ValueError(f"layers and skip both name {both[0]!r}: a layer is clustered or skipped")
        few = [number for number in (self.clusters, *self.layers.values()) if number < FEWEST_WITH_ZERO]
        if self.preserve_sparsity and few:
            raise ValueError("preserve_sparsity needs 3 clusters or more: the zero, and one on either side of it")
        return self


OPTIONS = Options


def check_order(_options: Options, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """It would undo the pass that makes weights from codes."""
    return order.not_after("cluster", BEFORE, before, where)


def layers(tf: Any, model: Any, options: Options) -> list[str]:
    """Those that can be clustered."""
    found = _layers.with_kernels(tf, model)
    return [name for name, layer in found.items() if name not in options.skip and _clusterable(layer)]


def apply(model: Any, _data: Split, options: Options, context: Context) -> Any:
    """The model with at most `clusters` different weights in each kernel; its shapes stay.

    After full-integer quantization, which scales each output channel by itself, each channel has at most so many
    different weights.
    """
    from tensorflow_model_optimization.clustering import keras as clustering

    tf = context.tf
    numbers = _numbers(context, model, options)
    held = [] if options.preserve_sparsity is False else masks.holding_zeros(tf, model)
    before = _centroids.values(_layers.with_kernels(tf, model))
    tf.random.set_seed(context.seed)  # of the random start

    def wrap(layer: Any) -> Any:
        if layer.name not in numbers:
            return layer
        return _with_all_kernels(
            clustering.cluster_weights(layer, **_how(clustering, layer, numbers[layer.name], options))
        )

    clustered = _layers.wrapped(tf, model, wrap, WHERE)
    if options.init == "kmeans++":
        _centroids.refine(clustered)
    _centroids.hold_exact_zeros(tf, clustered)
    context.fit(
        clustered,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        callbacks=held,
    )
    stripped = rebuild.rebuilt(tf, clustering.strip_clustering(clustered), {})  # its variables have no names
    values = _centroids.values(_layers.with_kernels(tf, stripped))
    context.note("values", values)
    _reached.report(
        context,
        WHERE,
        "number of values",
        {name: _found(asked, values[name], before[name]) for name, asked in numbers.items()},
    )
    return stripped


def _found(asked: int, values: int, before: int) -> _reached.Reached:
    return _reached.Reached(asked, values, enough=values <= asked, nothing=values > asked and values >= before)


def _numbers(context: Context, model: Any, options: Options) -> dict[str, int]:
    """How many clusters each layer gets that is clustered; notes which layers are not, and why."""
    layers = _layers.with_kernels(context.tf, model)
    _layers.check_names(options.skip, layers, f"{WHERE}: skip")
    _layers.check_names(options.layers, layers, f"{WHERE}: layers")
    numbers = {name: options.layers.get(name, options.clusters) for name in layers}
    reasons = {name: _reason_against(layer, numbers[name], options) for name, layer in layers.items()}
    _reached.left_alone(context, reasons)
    context.note("left_alone", {name: reason for name, reason in reasons.items() if reason})
    chosen = {name: number for name, number in numbers.items() if not reasons[name]}
    if not chosen:
        listed = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise UserError(WHERE, f"no layer is left to cluster ({listed or 'the model has no weights'})")
    return chosen


def _reason_against(layer: Any, clusters: int, options: Options) -> str | None:
    """Why a layer is not clustered; None when it is."""
    kernels = _clusterable(layer)
    if layer.name in options.skip:
        return _reached.SKIPPED
    if not kernels:
        return f"{type(layer).__name__} is no layer that tensorflow-model-optimization clusters"
    zeros = _preserves(layer, options)
    if zeros and clusters < FEWEST_WITH_ZERO:
        raise UserError(
            f"{WHERE}: clusters",
            f"layer {layer.name!r} has zeros to preserve",
            got=clusters,
            allowed="3 or more: the zero, and one on either side of it",
            hint="raise clusters, skip the layer, or give the zeros up with preserve_sparsity = false",
        )
    if max(_centroids.different(kernel, zeros) for kernel in kernels) <= clusters:
        return f"has no more than {clusters} weights that are not zero"
    return None


def _clusterable(layer: Any) -> list[Any]:
    """The variables of a layer that are clustered; none of a foreign layer."""
    from tensorflow_model_optimization.clustering import keras as clustering

    try:
        kmeans = clustering.CentroidInitialization.KMEANS_PLUS_PLUS
        wrapper = clustering.cluster_weights(layer, number_of_clusters=2, cluster_centroids_init=kmeans)
    except ValueError:
        return []
    inner: Any = getattr(_with_all_kernels(wrapper), "layer", None)  # a convolution of one weight is not wrapped
    return [variable for _name, variable in inner.get_clusterable_weights()] if inner is not None else []


def _with_all_kernels(wrapper: Any) -> Any:
    """The wrapper, told to cluster depthwise kernels, which the library leaves out."""
    layer: Any = getattr(wrapper, "layer", None)
    if _weights.kernels(layer):
        layer.get_clusterable_weights = lambda: _weights.kernels(layer)
    return wrapper


def _preserves(layer: Any, options: Options) -> bool:
    has_zeros = any(masks.zero_share(kernel) for kernel in masks.kernels(layer))
    return has_zeros if options.preserve_sparsity is None else options.preserve_sparsity


def _how(clustering: Any, layer: Any, clusters: int, options: Options) -> dict[str, Any]:
    """The arguments of `cluster_weights` for a layer."""
    starts = clustering.CentroidInitialization
    start = {
        "kmeans++": starts.KMEANS_PLUS_PLUS,
        "density": starts.DENSITY_BASED,
        "linear": starts.LINEAR,
        "random": starts.RANDOM,
    }
    return {
        "number_of_clusters": clusters,
        "cluster_centroids_init": start[options.init],
        "preserve_sparsity": _preserves(layer, options),
    }
