"""What is built again after a change, what is not, and what comes from the cache, proven by what ran; a broken budget.

The tests share a project, in this order.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

from tests.builds.conftest import Project

REPORT = "build/small/tiny/report.json"
JUDGED = "build/small/tiny/budget.txt"
"""The goal of builds behind the first two, which make all: with the report, its table and its budget, without pages."""


def test_the_first_build_makes_everything(built: Project) -> None:
    report = json.loads((built.folder / REPORT).read_text())
    assert report["schema"] == 1
    assert report["accuracy"]["samples"] == 200
    assert 0 <= report["accuracy"]["quantized"] <= 1
    assert report["size"]["nonzero_weights"] < 0.6 * report["size"]["weights"]
    assert report["latency"]["kind"] == "measured"
    assert report["latency"]["latency_us"] > 0
    assert [row["name"] for row in report["budget"]] == ["size"]
    assert {"tiny.tflite", "tiny_tflite.h", "tiny_tflite.c"} == set(report["artifacts"])


def test_a_build_with_nothing_to_do_runs_nothing_and_never_imports_tensorflow(built: Project) -> None:
    command, environment = built.command()
    command[1:1] = ["-X", "importtime"]
    done = subprocess.run(command, cwd=built.folder, env=environment, capture_output=True, text=True, check=True)
    assert "edgewright.pipeline" in done.stderr
    assert "tensorflow" not in done.stderr
    assert built.scons().ran == []
    assert "tiny on small" in done.stdout, "the table is shown all the same"


def test_touching_the_readme_redoes_nothing(built: Project) -> None:
    (built.folder / "README.md").write_text("another text\n")
    assert built.scons().ran == []


def test_a_broken_budget_fails_and_says_by_how_much(built: Project) -> None:
    built.edit("targets/small.toml", 'size = "64 KiB"', 'size = "1 KiB"')
    result = built.scons(JUDGED)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "error: small/tiny: budget size:" in result.stderr
    assert "is over the limit of 1.0 KiB by" in result.stderr
    report = json.loads((built.folder / REPORT).read_text())
    assert report["budget"][0]["ok"] is False
    assert "BROKEN" in result.stdout, "the table is shown before the error"


def test_it_fails_again_when_nothing_has_changed(built: Project) -> None:
    result = built.scons(JUDGED)
    assert result.returncode == 3, result.stdout + result.stderr


def test_warning_alone(built: Project) -> None:
    result = built.scons("budget=warn", JUDGED)
    assert result.returncode == 0
    assert "warning: small/tiny: budget size:" in result.stderr


def test_a_budget_that_is_kept(built: Project) -> None:
    built.edit("targets/small.toml", 'size = "1 KiB"', 'size = "64 KiB"')
    assert built.scons(JUDGED).returncode == 0


def test_a_change_of_measure_measures_again_and_nothing_else(built: Project) -> None:
    built.edit("targets/small.toml", "runs      = 3", "runs      = 4")
    ran = built.scons(JUDGED).ran
    assert set(ran) == {"measure", "report", "hold"}


def test_a_change_of_a_compression_step_redoes_it_and_what_follows(built: Project) -> None:
    built.edit("targets/small.toml", "final = 0.5", "final = 0.6")
    ran = built.scons(JUDGED).ran
    assert "train" not in ran
    assert {"prune", "quantize", "write", "evaluate", "measure", "report"} <= set(ran)


def test_editing_a_pass_redoes_that_step(built: Project) -> None:
    with (built.folder / "edgewright/passes/prune.py").open("a") as file:
        file.write("\n# another comment\n")
    ran = built.scons(JUDGED).ran
    assert ran == ["prune"], "its output has the same bytes, so nothing after it has to run"


def test_editing_a_template_writes_the_headers_again(built: Project) -> None:
    template = next((built.folder / "templates").glob("model_array.h.j2"))
    template.write_text(template.read_text() + "\n/* one more line */\n")
    assert built.scons(JUDGED).ran == ["write", "report", "hold"]


def test_editing_a_module_that_a_stage_imports_redoes_that_stage(built: Project) -> None:
    with (built.folder / "edgewright/training/conversion.py").open("a") as file:
        file.write("\n# another comment\n")
    ran = built.scons("quantize").ran
    assert "quantize" in ran
    assert "train" not in ran


def test_a_command_line_can_be_pasted_into_a_shell(built: Project) -> None:
    built.edit("targets/small.toml", "calibration_samples = 20", "calibration_samples = 21")
    lines = built.scons("VERBOSE=1", "quantize").stdout.splitlines()
    command = next(
        line for line in lines if line.startswith("python -m edgewright.stages.training.quantize") and "int8" in line
    )
    words = shlex.split(command)
    model = built.folder / words[words.index("--out") + 1]
    before = model.read_bytes()
    model.unlink()
    _, environment = built.command()
    path = os.pathsep.join([str(Path(os.sys.executable).parent), environment["PATH"]])  # type: ignore[attr-defined]
    environment = {**environment, "PATH": path}
    subprocess.run(command, shell=True, cwd=built.folder, env=environment, check=True, capture_output=True)
    assert model.read_bytes() == before


def test_somebody_elses_tflite_needs_no_training(built: Project) -> None:
    brought = built.folder / "my net-1.tflite"
    brought.write_bytes((built.folder / "build/small/tiny/tiny.tflite").read_bytes())
    result = built.scons(f"model={brought.name}", "build/small/my_net_1/budget.txt")
    assert result.returncode == 0, result.stdout + result.stderr
    assert set(result.ran) == {"check", "write", "measure", "report", "hold"}
    report = json.loads((built.folder / "build/small/my_net_1/report.json").read_text())
    assert report["accuracy"] is None
    assert report["latency"]["latency_us"] > 0


def test_after_a_clean_and_in_another_checkout(built: Project, tmp_path: Path) -> None:
    model = "build/models/tiny/float.h5"
    before = (built.folder / model).read_bytes()
    assert built.scons("-c").returncode == 0
    assert not (built.folder / model).exists()
    for project in (built, built.clone(tmp_path / "second")):
        result = project.scons("headers")
        assert result.returncode == 0, result.stderr
        assert model in result.from_cache
        assert not {"train", "prune", "quantize"} & set(result.ran)
        assert (project.folder / model).read_bytes() == before


def test_a_change_of_training_trains_again(built: Project) -> None:
    built.edit("models/tiny/model.toml", "epochs     = 2", "epochs     = 3")
    assert built.scons("train").ran == ["train"]
