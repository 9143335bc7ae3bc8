"""When a training ends early. What there is to know is in its history, so that a resumed one ends at the same epoch."""

from __future__ import annotations

from dataclasses import dataclass

from edgewright.sections.train import EarlyStopping
from edgewright.training.checkpoint import History


@dataclass(frozen=True)
class Stopping:
    """The rule, and the figure of a row of the history that it goes by, with its direction."""

    rule: EarlyStopping
    key: str
    more_is_better: bool

    def best(self, history: History) -> int:
        """Which epoch, from 0, is the last that was better than all before it."""
        chosen, limit = 0, float("inf")
        for number, row in enumerate(history):
            value = -row[self.key] if self.more_is_better else row[self.key]
            if value < limit - self.rule.least or number == 0:
                chosen, limit = number, value
        return chosen

    def is_best(self, history: History) -> bool:
        """Whether that is the last one."""
        return self.best(history) == len(history) - 1

    def is_over(self, history: History) -> bool:
        """Whether the training ends after these epochs."""
        return bool(history) and len(history) - 1 - self.best(history) >= self.rule.patience


def stopping(rule: EarlyStopping | None, shown: str) -> Stopping | None:
    """The rule of a training whose metric is called `shown`; None where it runs to its last epoch."""
    if rule is None:
        return None
    if rule.by == "loss":
        return Stopping(rule, "val_loss", more_is_better=False)
    return Stopping(rule, f"val_{shown}", more_is_better=shown.endswith("accuracy"))
