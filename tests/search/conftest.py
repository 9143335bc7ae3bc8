"""A project to search in, and builds that cost nothing: figures follow from the target files alone."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from edgewright import search
from edgewright.home import home
from edgewright.search import Overrides, Plan, Progress, Refused

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SPACE = """\
[search]
objectives = ["metric", "flash"]
trials = 12
bounds = [{ figure = "ram", most = "8 KiB" }]

[search.over]
compress = [{ pass = "prune", schedule = { final = 0.5 } }]

[search.vary]
"build.width" = { low = 8, high = 64, step = 8 }
"compress[0]" = [true, false]
"compress[0].schedule.final" = { low = 0.3, high = 0.9, step = 0.1 }
"compile.weights" = ["raw", "sparse"]
"""


class Fake:
    """Builds a trial: a wide model is better and larger, zeros make it smaller where they are left out."""

    def __init__(self) -> None:
        self.built: list[str] = []
        self.refuses: Mapping[str, Refused] = {}
        self.too_wide_for_mcu = 1000

    def __call__(self, files: Sequence[str], log: Path) -> list[Mapping[str, Any] | Refused]:
        assert not log.exists()
        return [self._report(file) for file in files]

    def _report(self, file: str) -> Mapping[str, Any] | Refused:
        data = tomllib.loads(Path(file).read_text())
        self.built.append(file)
        width = data.get("build", {}).get("width", 16)
        storage = data.get("compile", {}).get("weights", "raw")
        if storage in self.refuses:
            raise self.refuses[storage]
        zeros = sum(step["schedule"]["final"] for step in data.get("compress", []))
        is_mcu = file.endswith("mcu.toml")
        if is_mcu and width > self.too_wide_for_mcu:
            return Refused("does not fit", is_choice=False)
        share = 1 - zeros if storage == "sparse" else 1.0
        quick = 0.05 if data.get("train", {}).get("epochs") == 1 else 0.0
        worth = 1 - 1 / width - 0.02 * zeros - quick
        ram = 130 * width
        size = int(2000 + 200 * width * share)
        return {
            "size": {"tflite_bytes": size + 1000},
            "quantization": {"validation": {"quantized": worth}},
            "flash": {"total_bytes": size} if is_mcu else None,
            "ram": {"total_bytes": ram} if is_mcu else None,
            "budget": [{"name": "ram", "limit": 65536, "value": ram, "ok": ram <= 65536}] if is_mcu else [],
            "latency": None,
        }


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes along, with two targets alone: to read all of them takes longest."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "targets").mkdir()
    for name in ("firmware", "templates", "targets/boards", "targets/mcu.toml", "targets/rpi.toml"):
        (folder / name).symlink_to(home() / name)
    return folder


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def project(tmp_path: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    model = tmp_path / "models" / "tiny"
    model.mkdir(parents=True)
    (model / "model.toml").write_text('description = "none that is trained"\n')
    (model / "model.py").write_text("def build(width=16): ...\n\n\ndef load(): ...\n")
    (tmp_path / "search").mkdir()
    (tmp_path / "search/tiny.toml").write_text(SPACE)
    (tmp_path / "SConstruct").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("edgewright.search._plan.home", lambda: shipped)
    return tmp_path


def planned(root: Path, targets: str = "mcu", **given: Any) -> Plan:
    """The search of the project."""
    return search.planned(root, targets, "tiny", None, Overrides(**given))


def searched(root: Path, fake: Fake, targets: str = "mcu", **given: Any) -> Progress:
    """A whole search."""
    return search.search(planned(root, targets, **given), root, fake, command="edgewright search mcu tiny")
