"""Data that were loaded once: the file that all later stages read, so that they need neither model.py nor a decoder."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.datasets._splits import Splits
from edgewright.errors import UserError
from edgewright.files import staged
from edgewright.sections.data import Data
from edgewright.several import Several

BETWEEN = ":"
"""Between the name of a part and that of an input or output, where there are several."""


def write_prepared(path: Path, splits: Splits) -> None:
    """Write the arrays as an .npz file: equal arrays give equal bytes."""
    import numpy as np

    arrays: dict[str, Any] = {}
    for part, values in splits._asdict().items():
        if isinstance(values, Several):
            arrays |= {f"{part}{BETWEEN}{name}": array for name, array in values.arrays.items()}
        else:
            arrays[part] = values
    with staged(path) as aside, aside.open("wb") as file:
        np.savez(file, **arrays)


def read_prepared(path: Path, data: Data) -> Splits:
    """The arrays of such a file; `data` may take less of them: `limit` and a number for `validation`."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            whole = Splits(*(_values(file, name) for name in Splits._fields))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(str(path), f"cannot be read: {error}", hint="build again: it is made anew") from None
    return _less(whole, data)


def _values(file: Mapping[str, Any], part: str) -> Any:
    inner = [name for name in file if name.startswith(f"{part}{BETWEEN}")]
    return Several({name.partition(BETWEEN)[2]: file[name] for name in inner}) if inner else file[part]


def _less(whole: Splits, data: Data) -> Splits:
    judged = data.validation if isinstance(data.validation, int) else None
    learned = None if data.limit is None else max(1, data.limit - (judged or 0))
    sizes = (learned, learned, judged, judged, data.limit, data.limit)
    parts = (values[:size] for values, size in zip(whole, sizes, strict=True))
    return Splits(*parts)
