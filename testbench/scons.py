"""scons as a person starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from edgewright.home import home


def run_scons(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run scons in the folder of a project, with the package of this checkout, to its end."""
    scons = Path(sys.executable).with_name("scons")
    environment = {**os.environ, "PYTHONPATH": str(home())}
    command = [sys.executable, str(scons), *arguments]
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
