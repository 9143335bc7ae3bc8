"""Equal inputs give equal bytes, however many stages run at once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.builds.conftest import Project


def artifacts(project: Project) -> dict[str, str]:
    folder = project.folder / "build"
    paths = [path for kind in ("*.tflite", "*.h", "*.c", "*.h5") for path in folder.rglob(kind)]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}


def test_two_clean_builds_are_equal(pristine: Project, tmp_path: Path) -> None:
    found = []
    for index, jobs in enumerate(("-j1", "-j2")):
        project = Project(pristine.clone(tmp_path / f"clone {index}").folder, Path("off"))
        result = project.scons(jobs, "headers")
        assert result.returncode == 0, result.stdout + result.stderr
        found.append(artifacts(project))
    assert len(found[0]) >= 5
    assert found[0] == found[1]
