"""Where stages run: addresses, certificates and machines.toml, and what of it is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edgewright import pipeline
from edgewright.errors import UserError, UserErrors
from edgewright.executors import Needs, Tls, address_in, address_of, board_name
from edgewright.spec import load_machines


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("CA", "CERT", "KEY"):
        monkeypatch.delenv(f"EDGEWRIGHT_TLS_{name}", raising=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.8.0.1", "[::1]"])
def test_loopback_needs_no_certificates(host: str) -> None:
    address = address_of(f"dask://{host}:8786", Tls(), "executor")
    assert (address.host, address.port, address.tls) == (host.strip("[]"), 8786, None)


@pytest.mark.parametrize("host", ["10.0.0.5", "build.lab", "0.0.0.0", "localhost.evil.example", "[::]"])
def test_plain_connections_elsewhere_are_asked_for_by_name(host: str) -> None:
    with pytest.raises(UserError, match="neither secret nor checked") as caught:
        address_of(f"dask://{host}:8786", Tls(), "executor=...")
    assert f"dask+tls://{host}:8786" in str(caught.value)
    assert address_of(f"dask+plain://{host}:8786", Tls(), "executor").tls is None


@pytest.mark.parametrize(
    "text", ["dask", "dask://host", "dask://host:0", "dask://host:99999", "dask+x://h:1", "://", "a b"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UserError, match="is no place where stages could run"):
        address_of(text, Tls(), "executor")


def test_an_engine_that_there_is_not() -> None:
    with pytest.raises(UserError, match="unknown engine, got 'ray', allowed: local, dask"):
        address_of("ray://127.0.0.1:10001", Tls(), "executor")


def test_certificates_have_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    with pytest.raises(UserError, match="TLS needs a file that is not named: cert"):
        address_of("dask+tls://h:1", Tls(ca=tmp_path / "ca.pem"), "executor")
    with pytest.raises(UserError, match="the file of TLS is not there: ca"):
        address_of("dask+tls://h:1", Tls(ca=tmp_path / "none"), "executor")
    with pytest.raises(UserErrors) as caught:
        address_of("dask+tls://h:1", Tls(tmp_path, tmp_path / "none"), "executor")
    problems = [
        "the file of TLS is no file: ca",
        "the file of TLS is not there: cert",
        "needs a file that is not named: key",
    ]
    assert [error.problem for error in caught.value.errors] == [*problems[:2], f"TLS {problems[2]}"]


def test_machines_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert address_in(tmp_path, "") is None
    tls = '[tls]\nca = "ca.pem"\ncert = "me.pem"\nkey = "me.key"\n'
    (tmp_path / "machines.toml").write_text(f'executor = "dask://127.0.0.1:8786"\n{tls}')
    files = {"ca": tmp_path / "ca.pem", "cert": tmp_path / "me.pem", "key": tmp_path / "me.key"}
    assert load_machines(tmp_path).tls == files
    monkeypatch.setenv("EDGEWRIGHT_TLS_KEY", str(tmp_path / "other.key"))
    assert load_machines(tmp_path).tls == {**files, "key": tmp_path / "other.key"}
    address = address_in(tmp_path, "")
    assert address
    assert address.port == 8786
    assert address_in(tmp_path, "local") is None


def test_faults_of_machines_toml(tmp_path: Path) -> None:
    (tmp_path / "machines.toml").write_text('executer = "dask://h:1"\n')
    with pytest.raises(UserError, match=r"machines.toml:1: executer: unknown key(.|\n)*did you mean 'executor'"):
        address_in(tmp_path, "")
    (tmp_path / "machines.toml").write_text('executor = "dask://h:1"\n')
    with pytest.raises(UserError, match=r"machines.toml: executor: the way there"):
        address_in(tmp_path, "")


@pytest.mark.parametrize(
    ("name", "near"),
    [("training.trian", "training.train"), ("edgewright.stages.training.train", "training.train"), ("train", None)],
)
def test_needs_of_a_stage_that_there_is_not(tmp_path: Path, name: str, near: str | None) -> None:
    (tmp_path / "machines.toml").write_text(f'[needs]\n"training.data" = {{ cpu = 2 }}\n"{name}" = {{ cpu = 4 }}\n')
    for executor in ("", "local", "dask://127.0.0.1:8786"):
        with pytest.raises(UserError) as caught:
            address_in(tmp_path, executor)
        assert f"machines.toml:3: needs.{name}: unknown stage, got {name!r}, allowed: " in str(caught.value)
        assert ", training.train" in str(caught.value)
        assert caught.value.hint == (f"did you mean {near!r}?" if near else None)


@pytest.mark.parametrize("text", ["[needs]\ntraining.train = { cpu = 4 }\n", "[needs.training]\ntrain.cpu = 4\n"])
def test_names_of_stages_stand_in_quotes(tmp_path: Path, text: str) -> None:
    (tmp_path / "machines.toml").write_text(text)
    with pytest.raises(UserErrors) as caught:
        load_machines(tmp_path)
    (error,) = caught.value.errors
    assert (error.problem, error.got) == ("is no stage, but several", "training")
    assert "training.train" in (error.allowed or "")
    assert error.hint == 'a name with a dot stands in quotes: "training.bring" = { cpu = 4 }'


def test_needs_and_other_faults_at_once(tmp_path: Path) -> None:
    (tmp_path / "machines.toml").write_text('[needs]\n"training.trian" = 4\n"training.train" = { cpu = 0 }\n')
    with pytest.raises(UserErrors) as caught:
        load_machines(tmp_path)
    assert [error.where.partition(": ")[2] for error in caught.value.errors] == [
        "needs.training.trian",
        "needs.training.train.cpu",
    ]


def test_needs_of_all_stages(tmp_path: Path) -> None:
    """What the graph runs may stand there."""
    texts = [path.read_text() for path in Path(pipeline.__file__).parent.glob("*.py")]
    names = set(re.findall(r'"((?:training|model|reporting|device|microcontroller)\.[a-z_]+)"', "".join(texts)))
    names -= {"model.py", "model.tflite", "model.toml"}
    (tmp_path / "machines.toml").write_text("[needs]\n" + "".join(f'"{name}".cpu = 2\n' for name in sorted(names)))
    assert set(load_machines(tmp_path).spec.needs) == names
    assert len(names) > 20


def test_needs_as_engines_have_them() -> None:
    assert Needs(2, 1024, 1, "kit").resources() == {"cpu": 2, "ram": 1024, "gpu": 1, "board:kit": 1}
    assert Needs().resources() == {"cpu": 1, "ram": 256 << 20}


def test_boards_are_named_alike_by_builds_and_workers() -> None:
    assert board_name("serial:/dev/ttyACM0") == "serial-dev-ttyACM0"
    assert board_name(board_name("ssh:pi@10.0.0.5:22")) == board_name("ssh:pi@10.0.0.5:22")
