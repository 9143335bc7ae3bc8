"""Compression passes, one module each; `prune.py` is the pass "prune" because it is there.

A pass module has

    OPTIONS: type[pydantic.BaseModel]
        the keys that a `[[compress]]` entry may have besides `pass`; unknown keys forbidden, ranges checked, every
        default filled in, so that equal options give equal dumps.

    check(options, facts, where) -> list[UserError]          optional
        what OPTIONS alone cannot see: the options against the training that they will run in. `where` is the place of
        the entry ("targets/rpi.toml:12: compress[0]"). Called twice: when the target file is validated, then with
        `facts.examples` possibly None, and again before the pass runs, when all facts are known. Cheap.

    apply(model, data, options, context) -> model            called with these four in order
        the compressed model: a tf.keras model without wrappers or masks, that can be saved as .h5 and still converts
        to full-integer TFLite. It may change `model`. Training is done by `context.fit` alone: it seeds, shuffles,
        shows progress, stops on NaN, and resumes after a kill. TensorFlow is imported in here, not at module level.

The stage around it loads and saves, counts weights, and proves the conversion. So a new pass is one file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Facts:
    """What a pass may check its options against.

    `examples`: training examples without validation, None when not known yet; `epochs`, `batch_size`: of `[train]`.
    """

    examples: int | None
    epochs: int
    batch_size: int


class Context(Protocol):
    """What the stage offers to a pass."""

    @property
    def tf(self) -> Any:
        """The module `tensorflow`, started and seeded."""

    def fit(
        self,
        model: Any,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        callbacks: Sequence[Any] = (),
    ) -> None:
        """Train `model` in place on the training data; None = as in the model's `[train]`.

        May be called several times in one pass. The state of `callbacks` must be in variables of the model or its
        optimizer: they are begun anew with each epoch, and a killed training goes on in another process.
        """
