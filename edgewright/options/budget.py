"""What budgets are held against."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions


class Options(StageOptions):
    """A report."""

    report: Flag[Path] = Field(description="report.json")
    out: Flag[Path] = Field(description="the outcome, a text file")
    warn: Flag[bool] = Field(default=False, description="tell of a broken budget and go on")
