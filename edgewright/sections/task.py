"""`[task]` of a model: what its outputs are to tell, what training minimises, and what the model is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field, model_validator

from edgewright import kinds, metrics
from edgewright.errors import did_you_mean
from edgewright.metrics import Better
from edgewright.sections.section import Section, fault

Kind = Literal["classification", "sequence", "binary", "multi-label", "regression", "reconstruction"]

OWN = ":"
"""In the name of a loss or a metric that is a function of the user's: "model:focal"."""

_CLASSES = ("classification", "sequence")
_YES_OR_NO = ("binary", "multi-label")
_NUMBERS = ("regression", "reconstruction")

ONE_HOT = ("categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence", "categorical_hinge")
"""Losses that take the class of an example as a row of zeros with a one."""

LOSSES = {
    **dict.fromkeys(("sparse_categorical_crossentropy", *ONE_HOT), _CLASSES),
    **dict.fromkeys(("binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge"), _YES_OR_NO),
    **dict.fromkeys(("mean_squared_error", "mean_absolute_error", "mse", "mae", "huber", "log_cosh"), _NUMBERS),
    **dict.fromkeys(("mean_absolute_percentage_error", "mean_squared_logarithmic_error"), _NUMBERS),
    **dict.fromkeys(("mape", "msle", "poisson", "cosine_similarity"), _NUMBERS),
}
"""Losses of Keras that are reached by their names, and the kinds of tasks that they fit."""

DEFAULT_LOSS = {
    **dict.fromkeys(_CLASSES, "sparse_categorical_crossentropy"),
    **dict.fromkeys(_YES_OR_NO, "binary_crossentropy"),
    **dict.fromkeys(_NUMBERS, "mean_squared_error"),
}


_OUTPUT = {"name": "angle", "kind": "regression"}


class Learned(Section):
    """What an output is trained for."""

    kind: Kind = Field(
        default="classification",
        description="classification: one class an example; sequence: one each step; binary: yes or no; multi-label:"
        " several of those; regression: numbers; reconstruction: the input again, whose error tells anomalies",
    )
    loss: kinds.Function | None = Field(
        default=None,
        description='what is minimised: its name in Keras, or "model:function" of model.py; left out: the usual one',
        examples=["huber"],
    )

    @property
    def minimised(self) -> str:
        """The loss, or the usual one of the kind."""
        return self.loss or DEFAULT_LOSS[self.kind]

    @model_validator(mode="after")
    def _loss_fits(self) -> Learned:
        if self.loss is None or OWN in self.loss or self.kind in LOSSES.get(self.loss, ()):
            return self
        allowed = sorted(name for name, fits in LOSSES.items() if self.kind in fits)
        problem = f'{self.loss!r} is no loss for kind = "{self.kind}"'
        raise fault(problem, allowed=", ".join([*allowed, '"model:function"']), hint=did_you_mean(self.loss, allowed))


class Judged(Learned):
    """The same, and what it is judged by."""

    metric: kinds.Function | None = Field(
        default=None,
        description="what a good model is judged by, in each step of a build; left out: the usual one of the kind",
        examples=["rmse"],
    )
    metrics: list[kinds.Function] = Field(
        default=[], description="what is told of it besides", examples=[["balanced_accuracy", "f1"]]
    )
    unit: kinds.Line = Field(default="", description="unit of the numbers that a regression gives", examples=["kWh"])
    better: Better | None = Field(
        default=None,
        description='of a metric of one\'s own: whether "more" or "less" of it is the better',
        examples=["less"],
    )

    @property
    def judged_by(self) -> str:
        """The name of the metric."""
        return self.metric or metrics.KINDS[self.kind]

    @property
    def told(self) -> Sequence[str]:
        """All metrics, the one that it is judged by first."""
        return list(dict.fromkeys((self.judged_by, *self.metrics)))

    @model_validator(mode="after")
    def _metrics_fit(self) -> Judged:
        for name in self.told:
            if OWN not in name and metrics.find(name, self.kind) is None:
                allowed = list(metrics.fitting(self.kind))
                problem = f'{name!r} is no metric for kind = "{self.kind}"'
                hint = did_you_mean(name, allowed)
                raise fault(problem, allowed=", ".join([*allowed, '"model:function"']), hint=hint)
        own = OWN in self.judged_by
        if own != (self.better is not None):
            told = "says of a metric of one's own which way is better" if self.better else "is missing"
            raise fault(f"better {told}", allowed='"more" or "less", where metric = "module:function"')
        return self


class LearnedOutput(Learned):
    """One of several outputs."""

    name: kinds.Name = Field(description="name of the layer that gives it", examples=["angle"])
    weight: float = Field(default=1.0, gt=0, description="of its loss in the sum")


class Output(Judged, LearnedOutput):
    """One of several outputs, and what it is judged by."""


O = TypeVar("O", LearnedOutput, Output)  # noqa: E741 - outputs


class Outputs(Section, Generic[O]):
    """Several outputs, each with what it is for."""

    outputs: list[O] = Field(
        default=[], description="of a model with several: a table [[task.outputs]] each", examples=[[_OUTPUT]]
    )


class Learning(Learned, Outputs[LearnedOutput]):
    """What training reads of a task."""

    @property
    def goals(self) -> Sequence[Learned]:
        """One for each output."""
        return self.outputs or [self]

    @property
    def names(self) -> Sequence[str]:
        """Those of the outputs; none where there is only one."""
        return [output.name for output in self.outputs]


class Task(Judged, Outputs[Output]):
    """What the model is for. A model with several outputs is judged by its first."""

    false_alarms: float = Field(
        default=0.01,
        gt=0,
        lt=1,
        description="reconstruction: share of the normal validation examples that its threshold takes for anomalies",
    )

    @property
    def goals(self) -> Sequence[Judged]:
        """One for each output."""
        return self.outputs or [self]

    @property
    def names(self) -> Sequence[str]:
        """Those of the outputs; none where there is only one."""
        return [output.name for output in self.outputs]

    @property
    def has_own_metrics(self) -> bool:
        """Whether functions of the user's tell what the model is worth."""
        return any(OWN in name for goal in self.goals for name in goal.told)

    @property
    def learning(self) -> Learning:
        """What training reads of it."""
        if not self.outputs:
            return Learning(kind=self.kind, loss=self.loss)
        each = [LearnedOutput(name=o.name, kind=o.kind, loss=o.loss, weight=o.weight) for o in self.outputs]
        return Learning(outputs=each)

    @model_validator(mode="before")
    @classmethod
    def _one_place(cls, values: Any) -> Any:
        """What outputs say, the section itself leaves out."""
        said = sorted(set(values) & set(Judged.model_fields)) if isinstance(values, dict) else []
        if said and values.get("outputs"):
            problem = f"{said[0]} belongs to the outputs, where there are several"
            raise fault(problem, hint="put it into each of them")
        return values

    @model_validator(mode="after")
    def _outputs_differ(self) -> Task:
        if len(set(self.names)) < len(self.names):
            raise fault("two outputs have the same name")
        if any(output.kind == "reconstruction" for output in self.outputs):
            raise fault("a reconstruction is the only output of its model")
        return self
