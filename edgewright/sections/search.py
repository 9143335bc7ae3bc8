"""`[search]` of a target or of a file in search/: what may vary, what is wanted, and what must hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from edgewright import kinds
from edgewright.files import canonical_json
from edgewright.sections.section import Section, fault
from edgewright.units import Seconds

Value: TypeAlias = bool | int | float | kinds.Line | list[dict[str, Any]] | dict[str, Any]
"""What a key of a target file may be set to."""

Figure: TypeAlias = kinds.Line
"""The name of a figure, or the keys that lead to it in a report, with dots between them."""


class Range(Section):
    """Numbers from `low` to `high`; whole ones where both are whole."""

    low: int | float = Field(description="the least", examples=[0.3])
    high: int | float = Field(description="the most", examples=[0.9])
    step: int | float | None = Field(default=None, gt=0, description="between two of them", examples=[8])
    log: bool = Field(default=False, description="each factor is as likely, in place of each difference")

    @model_validator(mode="before")
    @classmethod
    def _is_range(cls, data: Any) -> Any:
        if isinstance(data, dict) and data and not {"low", "high"} & set(data):
            hint = 'a key with dots stands in quotes: "quantize.scheme" = ["int8", "int16x8"]'
            raise fault("is no range", allowed="a list of values, or a table with low and high", hint=hint)
        return data

    @model_validator(mode="after")
    def _is_one(self) -> Range:
        if self.low >= self.high:
            raise fault(f"low {self.low} is not below high {self.high}")
        if self.log and (self.low <= 0 or self.step is not None):
            raise fault("log = true needs low above 0 and no step")
        if self.is_whole and isinstance(self.step, float):
            raise fault(f"step {self.step} between whole numbers", allowed="a whole number")
        return self

    @property
    def is_whole(self) -> bool:
        """Whether just whole numbers are meant."""
        return isinstance(self.low, int) and isinstance(self.high, int)


def _several(choices: list[Value]) -> list[Value]:
    """Several values, each once: Optuna would take one that it has twice more often."""
    texts = [canonical_json(each) for each in choices]
    if len(set(texts)) < 2:
        raise fault("leaves nothing to choose", allowed="two values or more, or a table with low and high")
    if len(set(texts)) < len(texts):
        raise fault("holds a value twice", allowed="each value once")
    return choices


Choices: TypeAlias = Annotated[list[Value], AfterValidator(_several)]
"""What a key may be, one by one."""


class Bound(Section):
    """A figure that must not be worse."""

    figure: Figure = Field(description="its name, or its path in the report", examples=["ram"])
    most: int | float | kinds.Line | None = Field(
        default=None, description="at most so much, with a unit where it is a size or a time", examples=["24 KiB"]
    )
    least: int | float | kinds.Line | None = Field(
        default=None,
        description='at least so much; of a metric that is a share a number from 0 to 1, or "90 %"',
        examples=[0.9],
    )
    target: kinds.Name | None = Field(
        default=None, description="of which target; left out: the first named that can have it", examples=["mcu"]
    )

    @model_validator(mode="after")
    def _is_one(self) -> Bound:
        if self.most is None and self.least is None:
            raise fault("needs one of most and least")
        if self.most is not None and self.least is not None:
            raise fault("has both most and least", allowed="one of them: each side is a bound of its own")
        return self


class Quick(Section):
    """A cheap look at each trial first; what looks good is trained in full."""

    epochs: int | None = Field(default=None, ge=1, description="of training and of passes, at most", examples=[2])
    examples: int | None = Field(default=None, ge=1, description="training examples, at most", examples=[4000])
    share: float = Field(default=0.5, gt=0, lt=1, description="how many of the trials go on")
    first: int = Field(default=4, ge=2, description="so many trials go on in any case, to learn what the look is worth")

    @model_validator(mode="after")
    def _is_quick(self) -> Quick:
        if self.epochs is None and self.examples is None:
            raise fault("needs epochs or examples, or it is as slow as the real thing")
        return self


class Search(Section):
    """What a search tries, and by what it judges."""

    over: dict[kinds.Constant, Any] = Field(
        default={},
        description="keys of a target file, laid over each target that is searched",
        examples=[{"compress": [{"pass": "prune"}]}],
    )
    vary: dict[kinds.Line, Range | Choices] = Field(
        description="keys of a target file, and what they may be: a list, or a table with low and high",
        examples=[{"quantize.scheme": ["int8", "int16x8"]}],
    )
    objectives: list[Figure] = Field(
        default=["metric", "size"],
        min_length=1,
        description='figures to make as good as can be, each once: "flash"; "mcu: flash", of one target; '
        '"least transmit.gzip_bytes", a path in the report and which way is better',
        examples=[["metric", "flash"]],
    )
    bounds: list[Bound] = Field(
        default=[],
        description="what must hold besides the budgets of the targets",
        examples=[[{"figure": "ram", "most": "24 KiB"}, {"figure": "metric", "least": "90 %"}]],
    )
    hold: Literal["any", "all"] = Field(
        default="any",
        description="of several targets: a trial counts that is within the limits of any, or of all of them",
    )
    sampler: Literal["tpe", "nsga2", "random"] = Field(default="tpe", description="what chooses the next trial")
    trials: int = Field(default=40, ge=1, description="how many")
    time: Seconds | None = Field(default=None, gt=0, description="no further trial is begun after it")
    advise: bool = Field(
        default=True, description="begin with what edgewright advise finds of the passes that are searched"
    )
    seed: int = Field(default=0, ge=0, description="the same trials for the same seed")
    quick: Quick | None = Field(default=None, description="a cheap look at each trial first")
