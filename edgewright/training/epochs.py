"""The epochs of a training, each seeded by itself, with what callbacks and people see of them."""

from __future__ import annotations

import math
import random as random_of_python
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from edgewright.datasets import Split
from edgewright.errors import UserError
from edgewright.sections.train import Train
from edgewright.several import for_keras
from edgewright.training import own_fit
from edgewright.training.augment import augmented
from edgewright.training.batches import Batches
from edgewright.training.checkpoint import Checkpoint
from edgewright.training.objective import Aim, Distilled, Teacher, Truth
from edgewright.training.own_fit import Epoch
from edgewright.training.progress import Progress

VALIDATION_BATCH = 1000


@dataclass(frozen=True)
class Run:
    """One training: the title that the user sees, what to train on and how, and where to keep checkpoints.

    `aim`: what it learns; `teacher`: whom to learn from, besides the truth; `weights`: of the training examples in the
    loss, float32 (n,), None where all count the same.
    """

    title: str
    data: Split
    options: Train
    checkpoint: Checkpoint
    teacher: Teacher | None = None
    aim: Aim = field(default_factory=Aim)
    weights: Any = None

    @property
    def steps(self) -> int:
        """Steps (batches) in an epoch."""
        return math.ceil(len(self.data.train_x) / self.options.batch_size)


class Epochs:
    """Runs epochs of `run` on a compiled `model`.

    Callbacks are Keras', and are called as by Keras' own loop; a method `after_step` of one is traced behind each step.
    """

    def __init__(self, tf: Any, model: Any, run: Run, aim: Truth | Distilled, callbacks: Sequence[Any]) -> None:
        self._tf = tf
        self._model = model
        self._run = run
        self._aim = aim
        self._hooks = tf.keras.callbacks.CallbackList(
            list(callbacks), model=model, verbose=0, epochs=run.options.epochs, steps=run.steps
        )
        after = [callback.after_step for callback in callbacks if hasattr(callback, "after_step")]
        self._training = Batches(tf, model, model.train_step, run.options.batch_size, after)
        self._validating = Batches(tf, model, model.test_step, VALIDATION_BATCH)
        data = run.data
        self._validation = for_keras(data.validation_x), aim.targets(data.validation_x, data.validation_y)
        _make_variables(tf, model, self._validation)

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Tell the callbacks that the training begins, and at the end that it is over."""
        self._hooks.on_train_begin()
        yield
        self._hooks.on_train_end()

    def run(self, number: int, shown: Progress) -> dict[str, float]:
        """One epoch, counted from 0; gives the metrics of training, and with val_ before them those of validation."""
        self._hooks.on_epoch_begin(number)
        logs = self._train(number, shown)
        logs |= {f"val_{name}": value for name, value in self._validate().items()}
        self._hooks.on_epoch_end(number, dict(logs))
        return logs

    def _train(self, number: int, shown: Progress) -> dict[str, float]:
        hooked = self._hooks._should_call_train_batch_hooks

        def each(step: int, logs: dict[str, float]) -> bool:
            if not math.isfinite(logs["loss"]):  # the mean over the epoch so far: once NaN, always NaN
                raise _no_number(self._run, number, step, logs["loss"])
            if hooked:
                self._hooks.on_train_batch_end(step, logs)
            shown.step(number, step + 1, logs)
            return bool(self._model.stop_training)

        data = self._data(number)
        if self._run.options.fit:
            x, y, *weights = data
            size = self._run.options.batch_size
            epoch = Epoch(number, x, y, weights[0] if weights else None, size, self._seed(number), each)
            return own_fit.run(self._run.options.fit, self._run.aim.source, self._model, epoch)
        return self._training.run(data, self._hooks.on_train_batch_begin if hooked else None, each)

    def _validate(self) -> dict[str, float]:
        hooks = self._hooks
        begin, end = None, None
        if hooks._should_call_test_batch_hooks:
            begin, end = hooks.on_test_batch_begin, hooks.on_test_batch_end
        hooks.on_test_begin()
        logs = self._validating.run(self._validation, begin, end)
        hooks.on_test_end(logs)
        return logs

    def _data(self, number: int) -> tuple[Any, ...]:
        """The training examples in the order of an epoch, augmented; all random generators start anew."""
        import numpy as np

        data, options = self._run.data, self._run.options
        seed = [options.seed, number]
        order = np.random.default_rng(seed).permutation(len(data.train_x))
        self._reseed(self._seed(number))
        x = augmented(data.train_x[order], options.augment, seed, self._run.aim.source)
        weighted = () if self._run.weights is None else (self._run.weights[order],)
        return (for_keras(x), self._aim.targets(x, data.train_y[order]), *weighted)

    def _seed(self, number: int) -> int:
        """Of an epoch."""
        import numpy as np

        return int(np.random.SeedSequence([self._run.options.seed, number]).generate_state(1)[0] >> 1)

    def _reseed(self, seed: int) -> None:
        """Start every random generator of the training anew, so that an epoch does not depend on those before it."""
        import numpy as np

        options = self._run.options
        if self._training.draws is False and not (options.fit or options.callbacks or options.augment.function):
            random_of_python.seed(seed)
            np.random.seed(seed)
            return  # TensorFlow's own seed would make it prepare each compiled function anew
        self._tf.keras.utils.set_random_seed(seed)
        random = [part._random_generator for part in self._model.submodules if hasattr(part, "_random_generator")]
        for place, generator in enumerate(random):
            if getattr(generator, "_generator", None) is not None:
                generator._generator.reset_from_seed(seed + place)
        if random:  # dropout and its like keep their state in the compiled steps
            self._training.renew()


def _make_variables(tf: Any, model: Any, data: tuple[Any, ...]) -> None:
    """Of the optimizer and of the metrics, which Keras makes when they are needed: then all would be traced twice."""
    model.optimizer.build(model.trainable_variables)
    model.test_step(tf.nest.map_structure(lambda array: tf.convert_to_tensor(array[:1]), data))


def _no_number(run: Run, epoch: int, step: int, loss: float) -> UserError:
    kept = f"; the state after epoch {epoch} is kept in {run.checkpoint.path}" if epoch else ""
    return UserError(
        run.title,
        f"the loss is no number any more at epoch {epoch + 1}, step {step + 1} "
        f"(step {epoch * run.steps + step + 1} of {run.options.epochs * run.steps})",
        got=loss,
        hint=f"lower the learning rate ({run.options.learning_rate:g}), or look for odd values in the data{kept}",
    )
