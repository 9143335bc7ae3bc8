"""What a compression pass is given: training with checkpoints, progress and seeds (`edgewright.passes.Context`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from edgewright import passes
from edgewright.datasets import Split
from edgewright.errors import UserError
from edgewright.files import write_json
from edgewright.metrics import Terms
from edgewright.options import sections
from edgewright.options.compress import Options
from edgewright.several import for_keras
from edgewright.tasks import judged_by, value
from edgewright.training import keras
from edgewright.training.checkpoint import Checkpoint, History, key_of
from edgewright.training.ends import outputs_of
from edgewright.training.fit import Lesson, fit, run_of
from edgewright.training.judge import validation
from edgewright.training.losses import LEAST
from edgewright.training.objective import Aim, Teacher, Truth
from edgewright.training.quiet import say


class Session:
    """The context of one pass.

    Args:
        tf: the module `tensorflow`, started.
        options: those of the stage; its `[train]` is the default of each `fit`.
        data: what to train on.
        own: further files that the pass reads, and those behind the data.
    """

    def __init__(self, tf: Any, options: Options, data: Split, own: Sequence[str | Path] = ()) -> None:
        training = options.train
        self.tf = tf
        self.seed = training.seed
        self.facts = passes.Facts(len(data.train_x), training.epochs, training.batch_size)
        self.histories: list[History] = []
        self.notes: dict[str, Any] = {}
        self._options = options
        self._lesson = Lesson(options.task.learning, data, options.source)
        self._truths = validation(data, options.task, options.source)
        self._title = f"{options.pass_} {options.out.parent.parent.name}".rstrip()
        files = (options.model, options.reference, options.source, *map(Path, own))
        read = [path for path in files if path and path.is_file()]
        self._key = key_of([options.pass_, sections(options)], read)
        self._checkpoints: list[Checkpoint] = []
        self._remembered = options.out.with_name(f".{options.out.name}.remembered.json")

    def fit(
        self,
        model: Any,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        decay: str | None = None,
        teacher: passes.Teacher | None = None,
        callbacks: Sequence[Any] = (),
    ) -> None:
        """See `edgewright.passes.Context.fit`. Each call has a checkpoint of its own, kept until the pass ends."""
        changes = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "decay": decay}
        given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
        # what is trained already needs no warm-up; passes count epochs, and bring what an epoch of their own does
        given |= {"warmup_epochs": 0, "early_stopping": None, "fit": None}
        train = self._options.train.model_copy(update=given)
        checkpoint = Checkpoint(self._options.out, self._key, len(self._checkpoints))
        self._checkpoints.append(checkpoint)
        guide = Teacher(*teacher) if teacher else None
        run = run_of(self._title, self._lesson, train, checkpoint, guide)
        self.histories.append(fit(self.tf, model, run, callbacks))

    @property
    def kind(self) -> str:
        """See `edgewright.passes.Context.kind`."""
        return self._options.task.kind if not self._options.task.outputs else "several outputs"

    @property
    def kinds(self) -> dict[str, str]:
        """See `edgewright.passes.Context.kinds`."""
        return {output.name: output.kind for output in self._options.task.outputs}

    @property
    def terms(self) -> Terms:
        """See `edgewright.passes.Context.terms`."""
        return judged_by(self._truths).terms

    def worth(self, model: Any) -> float | None:
        """See `edgewright.passes.Context.worth`."""
        if not len(self._truths):
            return None
        found = model.predict(for_keras(self._truths.inputs), batch_size=500, verbose=0)
        return value(outputs_of(model, found, self._truths.task.names), self._truths)

    def loss(self, model: Any, x: Any, y: Any, batch: int = 500) -> float:
        """See `edgewright.passes.Context.loss`."""
        if self.kind == "classification" and self._options.task.loss is None:
            return _cross_entropy(model.predict(for_keras(x), batch_size=batch, verbose=0), y)
        parts = [slice(start, start + batch) for start in range(0, len(x), batch)]
        return sum(float(self.error(model, x[part], y[part])) * len(x[part]) for part in parts) / len(x)

    def error(self, model: Any, x: Any, y: Any) -> Any:
        """See `edgewright.passes.Context.error`."""
        truth = Truth(self.tf, Aim(self._lesson.task, 0.0, self._options.source), model)
        return truth.mean_error(truth.targets(x, y), model(for_keras(x), training=False))

    def reference(self) -> Any:
        """See `edgewright.passes.Context.reference`."""
        if self._options.reference is None:
            raise UserError("--reference", "this pass needs it", allowed="the float model, an .h5 file")
        return keras.load(self.tf, self._options.reference, self._options.source)

    def once(self, name: str, compute: Callable[[], Any]) -> Any:
        """See `edgewright.passes.Context.once`."""
        kept = self._read()
        if name not in kept:
            kept[name] = compute()
            write_json(self._remembered, {"key": self._key, "values": kept})
        return kept[name]

    def say(self, line: str) -> None:
        """See `edgewright.passes.Context.say`."""
        say(f"{self._title}: {line}")

    def note(self, name: str, value: Any) -> None:
        """See `edgewright.passes.Context.note`."""
        self.notes[name] = value

    def close(self) -> None:
        """The pass is done: forget the checkpoints."""
        for checkpoint in self._checkpoints:
            checkpoint.remove()
        self._remembered.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        """What an earlier run of the very same pass computed."""
        try:
            found = json.loads(self._remembered.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        values: dict[str, Any] = found["values"] if found.get("key") == self._key else {}
        return values


def _cross_entropy(outputs: Any, classes: Any) -> float:
    """The mean, in nats; a probability of 0 counts as one that is very small."""
    import numpy as np

    right = np.take_along_axis(outputs, classes.reshape(-1, 1), axis=1)
    return float(-np.log(np.maximum(right, LEAST)).mean())
