"""Options of the benchmarks that take several names."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from edgewright.errors import did_you_mean


def listed(allowed: Iterable[str]) -> Callable[[str], list[str]]:
    """A `type` for argparse: names with commas between, each one of those that are allowed."""
    known = list(allowed)

    def read(text: str) -> list[str]:
        found = [name.strip() for name in text.split(",") if name.strip()]
        for name in found:
            if name not in known:
                hint = did_you_mean(name, known)
                raise argparse.ArgumentTypeError(
                    f"no {name!r}; allowed: {', '.join(known)}{f'; {hint}' if hint else ''}"
                )
        if not found:
            raise argparse.ArgumentTypeError(f"no name; allowed: {', '.join(known)}")
        return found

    return read
