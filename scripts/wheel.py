"""What the build of the wheel adds: files that are no Python and lie beside the package in a checkout.

An installed package has them in `edgewright/_home`, where `edgewright.home` looks first. An editable install has no
such folder, and takes them from the checkout.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ("LICENSE", "firmware", "targets", "templates")


class BuildPy(build_py):
    """Copies the package, and what it ships."""

    def run(self) -> None:
        """Build."""
        super().run()
        if not self.editable_mode:
            self._ship(Path(self.build_lib) / "edgewright" / "_home")

    def _ship(self, to: Path) -> None:
        shutil.rmtree(to, ignore_errors=True)  # of a build before, with files that are gone by now
        to.mkdir(parents=True)
        for name in SHIPPED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
            else:
                shutil.copy(ROOT / name, to / name)
