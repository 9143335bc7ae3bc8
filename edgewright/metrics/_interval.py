"""How far a figure of some examples may be from that of all there are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_Z = 1.959964  # 95 %
_ENDS = (2.5, 97.5)  # per cent
RESAMPLES = 1000
_AT_ONCE = 50  # resamples, so that their weights fit in memory
_SEED = 1


def wilson(share: float, samples: int) -> tuple[float, float]:
    """Wilson's score interval of 95 %: where the true share lies when `share` of `samples` examples were seen.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if samples <= 0:
        return 0.0, 1.0
    spread = _Z * _Z / samples
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / samples + spread / (4 * samples))
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrapped(
    values: Callable[[NDArray[np.float64]], NDArray[np.float64]], samples: int, draws: int = RESAMPLES
) -> tuple[float, float] | None:
    """The percentile interval of 95 % of the bootstrap; the same each time.

    B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979).

    Args:
        values: the figure for each row of weights (b, samples): how often each example was drawn.
        samples: how many examples there are.
        draws: how often they are drawn.

    Returns:
        Its ends; None for fewer than two examples, or where most draws have no such figure.
    """
    import numpy as np

    if samples < 2:
        return None
    random = np.random.default_rng(_SEED)
    found = np.concatenate([values(_weights(random, samples)) for _ in range(draws // _AT_ONCE)])
    found = found[np.isfinite(found)]
    if len(found) < draws // 2:
        return None
    low, high = np.percentile(found, _ENDS)
    return float(low), float(high)


def _weights(random: np.random.Generator, samples: int) -> NDArray[np.float64]:
    import numpy as np

    drawn = random.integers(samples, size=(_AT_ONCE, samples))
    return np.stack([np.bincount(row, minlength=samples) for row in drawn]).astype(np.float64)
