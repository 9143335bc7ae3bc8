"""A real search: trials are trained, compiled and emulated, and one of them is adopted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgewright.home import home
from testbench.scons import run_scons
from tests.remote.cluster import Cluster

pytest.importorskip("optuna", reason="it is of the extra search: ./sconsw --setup")

SPACE = """\
[search]
objectives = ["metric", "flash"]
trials = 2

[search.over]
train = { epochs = 2 }

[search.vary]
"build.edges" = [4, 8]
"compile.weights" = ["raw", "coded"]
"""


@pytest.mark.slow
def test_a_trial_is_adopted_and_builds_to_the_same_figures(tmp_path: Path) -> None:
    create(tmp_path)
    searched = edgewright(tmp_path, "search", "small", "digits", "--json")
    found = json.loads(searched.stdout)
    best = next(trial for trial in found["trials"] if trial["on_front"])
    assert "trial 0 (1 of 2): " in searched.stderr
    edgewright(tmp_path, "adopt-trial", str(best["number"]), "--name", "adopted")
    built = run_scons(tmp_path, "target=adopted", "model=digits", timeout_s=600)
    assert built.returncode == 0, built.stderr
    assert "train digits" not in built.stdout, "it shares the training of the trial"
    report = json.loads((tmp_path / "build/adopted/digits/report.json").read_text())
    figures = [-report["quantization"]["validation"]["quantized"], report["flash"]["total_bytes"]]
    assert figures == best["costs"]
    assert 'id="search"' in (tmp_path / "build/report.html").read_text()


@pytest.mark.slow
def test_a_search_on_workers_finds_what_one_on_this_machine_does(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="it is of the extra dask: ./sconsw --setup")
    found = {}
    cluster = Cluster(tmp_path / "cluster")
    try:
        cluster.add("one")
        for executor in ("local", cluster.address):
            folder = create(tmp_path / executor.partition(":")[0])
            words = ("search", "small", "digits", "--executor", executor, "-j", "2", "--json")
            found[executor] = json.loads(edgewright(folder, *words).stdout)["trials"]
    finally:
        cluster.end()
    here, there = found.values()
    assert len(here) == 2
    assert here == there
    assert list((tmp_path / "cluster/one/store").glob("??/*")), "nothing was sent"


def create(folder: Path) -> Path:
    """A project of the digits and a target of its own."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(home() / "models/digits", folder / "models/digits", ignore=ignored)
    (folder / "targets").mkdir()
    (folder / "targets/small.toml").write_text(f'extends = "mcu"\n[budget]\nmetric_loss = 0.5\n{SPACE}')
    (folder / "SConstruct").write_text(
        'env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])\n'
        'env.EdgeProject(target="small")\n'
    )
    return folder


def edgewright(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = f"import sys; from edgewright.cli import main; sys.exit(main({list(words)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(home())}
