"""Distillation: the model as it is now learns from a better one, by default from itself before it was compressed.

Algorithm: G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network" (2015), arXiv:1503.02531: the
student learns the teacher's softened probabilities of all classes, which tell it more than a label does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import field_validator

from edgewright.errors import UserError
from edgewright.passes._guided import Guided, learn
from edgewright.passes._order import ON_A_GRID, not_after

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.passes import Context, Facts

MADE_HERE = "build/"  # a teacher in here may still be trained by the same build
PROBABILITY_SLACK = 1e-3  # by which a sum of probabilities in float32 may miss 1


class Options(Guided):
    """Keys of the `[[compress]]` entry; `teacher`: path of a Keras file, None = the uncompressed model."""

    teacher: str | None = None

    @field_validator("teacher")
    @classmethod
    def _is_a_keras_file(cls, path: str | None) -> str | None:
        if path is not None and not path.endswith((".h5", ".keras")):
            raise ValueError("must name a Keras model, an .h5 or .keras file")
        return path


OPTIONS = Options


def inputs(options: Options) -> list[str]:
    """The teacher's file."""
    return [options.teacher] if options.teacher else []


def check(options: Options, _facts: Facts, where: str) -> list[UserError]:
    """The teacher must be there before anything is built, if it is not built itself."""
    path = options.teacher
    if path is None or path.startswith(MADE_HERE) or Path(path).is_file():
        return []
    allowed = "a Keras model, .h5 or .keras, its path relative to the project's folder"
    return [UserError(f"{where}.teacher", "no such file", got=path, allowed=allowed)]


def refuses(_options: Options, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """No training after weights were put on a grid."""
    return not_after("distill", ON_A_GRID, before, where)


def apply(model: Any, data: Split, options: Options, context: Context) -> Any:
    """The model with the same shapes and other weights; what an earlier `prune` made zero stays zero."""
    teacher = _load(options.teacher, context.tf) if options.teacher else context.reference()
    if options.teacher:
        _refuse_strangers(options.teacher, teacher, model)
    _refuse_other_outputs(options.teacher or "the uncompressed model", teacher, data)
    context.note("teacher", {"file": options.teacher, "weights": teacher.count_params()})
    context.note("teacher_validation_accuracy", _accuracy(teacher, data))
    learn(model, teacher, options, context)
    return model


def _load(path: str, tf: Any) -> Any:
    if not Path(path).is_file():
        raise UserError(path, "no such file", allowed="a Keras model, .h5 or .keras")
    try:
        return tf.keras.models.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError) as error:
        hint = "layers of the teacher's own must be registered in the student's model.py"
        problem = f"cannot be read as a Keras model: {str(error).splitlines()[0]}"
        raise UserError(path, problem, hint=hint) from error


def _refuse_strangers(path: str, teacher: Any, student: Any) -> None:
    """A teacher that sees other examples or knows other classes cannot teach."""
    for what, theirs, ours in (
        ("sees examples of another shape than the student", teacher.input_shape, student.input_shape),
        ("knows other classes than the student", teacher.output_shape, student.output_shape),
    ):
        if theirs != ours:
            raise UserError(f"teacher {path}", what, got=_shape(theirs), allowed=_shape(ours))


def _shape(shape: Any) -> str:
    """[N, 28, 28, 1] for (None, 28, 28, 1); models with several inputs have a list of them."""
    if isinstance(shape, (list, dict)):
        return str(shape)
    return "[" + ", ".join("N" if size is None else str(size) for size in shape) + "]"


def _refuse_other_outputs(name: str, teacher: Any, data: Split) -> None:
    """Logits for instance: the loss would be no number from the first step on."""
    import numpy as np

    outputs = teacher.predict(data.train_x[:100], verbose=0)
    if np.all(outputs >= 0) and np.allclose(outputs.sum(axis=-1), 1, atol=PROBABILITY_SLACK):
        return
    raise UserError(f"teacher {name}", "its outputs are no probabilities", hint="end the model with a softmax")


def _accuracy(model: Any, data: Split) -> float:
    """The share of the validation examples that the model classifies right."""
    import numpy as np

    found = model.predict(data.validation_x, batch_size=500, verbose=0).argmax(axis=-1)
    return round(float(np.mean(found == data.validation_y.reshape(-1))), 6)
