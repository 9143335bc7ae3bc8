"""The data and the training of the `fashion_cnn` fixture; `[train]` of what tests do with it."""

from __future__ import annotations

from typing import Any

DATA: dict[str, Any] = {"dataset": "fashion-mnist", "validation": 100, "limit": 800}
TRAIN: dict[str, Any] = {"epochs": 2, "batch_size": 50, "seed": 3}
