"""Many steps in one call give the bytes of Keras' own loop, one step at a time or all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testbench.resident import Resident

SCRIPT = """
    from edgewright.training.tensorflow import start
    tf = start(1)
    import numpy as np
    from edgewright.training.batches import Batches

    layers = tf.keras.layers
    random = np.random.default_rng(1)
    x, y = random.random((70, 6, 4)), random.integers(0, 3, 70)  # float64, and a last batch of six
    weights = random.random(70).astype(np.float32)
    first = None

    def model():
        global first
        made = tf.keras.Sequential([
            layers.InputLayer((6, 4)), layers.Conv1D(8, 3), layers.BatchNormalization(), layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ])
        first = first or made.get_weights()
        made.set_weights(first)
        made.compile(tf.keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return made

    keras = model()
    wanted = keras.fit(x, y, sample_weight=weights, batch_size=16, epochs=3, shuffle=False, verbose=0).history
    judged = keras.evaluate(x, y, batch_size=16, verbose=0, return_dict=True)

    for begin in (None, lambda number: begun.append(number)):
        begun, told, ours = [], [], model()
        ours.optimizer.build(ours.trainable_variables)
        batches = Batches(tf, ours, ours.train_step, 16)
        if begin is None:
            batches._together = 2
        rows = [batches.run((x, y, weights), begin, lambda number, logs: told.append(number)) for _ in range(3)]
        assert [{name: values[epoch] for name, values in wanted.items()} for epoch in range(3)] == rows, (wanted, rows)
        assert all((a == b).all() for a, b in zip(keras.get_weights(), ours.get_weights(), strict=True))
        assert batches.draws is False
        assert told[-1] == 4 and begun == ([] if begin is None else [*range(5)] * 3)
        assert Batches(tf, ours, ours.test_step, 16).run((x, y), None, None) == judged

    def draws(*parts):
        made = tf.keras.Sequential([layers.InputLayer((6, 4)), *parts, layers.Flatten(), layers.Dense(3)])
        made.compile("sgd", "mse")
        batches = Batches(tf, made, made.train_step, 16)
        batches.run((x, np.zeros((70, 3))), None, None)
        return batches.draws

    assert not draws() and not draws(layers.LSTM(3, return_sequences=True))
    assert draws(layers.Dropout(0.1)) and draws(layers.GaussianNoise(0.1))
    assert draws(layers.Reshape((6, 4, 1)), layers.RandomFlip())  # from a generator of its own

    x[40] = np.nan  # in the third batch
    told = []
    batches = Batches(tf, ours, ours.train_step, 16)
    batches._together = 5
    batches.run((x, y), None, lambda number, logs: told.append((number, logs["loss"])))
    assert [number for number, _ in told] == [2] and np.isnan(told[0][1]), told
"""


def test_steps_in_one_call_are_those_of_keras(resident: Resident) -> None:
    resident.script(SCRIPT)
