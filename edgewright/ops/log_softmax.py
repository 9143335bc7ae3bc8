"""LOG_SOFTMAX, float32, over the last dimension."""

from __future__ import annotations

from edgewright.ops._float32_rows import RowsFloat

OP = RowsFloat("LOG_SOFTMAX", range(1, 3))
