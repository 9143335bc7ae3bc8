"""The environment of stages: no more of a person's than they need, so that builds are alike."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PASSED_ON = ("HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "COLUMNS", "CI", "VIRTUAL_ENV", "SSH_AUTH_SOCK")
PASSED_ON_PREFIXES = (
    *("ADB_", "ANDROID_", "EDGEWRIGHT_", "XDG_", "PIP_", "UV_", "SSL_", "REQUESTS_", "CURL_", "OPENBLAS_"),
    *("http", "https"),
)

PACKAGE_ROOT = Path(__file__).resolve().parents[1]
"""The folder that the package `edgewright` lies in."""


def environment() -> dict[str, str]:
    """That of the stages that this process starts."""
    passed = {k: v for k, v in os.environ.items() if k in PASSED_ON or k.startswith(PASSED_ON_PREFIXES)}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**passed, "PATH": path, "PYTHONPATH": str(PACKAGE_ROOT), "PYTHONHASHSEED": "0"}
