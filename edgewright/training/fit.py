"""The training loop: one epoch at a time, each seeded by itself, so that a resumed training gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.datasets import Split
from edgewright.errors import UserError
from edgewright.sections.task import Learning
from edgewright.sections.train import Train
from edgewright.source import fault_in
from edgewright.tasks import function_of
from edgewright.training import weighting
from edgewright.training.checkpoint import Checkpoint, History
from edgewright.training.epochs import Epochs, Run
from edgewright.training.objective import Aim, Teacher, objective
from edgewright.training.progress import progress
from edgewright.training.quiet import say
from edgewright.training.schedules import learning_rate
from edgewright.training.stopping import Stopping, stopping

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "nadam": "Nadam", "rmsprop": "RMSprop", "sgd": "SGD"}


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
    model.stop_training = False
    history, best = run.checkpoint.restore(model)
    rule = stopping(run.options.early_stopping, aim.shown)
    if history:
        say(f"{run.title}: goes on after epoch {len(history)} of {run.options.epochs}")
    epochs = Epochs(tf, model, run, aim, [*callbacks, *_own(tf, run)])
    with progress(run.title, run.options.epochs, run.steps, aim.shown) as shown, epochs.begun():
        for epoch, row in enumerate(history):
            shown.tell_epoch(epoch, row)
        for epoch in range(len(history), run.options.epochs):
            if model.stop_training or (rule and rule.is_over(history)):
                break
            history.append(epochs.run(epoch, shown))
            best = model.get_weights() if rule and rule.is_best(history) else best
            run.checkpoint.save(model, history, best)
            shown.tell_epoch(epoch, history[-1])
            shown.epoch(epoch, history[-1])
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
