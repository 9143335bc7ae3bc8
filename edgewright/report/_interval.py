"""How far a share of some examples may be from the share of all there are."""

from __future__ import annotations

import math

_Z = 1.959964  # 95 %


def interval(share: float, samples: int) -> tuple[float, float]:
    """Wilson's score interval of 95 %: where the true share lies when `share` of `samples` examples were seen.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if samples <= 0:
        return 0.0, 1.0
    spread = _Z * _Z / samples
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / samples + spread / (4 * samples))
    return max(0.0, middle - half), min(1.0, middle + half)
