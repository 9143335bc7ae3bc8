"""What a model costs to send: the stage, its graph and its lines in the report."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgewright.coding.pack import pack, unpack
from edgewright.coding.update import apply_update
from edgewright.errors import UserError
from edgewright.files import read_json
from edgewright.home import home
from edgewright.pipeline import check_pair, stages_of
from edgewright.report import Parts, build_report, render
from edgewright.sections.transmit import Transmit
from edgewright.spec import ProjectModel, ProjectTarget, load_project
from edgewright.stages.model import transmit
from testbench.nets import Net, to_tflite


def model(seed: int, moved: int = 0) -> bytes:
    """A .tflite whose weights are small and mostly zero; some of them moved by one."""
    source, net = np.random.default_rng(seed), Net()
    weights = (source.normal(0, 9, (20, 300)) * (source.random((20, 300)) < 0.3)).astype(np.int8)
    weights.reshape(-1)[np.random.default_rng(moved).choice(6000, moved, replace=False)] += 1
    return to_tflite(net.graph(net.dense(net.input((1, 300)), weights)))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    pytest.importorskip("tflite_micro", reason="what writes the file needs Python 3.11")
    found = {name: tmp_path / name for name in ("kws.tflite", "old.tflite", "kws.ewu", "out.json")}
    found["old.tflite"].write_bytes(model(1))
    found["kws.tflite"].write_bytes(model(1, moved=200))
    return found


def run(files: dict[str, Path], *more: str, options: str = '{"name":"kws","transmit":{"version":2}}') -> dict:  # type: ignore[type-arg]
    words = ["--model", str(files["kws.tflite"]), "--out", str(files["out.json"]), "--options", options, *more]
    assert transmit.main(words) == 0
    return read_json(files["out.json"])


def with_previous(files: dict[str, Path]) -> list[str]:
    return ["--previous", str(files["old.tflite"]), "--update", str(files["kws.ewu"])]


def test_each_way_is_smaller_than_the_one_before(files: dict[str, Path]) -> None:
    found = run(files, *with_previous(files))
    assert found["update_bytes"] < found["coded_bytes"] / 3
    assert found["coded_bytes"] < min(found["gzip_bytes"], found["zstd_bytes"])
    assert max(found["gzip_bytes"], found["zstd_bytes"]) < found["tflite_bytes"]
    assert found["smallest"] == "coded"
    assert found["update_bytes"] == files["kws.ewu"].stat().st_size


def test_the_update_makes_the_model(files: dict[str, Path]) -> None:
    run(files, *with_previous(files))
    old, update = files["old.tflite"].read_bytes(), files["kws.ewu"].read_bytes()
    assert apply_update(old, update, model="kws", version=1) == files["kws.tflite"].read_bytes()


@pytest.mark.parametrize("version", [1, 2])
def test_the_format_is_chosen(version: int, files: dict[str, Path]) -> None:
    asked = f'{{"name":"kws","transmit":{{"version":2,"format":{version}}}}}'
    run(files, *with_previous(files), options=asked)
    assert files["kws.ewu"].read_bytes()[:4] == f"EWU{version}".encode()


def test_same_input_same_bytes(files: dict[str, Path]) -> None:
    run(files, *with_previous(files))
    first = files["kws.ewu"].read_bytes(), files["out.json"].read_bytes()
    run(files, *with_previous(files))
    assert (files["kws.ewu"].read_bytes(), files["out.json"].read_bytes()) == first


def test_without_a_previous_version_there_is_no_update(files: dict[str, Path]) -> None:
    assert run(files)["update_bytes"] is None
    assert not files["kws.ewu"].exists()


def test_mistakes_on_the_command_line(files: dict[str, Path]) -> None:
    with pytest.raises(UserError, match="one goes with the other"):
        run(files, "--previous", str(files["old.tflite"]))
    files["old.tflite"].unlink()
    with pytest.raises(UserError, match="cannot be read"):
        run(files, *with_previous(files))


def test_a_file_that_the_reader_refuses_has_sizes_too() -> None:
    found = transmit.sizes(b"no model " * 50, "x.tflite")
    assert found["coded_bytes"] < found["tflite_bytes"]  # type: ignore[operator]


@pytest.mark.parametrize("cut", [0, 3, 11, 20, 40, -1])
def test_a_packed_file_that_is_broken_is_refused(cut: int) -> None:
    weights = np.random.default_rng(1).integers(-5, 6, (30, 20)).astype(np.int8)
    file = b"head" + weights.tobytes() + b"tail"
    packed = pack(file, [weights])
    assert unpack(packed) == file
    assert len(packed) < len(zlib.compress(file, 9))
    with pytest.raises(UserError, match="truncated or changed"):
        unpack(packed[:cut])


def test_weights_that_cannot_be_coded_are_left_as_they_are() -> None:
    weights = [np.full(100, -128, np.int8), np.arange(100, dtype=np.int8), np.arange(50, 150).astype(np.int8)]
    file = weights[0].tobytes() + weights[1].tobytes()
    assert unpack(pack(file, [*weights, weights[1][20:]])) == file


def pair(**changes: object) -> tuple[ProjectTarget, ProjectModel]:
    project = load_project(home(), home())
    target = project.targets["mcu"]
    spec = target.spec.model_copy(update={"transmit": Transmit.model_validate(changes)})
    return replace(target, spec=spec), project.models["fashion_cnn"]


def test_the_update_is_an_artifact_of_the_build() -> None:
    stages = {stage.name: stage for stage in stages_of(*pair(previous="releases/{model}.tflite", version=3))}
    assert stages["transmit"].inputs == ("build/mcu/fashion_cnn/fashion_cnn.tflite", "releases/fashion_cnn.tflite")
    assert "build/mcu/fashion_cnn/fashion_cnn.ewu" in stages["report"].inputs
    assert '"previous_version":2' in "".join(stages["transmit"].arguments)
    assert len(next(s for s in stages_of(*pair()) if s.name == "transmit").outputs) == 1


def test_a_previous_version_that_cannot_be_one() -> None:
    (error,) = check_pair(*pair(previous="build/mcu/{model}/{model}.tflite"))
    assert "is the file that this build makes" in str(error)
    (error,) = check_pair(*pair(previous="nowhere/{model}.tflite"))
    assert "there is no such file, got 'nowhere/fashion_cnn.tflite'" in str(error)


def test_lines_of_the_report() -> None:
    sizes = {"tflite_bytes": 2000, "tflite_gzip_bytes": 1500, "weights": 100, "nonzero_weights": 50}
    sent = {"tflite_bytes": 2000, "gzip_bytes": 1500, "zstd_bytes": 1400, "coded_bytes": 900, "update_bytes": 250,
            "version": 2, "previous_version": 1}  # fmt: skip
    facts = {"target": "t", "model": "m", "board": "b", "runtime": "aot", "budget": {}}
    text = render(build_report(facts, Parts(quantize=sizes, transmit=sent)))
    assert "transmit .tflite 2,000 bytes: gzip 1,500, zstd 1,400, weights coded 900" in text
    assert "update from version 1 to 2: 250 bytes, 12.5%" in text
    text = render(build_report(facts, Parts(quantize=sizes, transmit={**sent, "smallest": "zstd"})))
    assert "weights coded 900; zstd is the smallest" in text
