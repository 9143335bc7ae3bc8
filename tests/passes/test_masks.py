from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testbench.resident import Resident

# a dense and a recurrent layer with zeros in them, a batch norm, and biases that are zero; trained for some steps
SCRIPT = """
    from edgewright.training.tensorflow import start
    tf = start(1)
    import numpy as np
    from edgewright.passes.keras_model.masks import has_zeros, holding_zeros, kernels
    from edgewright.training.batches import Batches

    layers = tf.keras.layers
    model = tf.keras.Sequential([
        layers.InputLayer((6, 4)), layers.GRU(5), layers.Dense(16, activation="relu"), layers.BatchNormalization(),
        layers.Dense(3, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy")
    assert not has_zeros(model)
    assert holding_zeros(tf, model) == []
    assert [v.name.rsplit("/", 1)[1] for v in kernels(model)] == [
        "kernel:0", "recurrent_kernel:0", "kernel:0", "kernel:0"]

    random = np.random.default_rng(1)
    zero = {}
    for number in (1, 2):  # the last kernel stays dense
        variable = kernels(model)[number]
        zero[number] = random.random(variable.shape) < 0.5
        variable.assign(variable.numpy() * ~zero[number])
    before = [variable.numpy() for variable in model.trainable_variables]
    assert has_zeros(model)
    x, y = random.random((64, 6, 4), dtype=np.float32), random.integers(0, 3, 64)
    model.optimizer.build(model.trainable_variables)
    model.test_step((tf.constant(x), tf.constant(y)))
    steps = Batches(tf, model, model.train_step, 16, [callback.after_step for callback in holding_zeros(tf, model)])
    for _ in range(2):
        steps.run((x, y), None, None)
    for number, variable in enumerate(kernels(model)):
        wanted = zero.get(number, np.zeros(variable.shape, bool))
        assert ((variable.numpy() == 0) == wanted).all(), variable.name
    moved = [(now.numpy() != then).any() for now, then in zip(model.trainable_variables, before)]
    assert all(moved), moved
"""


def test_zeros_of_kernels_stay_and_all_else_learns(resident: Resident) -> None:
    resident.script(SCRIPT)
