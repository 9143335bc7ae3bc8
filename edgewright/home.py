"""Folders: what comes with Edgewright and is no Python, and where it keeps what can be made again."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The folder that holds templates/, firmware/ and targets/: of the checkout, or of the installed package."""
    package = Path(__file__).resolve().parent
    installed = package / "_home"
    return installed if installed.is_dir() else package.parent


def config_home() -> Path:
    """The user's folder of settings for Edgewright: $XDG_CONFIG_HOME/edgewright or ~/.config/edgewright."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "edgewright"


def cache_home() -> Path:
    """The user's cache folder for Edgewright: $EDGEWRIGHT_CACHE, $XDG_CACHE_HOME/edgewright or ~/.cache/edgewright."""
    if own := os.environ.get("EDGEWRIGHT_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "edgewright"
