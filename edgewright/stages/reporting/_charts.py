"""The package that draws charts."""

from __future__ import annotations

from typing import Any

from edgewright.errors import ToolError


def vega() -> Any:
    """The module `vl_convert`; ToolError where it is not installed."""
    try:
        import vl_convert
    except ImportError as error:
        hint = "./sconsw --setup, or: pip install vl-convert-python"
        raise ToolError(f"vl-convert-python, which draws the charts of pages: {error}; {hint}") from error
    return vl_convert
