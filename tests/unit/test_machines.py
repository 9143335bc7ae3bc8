"""Where stages run: addresses, certificates and machines.toml, and what of it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgewright.errors import UserError
from edgewright.executors import Needs, Tls, address_in, address_of, board_name


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


def test_machines_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert address_in(tmp_path, "") is None
    for name in ("ca.pem", "me.pem", "me.key", "other.key"):
        (tmp_path / name).touch()
    tls = '[tls]\nca = "ca.pem"\ncert = "me.pem"\nkey = "me.key"\n'
    (tmp_path / "machines.toml").write_text(f'executor = "dask+tls://build.lab:8786"\n{tls}')
    address = address_in(tmp_path, "")
    assert address
    assert address.tls == Tls(*(tmp_path / name for name in ("ca.pem", "me.pem", "me.key")))
    monkeypatch.setenv("EDGEWRIGHT_TLS_KEY", str(tmp_path / "other.key"))
    address = address_in(tmp_path, "")
    assert address
    assert address.tls
    assert address.tls.key == tmp_path / "other.key"
    assert address_in(tmp_path, "local") is None


def test_faults_of_machines_toml(tmp_path: Path) -> None:
    (tmp_path / "machines.toml").write_text('executer = "dask://h:1"\n')
    with pytest.raises(UserError, match=r"machines.toml:1: executer: unknown key(.|\n)*did you mean 'executor'"):
        address_in(tmp_path, "")
    (tmp_path / "machines.toml").write_text('executor = "dask://h:1"\n')
    with pytest.raises(UserError, match=r"machines.toml: executor: the way there"):
        address_in(tmp_path, "")


def test_needs_as_engines_have_them() -> None:
    assert Needs(2, 1024, 1, "kit").resources() == {"cpu": 2, "ram": 1024, "gpu": 1, "board:kit": 1}
    assert Needs().resources() == {"cpu": 1, "ram": 256 << 20}


def test_boards_are_named_alike_by_builds_and_workers() -> None:
    assert board_name("serial:/dev/ttyACM0") == "serial-dev-ttyACM0"
    assert board_name(board_name("ssh:pi@10.0.0.5:22")) == board_name("ssh:pi@10.0.0.5:22")
