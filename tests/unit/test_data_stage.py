"""The graph loads a person's data once: no later stage of a device depends on model.py, and labels are known before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgewright.errors import UserErrors
from edgewright.home import home
from edgewright.pipeline import Stage, stages_of
from edgewright.scons._data import content_hash
from edgewright.spec import load_project

MODEL_PY = 'LABELS = ("no", "yes")\n\n\ndef load(): ...\n\n\ndef build(): ...\n'
TABLE = 'description = "declared"\n[data]\ndataset = "table"\npath = "d.csv"\nlabel = ["y"]\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models/m").mkdir(parents=True)
    (tmp_path / "models/m/d.csv").write_text("a,y\n1,cat\n2,dog\n")
    return tmp_path / "models/m"


def stages(root: Path) -> dict[str, Stage]:
    project = load_project(root, home())
    return {stage.name: stage for stage in stages_of(project.targets["mcu"], project.models["m"])}


def test_own_data_are_loaded_once(folder: Path, tmp_path: Path) -> None:
    (folder / "model.toml").write_text('description = "own"\n')
    (folder / "model.py").write_text(MODEL_PY)
    found = stages(tmp_path)
    assert found["data"].outputs == ("build/models/m/data.npz", "build/models/m/data.json")
    assert found["data"].data == "models/m"
    for name in ("evaluate_tflite", "measure", "portable"):
        assert "build/models/m/data.npz" in found[name].inputs
        assert found[name].data is None
        assert not any("model.py" in each for each in (*found[name].inputs, *found[name].arguments))
    assert '"labels":["no","yes"]' in found["compile"].arguments[-1]


def test_declared_data_need_no_model_py_and_name_the_classes(folder: Path, tmp_path: Path) -> None:
    (folder / "model.toml").write_text(TABLE.replace("[data]", 'source = "net.tflite"\n[data]'))
    (folder / "net.tflite").write_bytes(b"")
    found = stages(tmp_path)
    assert found["data"].content == ("models/m/d.csv",)
    assert not found["data"].inputs
    assert "build/models/m/data.npz" in found["evaluate_tflite"].inputs
    assert '"labels":["cat","dog"]' in found["compile"].arguments[-1]


def test_unknown_keys_of_data_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "model.py").write_text(MODEL_PY)
    (folder / "model.toml").write_text(TABLE + "colums = []\n")
    with pytest.raises(UserErrors, match=r"model.toml:6: data.colums: unknown key.*\n  hint: did you mean 'columns'"):
        load_project(tmp_path, home())
    (folder / "model.toml").write_text('description = "own"\n[data]\nlimt = 5\n')
    with pytest.raises(
        Exception, match=r"model.toml:3: data.limt: unknown key, allowed: .*\n  hint: did you mean 'limit'"
    ):
        load_project(tmp_path, home())


class Contents:
    """What files hold, without a memory."""

    def sha256(self, path: Path) -> str:
        return path.read_text()


def test_an_edit_a_new_file_and_a_new_name_in_a_folder_of_data_are_seen(tmp_path: Path) -> None:
    contents: Any = Contents()
    (tmp_path / "a").mkdir()
    (tmp_path / "a/one").write_text("1")
    seen = [content_hash([tmp_path / "a"], contents)]
    (tmp_path / "a/one").write_text("2")
    seen.append(content_hash([tmp_path / "a"], contents))
    (tmp_path / "a/two").write_text("2")
    seen.append(content_hash([tmp_path / "a"], contents))
    (tmp_path / "a/two").rename(tmp_path / "a/three")
    seen.append(content_hash([tmp_path / "a"], contents))
    assert len(set(seen)) == 4
    (tmp_path / "a").rename(tmp_path / "b")
    assert content_hash([tmp_path / "b"], contents) == seen[-1]  # no path of this machine


def test_what_preprocess_declares_is_done_once_and_goes_to_the_device(folder: Path, tmp_path: Path) -> None:
    (folder / "model.toml").write_text('description = "heard"\n[preprocess]\nkind = "log-mel"\nrate = 8000\n')
    (folder / "model.py").write_text(MODEL_PY)
    found = stages(tmp_path)
    assert found["features"].inputs == ("build/models/m/data.npz",)
    for name in ("train", "quantize", "evaluate_tflite", "measure", "portable"):
        assert "build/models/m/features.npz" in found[name].inputs
        assert "build/models/m/data.npz" not in found[name].inputs
    for name in ("portable", "measure"):  # else they would take random numbers
        assert '"data":{}' in found[name].arguments[-1]
    assert "build/models/m/features.json" in found["frontend"].inputs
    assert found["frontend"].outputs == ("build/mcu/m/frontend/frontend.json",)
    assert '"rate":8000' in found["frontend"].arguments[-1]
