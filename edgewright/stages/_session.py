"""What a compression pass is given: training with checkpoints, progress and seeds (`edgewright.passes.Context`)."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any

from edgewright.datasets import Split
from edgewright.stages._checkpoint import Checkpoint, History, key_of
from edgewright.stages._fit import Run, fit
from edgewright.stages._objective import Teacher
from edgewright.stages._options import Training


class Session:
    """The context of one pass.

    Args:
        tf: the module `tensorflow`, started.
        args: the command line of the stage: name, options, model, out, source.
        data: what to train on.
        training: the model's `[train]`, the default of each `fit`.
    """

    def __init__(self, tf: Any, args: argparse.Namespace, data: Split, training: Training) -> None:
        self.tf = tf
        self.histories: list[History] = []
        self._data = data
        self._training = training
        self._out = args.out
        self._title = f"{args.name} {args.out.parent.parent.name}".rstrip()
        self._key = key_of([args.name, args.options], [args.model, *([args.source] if args.source else [])])
        self._checkpoints: list[Checkpoint] = []

    def fit(
        self,
        model: Any,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        teacher: Any = None,
        temperature: float = 4.0,
        share: float = 0.9,
        callbacks: Sequence[Any] = (),
    ) -> None:
        """See `edgewright.passes.Context.fit`. Each call has a checkpoint of its own, kept until the pass ends."""
        changes = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
        given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
        checkpoint = Checkpoint(self._out, self._key, len(self._checkpoints))
        self._checkpoints.append(checkpoint)
        guide = Teacher(teacher, temperature, share) if teacher is not None else None
        run = Run(self._title, self._data, dataclasses.replace(self._training, **given), checkpoint, guide)
        self.histories.append(fit(self.tf, model, run, callbacks))

    def close(self) -> None:
        """The pass is done: forget the checkpoints."""
        for checkpoint in self._checkpoints:
            checkpoint.remove()
