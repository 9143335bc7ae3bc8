"""`edgewright new`: what it makes is read without a fault, and nothing that is there is written over."""

import json
import shlex
from pathlib import Path

import pytest

from edgewright import cli
from edgewright.commands import new
from edgewright.home import home
from edgewright.spec import load_project
from edgewright.spec.toml_text import tomllib

BOARD = ["--cpu", "cortex-m4", "--clock", "168 MHz", "--flash", "1 MiB", "--ram", "128 KiB"]
PLACES = ["--flash-origin", "0x08000000", "--ram-origin", "0x20000000"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert new.main(["project", str(tmp_path / "mine")]) == 0
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "mine"


def test_a_project_with_a_board_and_a_target_of_its_own(project: Path) -> None:
    assert new.main(["board", "disco", *BOARD, *PLACES]) == 0
    assert "chips" not in tomllib.loads((project / "firmware/ports/disco/port.toml").read_text())
    assert new.main(["target", "disco", "--board", "disco"]) == 0
    assert new.main(["model", "second"]) == 0
    read = load_project(project, home())
    target = read.targets["disco"]
    assert target.spec.runtime == "aot"
    assert (target.board.core.cpu, target.board.core.clock, target.board.core.dsp) == ("cortex-m4", 168_000_000, True)
    assert target.board.memory is not None
    assert (target.board.memory.ram.origin, target.board.memory.ram.size) == (0x20000000, 128 << 10)
    assert set(read.models) == {"points", "second"}
    compile((project / "models/second/model.py").read_text(), "model.py", "exec")


def test_files_name_their_schemas(project: Path) -> None:
    assert new.main(["board", "disco", *BOARD, *PLACES]) == 0
    assert new.main(["target", "disco", "--board", "disco"]) == 0
    jsonschema = pytest.importorskip("jsonschema", reason="it is of the extra dev: ./sconsw --setup")
    files = {"models/points/model.toml": "model", "targets/disco.toml": "target", "targets/boards/disco.toml": "board"}
    files["firmware/ports/disco/port.toml"] = "port"
    for name, kind in files.items():
        first, _ = (project / name).read_text().split("\n", 1)
        schema = (project / name).parent / first.removeprefix("#:schema ")
        assert schema.resolve() == project / f"schemas/{kind}.schema.json"
        read = tomllib.loads((project / name).read_text())
        assert not list(jsonschema.Draft202012Validator(json.loads(schema.read_text())).iter_errors(read))


def test_schemas_are_made_anew_and_only_by_their_own_command(project: Path) -> None:
    schema = project / "schemas/model.schema.json"
    made = schema.read_text()
    schema.write_text("{}")
    assert new.main(["model", "second"]) == 0
    assert schema.read_text() == "{}"
    assert new.main(["schemas"]) == 0
    assert schema.read_text() == made


@pytest.mark.parametrize(("board", "runtime"), [("raspberry-pi-4", "tflite-runtime"), ("android-arm64", "litert")])
def test_targets_of_other_classes(project: Path, board: str, runtime: str) -> None:
    assert new.main(["target", "own", "--board", board]) == 0
    assert load_project(project, home()).targets["own"].spec.runtime == runtime


def test_nothing_is_written_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "models/points/model.toml").unlink()
    (project / "models/points/model.py").write_text("mine")
    assert cli.main(["new", "model", "points"]) == 2
    assert "models/points/model.py: is there already" in capsys.readouterr().err
    assert (project / "models/points/model.py").read_text() == "mine"
    assert not (project / "models/points/model.toml").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["target", "x", "--board", "raspbery-pi-4"], "did you mean 'raspberry-pi-4'?"),
        (["board", "x", *BOARD[:3], "168", *BOARD[4:], *PLACES], "--clock: a clock rate has no unit, got '168'"),
        (["board", "x", "--cpu", "cortex-m44", *BOARD[2:], *PLACES], "did you mean 'cortex-m4'?"),
        (["board", "x", *BOARD, "--flash-origin=-5", *PLACES[2:]], "--flash-origin: is no address, got '-5'"),
        (["board", "x", *BOARD, *PLACES[:3], "0x999999999"], "--ram-origin: is no address, got '0x999999999'"),
        (["project", "other", "--target", "mcuu"], "did you mean 'mcu'?"),
    ],
)
def test_mistakes(project: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert cli.main(["new", *words]) == 2
    assert said in capsys.readouterr().err
    assert not (project / "targets").exists()
    assert not (project / "other").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["model", "a-b"], "got 'a-b': the model's name is no C identifier"),
        (["model", "while"], "while is a keyword of C"),
        (["target", "all", "--board", "raspberry-pi-4"], "got 'all', which means something else already"),
    ],
)
def test_what_no_build_would_take_is_not_made(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        new.main(words)
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in project.rglob("*.toml")) == ["model.toml"]


def test_the_next_command_can_be_pasted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new.main(["project", str(tmp_path / "it's mine")]) == 0
    command = capsys.readouterr().out.splitlines()[-1].removeprefix("next: ")
    assert shlex.split(command.partition(";")[0]) == ["cd", str(tmp_path / "it's mine")]
