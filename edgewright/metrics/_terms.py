"""A metric's own terms: which way is better, and in what its values and their differences are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Better = Literal["more", "less"]


@dataclass(frozen=True)
class Terms:
    """How the values of a metric are read.

    Attributes:
        title: what a person reads: "accuracy".
        better: whether the greater or the smaller of two values is the better one.
        share: a share of examples, told in per cent, its differences in points; otherwise a number.
        unit: behind a number; "" where it has none.
    """

    title: str
    better: Better = "more"
    share: bool = False
    unit: str = ""

    @property
    def more_is_better(self) -> bool:
        """Whether the greater of two values is the better one."""
        return self.better == "more"

    def show(self, value: float) -> str:
        """A value for people."""
        return f"{100 * value:.2f} %" if self.share else self._number(value)

    def difference(self, value: float, *, sign: bool = False) -> str:
        """A difference of two values, or a limit of one, for people; `sign`: with + where it is positive."""
        plus = "+" if sign and value >= 0 else ""
        return f"{plus}{100 * value:.2f} points" if self.share else plus + self._number(value)

    def span(self, ends: tuple[float, float] | list[float]) -> str:
        """An interval for people: "88.90 to 90.40 %"."""
        low, high = ends
        return f"{100 * low:.2f} to {100 * high:.2f} %" if self.share else f"{low:.4g} to {self._number(high)}"

    def loss(self, before: float, after: float) -> float:
        """How much worse `after` is than `before`, in the terms of the metric; negative where it is better."""
        return before - after if self.more_is_better else after - before

    def as_json(self) -> dict[str, Any]:
        """For reports: `read` gives it back."""
        return {"title": self.title, "better": self.better, "share": self.share, "unit": self.unit}

    @staticmethod
    def read(found: Mapping[str, Any]) -> Terms:
        """What `as_json` wrote among other keys; reports of versions that knew top1 alone have none of them."""
        if "better" not in found:
            return ACCURACY
        return Terms(*(found[key] for key in ("title", "better", "share", "unit")))

    def _number(self, value: float) -> str:
        return f"{value:.4g} {self.unit}".rstrip()


ACCURACY = Terms("accuracy", share=True)
"""Of top1."""
