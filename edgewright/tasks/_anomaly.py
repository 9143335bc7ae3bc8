"""Anomalies: what the network cannot give back, and from which error on that is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Anomaly:
    """The threshold, and what it does on the validation examples that it was chosen by.

    Attributes:
        threshold: mean squared difference of input and output, in their real values; an anomaly has more.
        false_alarms: share of the normal examples that have more.
        found: share of the anomalies that have more; None where there was none.
        examples: how many there were.
    """

    threshold: float
    false_alarms: float
    found: float | None
    examples: int

    def as_json(self) -> dict[str, Any]:
        """What the facts of a .tflite have of it."""
        found = None if self.found is None else round(self.found, 6)
        shares = {"false_alarms": round(self.false_alarms, 6), "found": found}
        return {"threshold": self.threshold, "of": "mean squared error", **shares, "examples": self.examples}


def errors(outputs: NDArray[Any], inputs: NDArray[Any]) -> NDArray[np.float64]:
    """The mean squared difference of each example, (n,)."""
    import numpy as np

    n = len(inputs)
    difference = outputs.reshape(n, -1).astype(np.float64) - inputs.reshape(n, -1)
    return np.asarray((difference**2).mean(axis=1), np.float64)


def threshold(errors_: NDArray[np.float64], truth: NDArray[np.int64], false_alarms: float) -> Anomaly:
    """The least threshold that takes at most a share `false_alarms` of the normal examples for anomalies.

    Args:
        errors_: of validation examples, (n,); some are normal.
        truth: 1 for an anomaly, (n,).
        false_alarms: 0..1.
    """
    import numpy as np

    normal, other = np.sort(errors_[truth == 0]), errors_[truth == 1]
    last = np.float32(normal[len(normal) - 1 - int(false_alarms * len(normal))])
    limit = float(np.nextafter(last, np.float32(np.inf)))  # the device has float32: that one is not above it there
    found = float((other > limit).mean()) if len(other) else None
    return Anomaly(limit, float((normal > limit).mean()), found, len(errors_))
