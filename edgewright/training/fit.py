"""The training loop: one epoch at a time, each seeded by itself, so that a resumed training gives the same bytes."""

from __future__ import annotations

import gc
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edgewright.datasets import Split
from edgewright.errors import UserError
from edgewright.sections.train import Train
from edgewright.training.augment import augmented
from edgewright.training.checkpoint import Checkpoint, History
from edgewright.training.objective import Distilled, Labels, Teacher, objective
from edgewright.training.progress import Progress, progress
from edgewright.training.quiet import say

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "nadam": "Nadam", "rmsprop": "RMSprop", "sgd": "SGD"}


@dataclass(frozen=True)
class Run:
    """One training: the title that the user sees, what to train on and how, and where to keep checkpoints.

    `teacher`: whom to learn from, besides the labels.
    """

    title: str
    data: Split
    options: Train
    checkpoint: Checkpoint
    teacher: Teacher | None = None

    @property
    def steps(self) -> int:
        """Steps (batches) in an epoch."""
        return math.ceil(len(self.data.train_x) / self.options.batch_size)


def fit(tf: Any, model: Any, run: Run, callbacks: Sequence[Any] = ()) -> History:
    """Train `model` in place, from the last checkpoint if there is one.

    Returns:
        A row an epoch: loss, accuracy, val_loss, val_accuracy.
    """
    aim = objective(tf, run.options.label_smoothing, run.teacher, model)
    _compile(tf, model, run, aim)
    history = run.checkpoint.restore(model)
    if history:
        say(f"{run.title}: goes on after epoch {len(history)} of {run.options.epochs}")
    if len(history) == run.options.epochs:
        return history
    validation = (run.data.validation_x, aim.targets(run.data.validation_x, run.data.validation_y))
    with progress(run.title, run.options.epochs, run.steps) as shown:
        for epoch, row in enumerate(history):
            shown.tell_epoch(epoch, row)
        for epoch in range(len(history), run.options.epochs):
            watch = _watch(tf, run, epoch, shown)
            history.append(_epoch(tf, model, _Epoch(run, epoch, aim, validation), [*callbacks, watch]))
            run.checkpoint.save(model, history)
            shown.tell_epoch(epoch, history[-1])
            shown.epoch(epoch, history[-1])
            gc.collect()  # Keras leaves each epoch's copy of the data in reference cycles
    return history


def _compile(tf: Any, model: Any, run: Run, aim: Labels | Distilled) -> None:
    model.compile(_optimizer(tf, run), aim.loss, metrics=[_named(tf, aim.metric)])


def _named(tf: Any, metric: Any) -> Any:
    return metric if isinstance(metric, str) else tf.keras.metrics.MeanMetricWrapper(metric, name="accuracy")


def _optimizer(tf: Any, run: Run) -> Any:
    decay = {"weight_decay": run.options.weight_decay} if run.options.weight_decay else {}
    optimizer = getattr(tf.keras.optimizers, OPTIMIZERS[run.options.optimizer])(_learning_rate(tf, run), **decay)
    if decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _learning_rate(tf: Any, run: Run) -> Any:
    """A number, or a schedule over the steps of the whole training that the optimizer's step counter drives."""
    rate, decay = run.options.learning_rate, run.options.decay
    if decay == "none":
        return rate
    warm = run.options.warmup_epochs * run.steps
    falling = run.options.epochs * run.steps - warm
    cosine = tf.keras.optimizers.schedules.CosineDecay
    return cosine(0.0, falling, warmup_target=rate, warmup_steps=warm) if warm else cosine(rate, falling)


@dataclass(frozen=True)
class _Epoch:
    """One epoch of a run: its number from 0, what is minimised, and the validation data as `fit` takes them."""

    run: Run
    number: int
    aim: Labels | Distilled
    validation: tuple[Any, Any]


def _epoch(tf: Any, model: Any, epoch: _Epoch, callbacks: Sequence[Any]) -> dict[str, float]:
    import numpy as np

    data, options = epoch.run.data, epoch.run.options
    seed = [options.seed, epoch.number]
    order = np.random.default_rng(seed).permutation(len(data.train_x))
    _reseed(tf, model, int(np.random.SeedSequence(seed).generate_state(1)[0] >> 1))
    x = augmented(data.train_x[order], options.augment, seed)
    done = model.fit(
        x,
        epoch.aim.targets(x, data.train_y[order]),
        batch_size=options.batch_size,
        epochs=1,
        shuffle=False,
        verbose=0,
        validation_data=epoch.validation,
        validation_batch_size=1000,
        callbacks=list(callbacks),
    )
    return {name: float(values[0]) for name, values in done.history.items()}


def _watch(tf: Any, run: Run, epoch: int, shown: Progress) -> Any:
    """A Keras callback that shows each step and stops at the first loss that is no number."""

    def after_step(step: int, logs: dict[str, float]) -> None:
        if not math.isfinite(logs["loss"]):  # the mean over the epoch so far: once NaN, always NaN
            raise _no_number(run, epoch, step, logs["loss"])
        shown.step(epoch, step + 1, logs)

    return tf.keras.callbacks.LambdaCallback(on_train_batch_end=after_step)


def _no_number(run: Run, epoch: int, step: int, loss: float) -> UserError:
    kept = f"; the state after epoch {epoch} is kept in {run.checkpoint.path}" if epoch else ""
    return UserError(
        run.title,
        f"the loss is no number any more at epoch {epoch + 1}, step {step + 1} "
        f"(step {epoch * run.steps + step + 1} of {run.options.epochs * run.steps})",
        got=loss,
        hint=f"lower the learning rate ({run.options.learning_rate:g}), or look for odd values in the data{kept}",
    )


def _reseed(tf: Any, model: Any, seed: int) -> None:
    """Start every random generator of the training anew, so that an epoch does not depend on those before it."""
    tf.keras.utils.set_random_seed(seed)
    random = [part._random_generator for part in model.submodules if hasattr(part, "_random_generator")]
    for number, generator in enumerate(random):
        if getattr(generator, "_generator", None) is not None:
            generator._generator.reset_from_seed(seed + number)
    if random:  # dropout and its like keep their state in the compiled step
        model.make_train_function(force=True)
