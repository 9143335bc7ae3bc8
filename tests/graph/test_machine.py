"""A machine that refuses something: the build ends with a line that names the place, and no traceback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.graph.conftest import ROOT, Builder, Project, create

SCONS = str(Path(sys.executable).with_name("scons"))
MODEL = ROOT / "tests/mcu/tiny_model"


def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_mounts = pytest.mark.skipif(not can_mount(), reason="this machine lets nobody but root mount")


def scons(project: Project, before: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real one, after a shell command in a mount namespace of its own."""
    words = f'{before} && exec "$@"'
    command = ["unshare", "-rm", "sh", "-c", words, "sh", sys.executable, SCONS, "cache=off", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(project.builder.home)}
    return subprocess.run(
        command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@needs_mounts
def test_a_build_folder_that_may_only_be_read(project: Project) -> None:
    (project.folder / "build").mkdir()
    result = scons(project, "mount -t tmpfs -o ro none build", "target=linux", "train")
    assert result.returncode == 4
    assert result.stderr.startswith(f"error: {project.folder / 'build'}: may only be read\n  hint: ")
    assert "Traceback" not in result.stdout + result.stderr


@needs_mounts
def test_a_full_disk(project: Project, tmp_path: Path) -> None:
    (project.folder / "build").mkdir()
    model = tmp_path / "net.tflite"
    model.write_bytes(next((ROOT / "tests/hostile").glob("move*.tflite")).read_bytes())
    result = scons(project, "mount -t tmpfs -o size=16k none build", "target=linux", f"model={model}", "headers")
    assert result.returncode == 4, result.stdout + result.stderr
    assert "error: " in result.stderr
    assert ": the disk is full\n  hint: " in result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    assert "bug" not in result.stderr


def test_a_file_in_the_place_of_the_build_folder(project: Project) -> None:
    (project.folder / "build").write_text("in the way")
    result = project.build("train")
    assert result.status == 2
    assert "error: " in result.out
    assert "Traceback" not in result.out


@needs_mounts
def test_a_cache_that_may_only_be_read_is_not_said_to_be_empty(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    entry = cache / "0A/entry"
    entry.parent.mkdir(parents=True)
    entry.write_text("kept")
    mount = f"mount --bind {cache} {cache} && mount -o remount,bind,ro {cache}"
    result = scons(project, mount, f"cache={cache}", "clean-cache")
    assert result.returncode == 4, result.stdout + result.stderr
    assert result.stderr.startswith(f"error: {cache}: may only be read\n  hint: ")
    assert entry.exists()


def test_a_cache_that_is_no_folder_is_not_said_to_be_empty(project: Project, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    result = project.build("clean-cache", cache=tmp_path / "cache")
    assert result.status == 4
    assert f"error: {tmp_path / 'cache'}: cannot be emptied: Not a directory" in result.out


def test_clean_cache_removes_entries_and_nothing_else(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for name in ("0A/entry", "ABC/mine", "notes"):
        (cache / name).parent.mkdir(parents=True, exist_ok=True)
        (cache / name).write_text("")
    project.built("clean-cache", cache=cache)
    assert {"ABC", "notes"} <= {path.name for path in cache.iterdir()}
    assert not (cache / "0A").exists()


@pytest.mark.parametrize("name", ["build/linux/tiny/tiny.tflite", "build/micro/tiny/c/compile.json"])
def test_a_folder_in_the_place_of_a_file(project: Project, name: str) -> None:
    (project.folder / name).mkdir(parents=True)
    result = project.build("headers")
    assert result.status == 2
    assert f"{name}: is a folder, where a file has to be\n  hint: delete it: rm -r " in result.out
    assert "Traceback" not in result.out


RECORDS = ("3", '[1, {"/a": 3}, {}]', '[1, {}, {"a": [3]}]')
OTHERS = ("{}", "null", "[2]", '[1, {"/a": [[], 1]}, {}]')  # for which those above stand
SLOW = pytest.mark.slow


@pytest.mark.parametrize("content", [*RECORDS, *(pytest.param(content, marks=SLOW) for content in OTHERS)])
def test_a_record_of_another_shape_is_dropped_with_a_line(project: Project, content: str) -> None:
    (project.folder / "build").mkdir()
    record = project.folder / "build/.contents.json"
    record.write_text(content)
    assert f"note: {record} is damaged: it is dropped" in project.built("train").out
    assert "damaged" not in project.built("train").out


@pytest.mark.parametrize(  # what is no record at all stands for one that was cut
    "content", [b"nonsense", *(pytest.param(content, marks=SLOW) for content in (b"", b"\x80\x04\x95"))]
)
@pytest.mark.parametrize("record", [".sconsign.dblite", ".contents.json"])
def test_a_damaged_record_is_forgotten(builder: Builder, tmp_path: Path, record: str, content: bytes) -> None:
    project = create(builder, tmp_path / "project")
    project.built("train")
    before = project.outputs()
    (project.folder / "build" / record).write_bytes(content)
    result = project.built("train")
    assert "Traceback" not in result.out
    assert project.outputs() == before
    assert project.built("train").ran == []


def test_ctrl_c_is_one_line(project: Project) -> None:
    (project.folder / "models/tiny/model.py").write_text(
        "import time\nfrom pathlib import Path\ndef load(): ...\ndef build(): ...\n"
        "Path(__file__).with_name('holds').touch()\ntime.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, SCONS, "cache=off", "target=linux", "train"],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(project.builder.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (project.folder / "models/tiny/holds").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "interrupted: the next build goes on after what is finished\n"
    assert out.splitlines()[-1] == "load the data of tiny"
