"""The model that quantization-aware training trains, and the way of what it learned back into the model it came from.

Before that, batch normalisation is folded and separable convolutions are split, as the converter does both: what is
rounded in training are the weights that the file will have. Layers that tensorflow-model-optimization does not know are
trained on as they are.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from edgewright.errors import UserError
from edgewright.passes import fold
from edgewright.passes.keras_model import masks
from edgewright.passes.keras_model.affine import is_linear
from edgewright.passes.keras_model.flow import Flow
from edgewright.passes.keras_model.rebuild import Edits, Part, inner_models, rebuilt

_NORMALISED = ("Conv2D", "DepthwiseConv2D", "Dense")  # layers whose batch normalisation the library knows
_KEEPING = ("Conv2D", "Dense")  # layers whose few values it keeps
_SKIPPED = ("InputLayer",)


@dataclass(frozen=True)
class Prepared:
    """`learner`: the model with fake quantization; `plain`: the same without; `left`: why layers have none, by name."""

    plain: Any
    learner: Any
    left: dict[str, str]


def prepare(tf: Any, model: Any, scheme: Any, where: str, clustered: Callable[[Any], bool] | None = None) -> Prepared:
    """A learner for `model`, whose weights are copied.

    Args:
        tf: the module `tensorflow`.
        model: a Sequential or functional model.
        scheme: how tensorflow-model-optimization quantizes.
        where: the model's name in messages.
        clustered: whether a kernel has few values that are to be kept. Then no batch normalisation is folded, which
            would scale each channel by another factor, and layers whose few values the library would lose are held.

    Raises:
        UserError: no layer can be trained so, or the model cannot be taken apart.
    """
    from tensorflow_model_optimization.quantization import keras as quantization

    if not getattr(model, "_is_graph_network", False):
        raise _refused(where, "its layers cannot be seen: it is a class of its own")
    plain = model if clustered else fold.folded(tf, model)[0]
    plain = rebuilt(tf, plain, _separated(tf, plain))
    left = _left(plain, scheme.get_quantize_registry())
    left |= _held(plain, left, clustered) if clustered else {}
    if not _kernels_outside(plain, left):
        raise _refused(where, "; ".join(f"{name}: {reason}" for name, reason in left.items()) or "it has no weights")

    def annotate(layer: Any) -> Any:
        known = layer.name not in left and type(layer).__name__ not in _SKIPPED
        return quantization.quantize_annotate_layer(layer) if known else layer

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of layers without clusters, which are then trained as any other
            annotated = tf.keras.models.clone_model(plain, clone_function=annotate)
            return Prepared(plain, quantization.quantize_apply(annotated, _without(scheme, left)), left)
    except (ValueError, RuntimeError, NotImplementedError) as error:
        raise _refused(where, " ".join(str(error).split())) from error


def _without(scheme: Any, left: Container[str]) -> Any:
    """The scheme for all layers but those: the library quantizes the outputs of what it knows, annotated or not."""
    registry = scheme.get_quantize_registry()

    class Registry:
        def supports(self, layer: Any) -> bool:
            return layer.name not in left and bool(registry.supports(layer))

        def get_quantize_config(self, layer: Any) -> Any:
            return registry.get_quantize_config(layer)

    class Scheme:
        def get_layout_transformer(self) -> Any:
            return scheme.get_layout_transformer()

        def get_quantize_registry(self) -> Any:
            return Registry()

    return Scheme()


def write_back(prepared: Prepared, trained: Any) -> Any:
    """`prepared.plain` with the weights of `trained`, the learner or what is left of it without its helpers."""
    for wrapper in trained.layers:
        layer = getattr(wrapper, "layer", wrapper)
        if not layer.weights and not getattr(wrapper, "_weight_vars", ()):
            continue
        taken = [variable for variable, _, _ in getattr(wrapper, "_weight_vars", ())]  # they left the layer itself
        values = {_own_name(variable): variable.numpy() for variable in (*layer.weights, *taken)}
        target = _layer(prepared.plain, layer.name)
        if target is not None:
            target.set_weights([values[_own_name(variable)] for variable in target.weights])
    return prepared.plain


def _layer(model: Any, name: str) -> Any:
    return next((layer for layer in model.layers if layer.name == name), None)


def _own_name(variable: Any) -> str:
    """The name within its layer: "kernel" of "conv/kernel:0"."""
    return str(variable.name.rpartition("/")[2].partition(":")[0])


def _refused(where: str, reason: str) -> UserError:
    return UserError(where, f"cannot be trained for quantization: {reason}", hint='set [quantize] qat = "never"')


def _separated(tf: Any, model: Any) -> Edits:
    """Separable convolutions as the two that they are; the second has the name, the bias and the activation."""
    found: dict[Any, list[Part]] = {}
    for part in (model, *inner_models(model)):
        for layer in part.layers:
            if type(layer).__name__ == "SeparableConv2D":
                found[layer] = _halves(tf, layer)
    return found


def _halves(tf: Any, layer: Any) -> list[Part]:
    taken = ("kernel_size", "strides", "padding", "data_format", "dilation_rate", "depth_multiplier")
    depthwise = tf.keras.layers.DepthwiseConv2D(
        **{key: getattr(layer, key) for key in taken}, use_bias=False, name=f"{layer.name}_depthwise"
    )
    pointwise = tf.keras.layers.Conv2D(
        layer.filters,
        1,
        data_format=layer.data_format,
        use_bias=layer.use_bias,
        activation=layer.activation,
        name=layer.name,
    )
    first, *rest = layer.get_weights()
    return [Part(depthwise, [first]), Part(pointwise, rest)]


def _left(model: Any, registry: Any) -> dict[str, str]:
    """Why layers are trained without fake quantization, by name; it is only told of layers that do something."""
    flow = Flow(model)
    reasons = {layer.name: _reason(layer, flow, registry) for layer in flow.layers}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(layer: Any, flow: Flow, registry: Any) -> str | None:
    kind = type(layer).__name__
    if kind in _SKIPPED:
        return None
    if hasattr(layer, "_nodes_by_depth"):
        return "is a model within the model"
    if not flow.once(layer):
        return "is used in several places"
    if kind == "BatchNormalization":
        return None if _follows_known(layer, flow) else "is a batch normalisation that cannot be folded"
    if not registry.supports(layer) or not _takes_activation(layer, registry):
        return f"{_described(layer)} is unknown to tensorflow-model-optimization"
    return None


def _held(model: Any, left: Container[str], clustered: Callable[[Any], bool]) -> dict[str, str]:
    """Layers with few values that are not kept in training, by name; they are trained no more."""
    lost = [layer for layer in model.layers if layer.name in left or type(layer).__name__ not in _KEEPING]
    found = [layer for layer in lost if any(map(clustered, masks.kernels(layer)))]
    for layer in found:
        layer.trainable = False
    return {layer.name: "keeps its few values and is not trained" for layer in found}


def _described(layer: Any) -> str:
    """Its kind, and its activation where it has one."""
    activation = getattr(layer, "activation", None)
    named = "" if activation is None or is_linear(layer) else f" with {getattr(activation, '__name__', activation)}"
    return type(layer).__name__ + named


def _follows_known(layer: Any, flow: Flow) -> bool:
    feeders = flow.inputs(layer)
    return len(feeders) == 1 and type(feeders[0]).__name__ in _NORMALISED and is_linear(feeders[0])


def _takes_activation(layer: Any, registry: Any) -> bool:
    from tensorflow_model_optimization.python.core.quantization.keras import quantize_aware_activation as aware

    config = registry.get_quantize_config(layer)
    probe = object.__new__(aware.QuantizeAwareActivation)  # its check needs nothing of it
    try:
        config.get_output_quantizers(layer)
        activations = config.get_activations_and_quantizers(layer)
    except (ValueError, AttributeError):
        return False
    return all(probe._is_supported_activation(activation) for activation, _ in activations)


def _kernels_outside(model: Any, left: dict[str, str]) -> bool:
    """Whether any layer with weights is trained with fake quantization."""
    return any(layer.weights and layer.name not in left for layer in model.layers)
