"""The options of the training stages as they come in `--options`, with the defaults of model.toml."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from edgewright.errors import UserError, did_you_mean
from edgewright.stages._cli import section

Section = TypeVar("Section")


@dataclass(frozen=True)
class Data:
    """`[data]`: a data set by name (None: the model brings its own), examples for validation, first N examples only."""

    dataset: str | None = None
    validation: int = 5000
    limit: int | None = None


@dataclass(frozen=True)
class Training:
    """`[train]`: how a network is fitted."""

    epochs: int = 5
    batch_size: int = 128
    optimizer: str = "adam"
    learning_rate: float = 0.001
    decay: str = "none"
    warmup_epochs: int = 0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    augment: Mapping[str, Any] = field(default_factory=dict)
    loss: str = "sparse_categorical_crossentropy"
    seed: int = 1


def read(options: Mapping[str, Any], name: str, kind: type[Section]) -> Section:
    """The section `name` as a `kind`; UserError on keys that it has not."""
    values = section(options, name)
    known = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    for key in values:
        if key not in known:
            raise UserError(f"--options: {name}.{key}", "unknown key", allowed=known, hint=did_you_mean(key, known))
    return kind(**values)
