"""Whom a training learns from besides the labels: the keys that several passes share, and the teacher itself.

A pass with these options has `inputs` and `check` from here as its own, so that a teacher's file is an input of its
stage and is missed before anything is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from edgewright import kinds
from edgewright.errors import UserError
from edgewright.passes import Teacher
from edgewright.passes.keras_model import stored
from edgewright.several import for_keras

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.passes import Context, Facts

MADE_HERE = "build/"  # a teacher in here may still be trained by the same build
PROBABILITY_SLACK = 1e-3  # by which a sum of probabilities in float32 may miss 1
_HINT = "layers of the teacher's own must be registered in the student's model.py"
UNCOMPRESSED = "the uncompressed model"
_CLASSES = ("classification", "sequence")


class Taught(BaseModel):
    """Keys of a `[[compress]]` entry.

    `teacher`: path of a Keras file, None = the uncompressed model; `temperature` softens the outputs of teacher and
    student; `share`: of the loss that is the distance to the teacher. Passes that can do without a teacher add
    `distill`, which says whether there is one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    teacher: kinds.Path | None = Field(
        default=None, description="Keras file of the model to learn from; left out: the uncompressed model"
    )
    temperature: float = Field(
        default=4.0, ge=1, le=100, description="how much the outputs of teacher and student are softened"
    )
    share: float = Field(default=0.9, gt=0, le=1, description="of the loss that is the distance to the teacher")

    @field_validator("teacher")
    @classmethod
    def _is_a_keras_file(cls, path: str | None) -> str | None:
        if path is not None and not path.endswith((".h5", ".keras")):
            raise ValueError("must name a Keras model, an .h5 or .keras file")
        return path

    @model_validator(mode="after")
    def _is_listened_to(self) -> Taught:
        if self.teacher and not getattr(self, "distill", True):
            raise ValueError("teacher is for distill = true: without it nothing is learned from a teacher")
        return self


def inputs(options: Taught) -> list[str]:
    """The teacher's file."""
    return [options.teacher] if options.teacher else []


def check(options: Taught, _facts: Facts, where: str) -> Sequence[UserError]:
    """The teacher must be there before anything is built, if it is not built itself."""
    path = options.teacher
    if path is None or path.startswith(MADE_HERE) or Path(path).is_file():
        return []
    allowed = "a Keras model, .h5 or .keras, its path relative to the project's folder"
    return [UserError(f"{where}.teacher", "no such file", got=path, allowed=allowed)]


def teacher_of(options: Taught, student: Any, data: Split, context: Context) -> Teacher:
    """The teacher that the options name, for `context.fit`.

    Raises:
        UserError: its file is no Keras model, or it cannot teach this student.
    """
    model = stored.load(context.tf, Path(options.teacher), _HINT) if options.teacher else context.reference()
    if options.teacher:
        _refuse_strangers(options.teacher, model, student)
    kinds_ = [context.kinds.get(name, context.kind) for name in model.output_names]
    if set(kinds_) & set(_CLASSES):
        _refuse_other_outputs(options.teacher or UNCOMPRESSED, model, data, kinds_)
    return Teacher(model, options.temperature, options.share)


def _refuse_strangers(path: str, teacher: Any, student: Any) -> None:
    """A teacher that sees other examples or knows other classes cannot teach."""
    for what, theirs, ours in (
        ("sees examples of another shape than the student", teacher.input_shape, student.input_shape),
        ("knows other classes than the student", teacher.output_shape, student.output_shape),
    ):
        if theirs != ours:
            raise UserError(f"teacher {path}", what, got=_shape(theirs), allowed=_shape(ours))
    if len(student.outputs) > 1 and teacher.output_names != student.output_names:
        problem = "its outputs have other names than the student's"
        raise UserError(f"teacher {path}", problem, got=teacher.output_names, allowed=student.output_names)


def _shape(shape: Any) -> str:
    """[N, 28, 28, 1] for (None, 28, 28, 1); models with several inputs have a list of them."""
    if isinstance(shape, (list, dict)):
        return str(shape)
    return "[" + ", ".join("N" if size is None else str(size) for size in shape) + "]"


def _refuse_other_outputs(name: str, teacher: Any, data: Split, kinds_: Sequence[str]) -> None:
    """Logits for instance: the loss would be no number from the first step on."""
    import numpy as np

    found = teacher.predict(for_keras(data.train_x[:100]), verbose=0)
    for kind, outputs in zip(kinds_, found if isinstance(found, list) else [found], strict=True):
        probable = np.all(outputs >= 0) and np.allclose(outputs.sum(axis=-1), 1, atol=PROBABILITY_SLACK)
        if kind in _CLASSES and not probable:
            raise UserError(f"teacher {name}", "its outputs are no probabilities", hint="end the model with a softmax")
