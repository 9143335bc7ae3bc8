#!/usr/bin/env bash
# Do prune_low_magnitude and cluster_weights of TensorFlow Model Optimization treat depthwise kernels?
#
# One would guess: both are given a whole model, wrap every layer (PruneLowMagnitude, ClusterWeights) and raise an
#   error for a layer that they do not know, so that what they wrap is pruned or clustered.
# What happens: DepthwiseConv2D is wrapped like the others and its kernel is left as it was, by both, without an error
#   or a warning. Of SeparableConv2D only the pointwise half is treated.
# Versions: tensorflow-model-optimization 0.8.1, tf-keras 2.21.0, tensorflow 2.21.0, Python 3.11, Linux x86-64. Seen
#   on 2026-11-29.
# Reported as issue 1132 of tensorflow/model-optimization.
# For a user: in MobileNets, DS-CNNs and other networks of depthwise layers the sparsity asked for is not what the
#   model has, and a depthwise kernel that was "clustered to 4 values" still has as many as it has weights. Count
#   zeros and distinct values in every kernel after strip_pruning and strip_clustering.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet \
  tensorflow==2.21.0 tf-keras==2.21.0 tensorflow-model-optimization==0.8.1 numpy==1.26.4

export TF_USE_LEGACY_KERAS=1
"$dir/venv/bin/python" - 2>"$dir/log" <<'PYTHON' || { cat "$dir/log" >&2; exit 1; }
import sys
import warnings
from importlib.metadata import version

import numpy as np
import tensorflow_model_optimization as tfmot
import tf_keras as keras

PRUNING, CLUSTERING = tfmot.sparsity.keras, tfmot.clustering.keras
keras.utils.set_random_seed(1)


def network():
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((8, 8, 4)),
            layers.Conv2D(8, 3, name="conv"),
            layers.DepthwiseConv2D(3, name="depthwise"),
            layers.SeparableConv2D(8, 3, name="separable"),
            layers.Flatten(name="flatten"),
            layers.Dense(10, name="dense"),
        ]
    )


def pruned():
    """Half of every kernel is to become zero, at every step from the first on."""
    model = PRUNING.prune_low_magnitude(network(), pruning_schedule=PRUNING.ConstantSparsity(0.5, 0, frequency=1))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    data = np.random.default_rng(1).normal(size=(32, 8, 8, 4)).astype(np.float32)
    model.fit(data, np.arange(32) % 10, epochs=2, verbose=0, callbacks=[PRUNING.UpdatePruningStep()])
    return model


def clustered():
    """Every kernel is to have four distinct values."""
    begin = CLUSTERING.CentroidInitialization.KMEANS_PLUS_PLUS
    return CLUSTERING.cluster_weights(network(), number_of_clusters=4, cluster_centroids_init=begin)


def kernels(model):
    """(layer, kernel) and values of each kernel."""
    for layer in model.layers:
        for weight in layer.weights:
            name = weight.name.split("/")[-1].removesuffix(":0")
            if "kernel" in name:
                yield f"{layer.name} {name}", weight.numpy()


print(", ".join(f"{name} {version(name)}" for name in ("tensorflow-model-optimization", "tf-keras", "tensorflow")))
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    sparse, few = pruned(), clustered()
    print("wrapped as", sorted({type(layer).__name__ for model in (sparse, few) for layer in model.layers}))
    zeros = {name: float((values == 0).mean()) for name, values in kernels(PRUNING.strip_pruning(sparse))}
    distinct = {name: len(np.unique(values)) for name, values in kernels(CLUSTERING.strip_clustering(few))}
    weights = {name: values.size for name, values in kernels(network())}
for name, size in weights.items():
    print(f"{name:27}: {size:4} weights; pruned to {zeros[name]:.0%} zeros; clustered to {distinct[name]} values")
named = [str(each.message) for each in seen if "depthwise" in str(each.message).lower()]
print(f"warnings that name a depthwise layer: {len(named)}")
left = {name for name in weights if zeros[name] == 0 and distinct[name] == weights[name]}
treated = {name for name in weights if zeros[name] == 0.5 and distinct[name] <= 4}
expected = {"depthwise depthwise_kernel", "separable depthwise_kernel"}
if not (left == expected and treated == set(weights) - expected and not named):
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   tensorflow-model-optimization 0.8.1, tf-keras 2.21.0, tensorflow 2.21.0
#   wrapped as ['ClusterWeights', 'PruneLowMagnitude']
#   conv kernel                :  288 weights; pruned to 50% zeros; clustered to 4 values
#   depthwise depthwise_kernel :   72 weights; pruned to 0% zeros; clustered to 72 values
#   separable depthwise_kernel :   72 weights; pruned to 0% zeros; clustered to 72 values
#   separable pointwise_kernel :   64 weights; pruned to 50% zeros; clustered to 4 values
#   dense kernel               :  320 weights; pruned to 50% zeros; clustered to 4 values
#   warnings that name a depthwise layer: 0
