"""Compression passes, one module each; `prune.py` is the pass "prune" because it is there.

A pass module has

    OPTIONS: type[pydantic.BaseModel]
        the keys that a `[[compress]]` entry may have besides `pass`; unknown keys forbidden, ranges checked, every
        default filled in, so that equal options give equal dumps.

    apply(model, data, options, context) -> model            called with these four in order
        the compressed model: a tf.keras model without wrappers or masks, that can be saved as .h5 and still converts
        to full-integer TFLite. It may change `model`. Training is done by `context.fit` alone: it seeds, shuffles,
        shows progress, stops on NaN, and resumes after a kill. TensorFlow is imported in here, not at module level.

and may have

    check(options, facts, where) -> list[UserError]
        what OPTIONS alone cannot see: the options against the training that they will run in. `where` is the place of
        the entry ("targets/rpi.toml:12: compress[0]"). Called twice: when the target file is validated, then with
        `facts.examples` possibly None, and again before the pass runs, when all facts are known. Cheap.

    check_order(options, before, where) -> list[UserError]
        whether it makes sense after the entries `before` it, which are (name, options) in order: what they made must
        not be lost. Called when the target file is validated.

    inputs(options) -> list[str]
        files that it reads besides the model and the data, relative to the project's folder.

    layers(tf, model, options) -> list[str]
        the layers of `model` whose names may stand in `options.layers`, each of which is a choice of its own. A search
        takes them for `"compress[0].layers.*"`.

The stage around it loads and saves, counts weights, and proves the conversion. So a new pass is one file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from edgewright.metrics import Terms


@dataclass(frozen=True)
class Facts:
    """What a pass may check its options against.

    `examples`: training examples without validation, None when not known yet; `epochs`, `batch_size`: of `[train]`.
    """

    examples: int | None
    epochs: int
    batch_size: int


class Teacher(NamedTuple):
    """A model to learn from besides the labels.

    `model`: a Keras model with the student's outputs; of classes they are probabilities, float32 [N, classes];
    `temperature`: softens the outputs of both where they are of classes, p ** (1 / temperature); `share`: of the loss
    that is the distance to the teacher.
    """

    model: Any
    temperature: float = 4.0
    share: float = 0.9


class Context(Protocol):
    """What the stage offers to a pass."""

    @property
    def tf(self) -> Any:
        """The module `tensorflow`, started and seeded."""

    @property
    def seed(self) -> int:
        """The seed of `[train]`, for what a pass draws itself."""

    @property
    def facts(self) -> Facts:
        """What `check` got, all of it known by now."""

    def fit(
        self,
        model: Any,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        decay: str | None = None,
        teacher: Teacher | None = None,
        callbacks: Sequence[Any] = (),
    ) -> None:
        """Train `model` in place on the training data; None = as in the model's `[train]`.

        May be called several times in one pass, and must then be called in the same order each time: a killed pass runs
        again from its start, and each training goes on from its own checkpoint. The state of `callbacks` must be in
        variables of the model or its optimizer: a training that goes on begins with new ones. A callback's method
        `after_step()`, without arguments, is traced into the compiled step, behind the optimizer's.
        """

    @property
    def kind(self) -> str:
        """Of the model's task; "several outputs" where it has several."""

    @property
    def kinds(self) -> Mapping[str, str]:
        """Of each output by its name, where the task has several; else empty."""

    @property
    def terms(self) -> Terms:
        """How the metric is read that the model is judged by."""

    def worth(self, model: Any) -> float | None:
        """The metric on the validation data; None where there are none."""

    def loss(self, model: Any, x: Any, y: Any, batch: int = 500) -> float:
        """The mean of what training minimises, without a teacher and without softened labels, on examples."""

    def error(self, model: Any, x: Any, y: Any) -> Any:
        """The same of one batch as a tensor, for gradients; `y` as the data have it."""

    def reference(self) -> Any:
        """The float model as it was trained, before any pass; loaded anew with each call."""

    def once(self, name: str, compute: Callable[[], Any]) -> Any:
        """What `compute` gives, a JSON value, computed once even when the pass is killed and begins again."""

    def say(self, line: str) -> None:
        """Print one line for the user; what a pass prints itself is seen only when the stage fails."""

    def note(self, name: str, value: Any) -> None:
        """Put a JSON value under "notes" of the statistics: what the pass found and decided."""
