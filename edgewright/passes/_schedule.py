"""When the sparsity of a pruning rises: M. Zhu, S. Gupta, "To prune, or not to prune" (2017), arXiv:1710.01878."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

LONGEST_FREQUENCY = 100  # steps between two updates of the masks, when the user names none
POWER = 3.0


class Schedule(BaseModel):
    """Sparsity over training steps (batches, counted from 0 over all epochs of the pass).

    "polynomial" rises from `initial` at `begin_step` to `final` at `end_step`; "constant" is `final` from `begin_step`
    on. After `end_step` the masks stay. `end` says the same as a share of the training. Without either a polynomial
    ends half way between `begin_step` and the end of the training, and the masks of a constant follow the weights to
    the end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["polynomial", "constant"] = Field(
        default="polynomial", description="how sparsity rises: along a polynomial, or at once"
    )
    initial: float = Field(default=0.0, ge=0, lt=1, description="share of zeros at the beginning")
    final: float = Field(default=0.5, gt=0, lt=1, description="share of zeros at the end")
    begin_step: int = Field(default=0, ge=0, description="training step of the first zeros")
    end_step: int | None = Field(
        default=None,
        ge=1,
        description="training step by which the final share is reached; left out: half way to the end",
    )
    end: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="the same as a share of the training, whatever its length; rounded down to a multiple of frequency",
        examples=[0.8],
    )
    frequency: int | None = Field(
        default=None, ge=1, description="steps from one update of the masks to the next; left out: at most 100"
    )
    power: float = Field(default=POWER, gt=0, description="exponent of the polynomial")

    @model_validator(mode="after")
    def _consistent(self) -> Schedule:
        if self.end_step is not None and self.end is not None:
            raise ValueError("end_step and end say the same: one of them is enough")
        if self.end_step is not None and self.end_step <= self.begin_step:
            raise ValueError(f"end_step ({self.end_step}) must be greater than begin_step ({self.begin_step})")
        if self.kind == "constant":
            self._rises_not()
        else:
            self._rises_to_the_end()
        return self

    def _rises_not(self) -> None:
        if self.initial or self.power != POWER:
            name = "initial" if self.initial else "power"
            raise ValueError(f"{name} belongs to kind 'polynomial': a constant schedule is at final from begin_step on")

    def _rises_to_the_end(self) -> None:
        if self.initial > self.final:
            raise ValueError(f"final ({self.final}) must not be less than initial ({self.initial})")
        if self.end_step is not None and (self.end_step - self.begin_step) % self.update_every:
            raise ValueError(
                f"frequency ({self.frequency}) must divide end_step - begin_step ({self.end_step - self.begin_step}), "
                f"or the last update comes before end_step and final is never reached"
            )

    @property
    def update_every(self) -> int:
        """Steps from one update of the masks to the next: `frequency`, else the largest fitting number up to 100."""
        if self.frequency or self.end_step is None:
            return self.frequency or LONGEST_FREQUENCY
        span = self.end_step - self.begin_step
        return next(n for n in range(LONGEST_FREQUENCY, 0, -1) if span % n == 0)

    def _asked_end(self, steps: int) -> int | None:
        """`end_step`, or `end` in steps."""
        return self.end_step if self.end is None else int(steps * self.end)

    def last_step(self, steps: int) -> int:
        """Where the sparsity reaches `final` in a training of `steps` steps; beyond its end if that is too short."""
        if self.kind == "constant":
            return max(1, self.begin_step)
        if self.end_step is not None:
            return self.end_step
        span = (self._asked_end(steps) or (steps + self.begin_step) // 2) - self.begin_step
        every = self.frequency or max(1, min(LONGEST_FREQUENCY, span))
        return self.begin_step + max(every, span - span % every)

    def of_layer(self, sparsity: Any, final: float, steps: int) -> Any:
        """The schedule of a layer that ends at `final`, 0 < final < 1; `sparsity`: tensorflow_model_optimization's."""
        if self.kind == "constant":
            begin, end = max(1, self.begin_step), self._asked_end(steps) or -1
            return sparsity.ConstantSparsity(final, begin, end, self.update_every)
        fixed = self.model_copy(update={"end_step": self.last_step(steps)})
        return sparsity.PolynomialDecay(
            initial_sparsity=min(self.initial, final),
            final_sparsity=final,
            begin_step=self.begin_step,
            end_step=fixed.end_step,
            power=self.power,
            frequency=fixed.update_every,
        )
