"""The training loop: one epoch at a time, each seeded by itself, so that a resumed training gives the same bytes."""

from __future__ import annotations

import gc
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgewright.datasets import Split
from edgewright.errors import UserError
from edgewright.sections.task import Learning
from edgewright.sections.train import Train
from edgewright.several import for_keras
from edgewright.source import fault_in
from edgewright.tasks import function_of
from edgewright.training import weighting
from edgewright.training.augment import augmented
from edgewright.training.checkpoint import Checkpoint, History
from edgewright.training.objective import Aim, Distilled, Teacher, Truth, objective
from edgewright.training.progress import Progress, progress
from edgewright.training.quiet import say
from edgewright.training.schedules import learning_rate
from edgewright.training.stopping import Stopping, stopping

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "nadam": "Nadam", "rmsprop": "RMSprop", "sgd": "SGD"}


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


@dataclass(frozen=True)
class Lesson:
    """What is to be learned: the task, the data, and the model's model.py, for functions of one's own."""

    task: Learning
    data: Split
    source: Path | None = None


def run_of(title: str, lesson: Lesson, options: Train, checkpoint: Checkpoint, teacher: Teacher | None = None) -> Run:
    """The training of a lesson; UserError where its weights or functions make no sense."""
    aim = Aim(lesson.task, options.label_smoothing, lesson.source)
    weights = weighting.weights(options, lesson.task, lesson.data, lesson.source)
    return Run(title, lesson.data, options, checkpoint, teacher, aim, weights)


def fit(tf: Any, model: Any, run: Run, callbacks: Sequence[Any] = ()) -> History:
    """Train `model` in place, from the last checkpoint if there is one.

    Returns:
        A row an epoch: loss, val_loss, and the metric that is shown ("accuracy" or "mae") with its val_; of several
        outputs those of each with its name.
    """
    aim = objective(tf, run.aim, run.teacher, model)
    model.compile(_optimizer(tf, run), **aim.compiled)
    history, best = run.checkpoint.restore(model)
    callbacks = [*callbacks, *_own(tf, run)]
    rule = stopping(run.options.early_stopping, aim.shown)
    if history:
        say(f"{run.title}: goes on after epoch {len(history)} of {run.options.epochs}")
    validation = (for_keras(run.data.validation_x), aim.targets(run.data.validation_x, run.data.validation_y))
    with progress(run.title, run.options.epochs, run.steps, aim.shown) as shown:
        for epoch, row in enumerate(history):
            shown.tell_epoch(epoch, row)
        for epoch in range(len(history), run.options.epochs):
            if rule and rule.is_over(history):
                break
            watch = _watch(tf, run, epoch, shown)
            history.append(_epoch(tf, model, _Epoch(run, epoch, aim, validation), [*callbacks, watch]))
            best = model.get_weights() if rule and rule.is_best(history) else best
            run.checkpoint.save(model, history, best)
            shown.tell_epoch(epoch, history[-1])
            shown.epoch(epoch, history[-1])
            gc.collect()  # Keras leaves each epoch's copy of the data in reference cycles
    if rule and best:
        _end(model, run, rule, history, best)
    return history


def _end(model: Any, run: Run, rule: Stopping, history: History, best: list[Any]) -> None:
    """The weights of the best epoch, which is told."""
    model.set_weights(best)
    early = "ends early, " if len(history) < run.options.epochs else ""
    say(f"{run.title}: {early}with the weights of epoch {rule.best(history) + 1}, whose {rule.key} is the best")


def _own(tf: Any, run: Run) -> list[Any]:
    """The callbacks that `[train]` names."""
    found = []
    for name in run.options.callbacks:
        function = function_of(name, run.aim.source)
        try:
            found.append(function())
        except Exception as error:
            raise fault_in(run.aim.source or Path("model.py"), error) from error
        if not isinstance(found[-1], tf.keras.callbacks.Callback):
            got, allowed = type(found[-1]).__name__, "a tf.keras.callbacks.Callback"
            raise UserError(f"[train] callbacks: {name}", "gives no callback", got=got, allowed=allowed)
    return found


def _optimizer(tf: Any, run: Run) -> Any:
    decay = {"weight_decay": run.options.weight_decay} if run.options.weight_decay else {}
    optimizer = getattr(tf.keras.optimizers, OPTIMIZERS[run.options.optimizer])(
        learning_rate(tf, run.options, run.steps), **decay
    )
    if decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


@dataclass(frozen=True)
class _Epoch:
    """One epoch of a run: its number from 0, what is minimised, and the validation data as `fit` takes them."""

    run: Run
    number: int
    aim: Truth | Distilled
    validation: tuple[Any, Any]


def _epoch(tf: Any, model: Any, epoch: _Epoch, callbacks: Sequence[Any]) -> dict[str, float]:
    import numpy as np

    data, options = epoch.run.data, epoch.run.options
    seed = [options.seed, epoch.number]
    order = np.random.default_rng(seed).permutation(len(data.train_x))
    _reseed(tf, model, int(np.random.SeedSequence(seed).generate_state(1)[0] >> 1))
    x = augmented(data.train_x[order], options.augment, seed, epoch.run.aim.source)
    weighted = {} if epoch.run.weights is None else {"sample_weight": epoch.run.weights[order]}
    done = model.fit(
        for_keras(x),
        epoch.aim.targets(x, data.train_y[order]),
        **weighted,
        batch_size=options.batch_size,
        initial_epoch=epoch.number,
        epochs=epoch.number + 1,
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
