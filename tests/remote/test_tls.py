"""Files of TLS that are there and wrong: whoever would use them refuses them first, with their names."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from edgewright.commands import scheduler, search, worker
from edgewright.errors import UserError, UserErrors
from edgewright.executors import Tls, address_in, address_of
from tests.graph.conftest import FILES
from tests.remote.authority import end_authority, new_authority, new_certificate, run
from tests.remote.cluster import ROOT, Process, free_port, tls_files

ADDRESS = "dask+tls://127.0.0.1:8786"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of two authorities, and such as a person may take for others."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    folder = tmp_path_factory.mktemp("tls")
    for authority, name in (("ca", "me"), ("other", "stranger")):
        new_authority(folder, authority)
        new_certificate(folder, authority, name)
    end_authority(folder, "dead")
    new_certificate(folder, "ca", "expired", days="-1")
    new_certificate(folder, "dead", "orphan")
    run(folder, "openssl", "pkey", "-in", "me.key", "-aes256", "-passout", "pass:secret", "-out", "locked.key")
    run(folder, "openssl", "genpkey", "-algorithm", "ed25519", "-out", "kind.key")
    run(folder, "openssl", "x509", "-in", "me.pem", "-outform", "DER", "-out", "me.der")
    for name in ("me.pem", "me.key"):
        (folder / f"cut.{name}").write_text("".join((folder / name).read_text().splitlines(keepends=True)[:2]))
    (folder / "text").write_text("# A text\n")
    (folder / "empty").touch()
    (folder / "chain.pem").write_text((folder / "me.pem").read_text() + (folder / "ca.pem").read_text())
    (folder / "reverse.pem").write_text((folder / "ca.pem").read_text() + (folder / "me.pem").read_text())
    return folder


def refused(folder: Path, **files: str) -> UserError:
    """What is said of the files "ca", "cert" and "key" where some are others."""
    paths = {name: folder / path for name, path in {**tls_files("ca", "me"), **files}.items()}
    with pytest.raises(UserError) as caught:
        address_of(ADDRESS, Tls(**paths), "executor=...")
    return caught.value


NO_PEM = 'it holds no line "-----BEGIN ...-----"'
WRONG = [
    ("ca", "text", "is no certificate: ca", NO_PEM),
    ("ca", "empty", "is no certificate: ca", "it holds nothing"),
    ("ca", "ca.key", "is no certificate: ca", "it holds PRIVATE KEY"),
    ("cert", "text", "is no certificate: cert", NO_PEM),
    ("cert", "me.der", "is no certificate: cert", NO_PEM),
    ("cert", "me.csr", "is no certificate: cert", "it holds CERTIFICATE REQUEST"),
    ("cert", "cut.me.pem", "is no certificate: cert", "it holds a certificate that is damaged"),
    ("key", "text", "is no private key: key", NO_PEM),
    ("key", "me.pem", "is no private key: key", "it holds CERTIFICATE;"),
    ("key", "cut.me.key", "is damaged: key", ""),
    ("key", "locked.key", "has a password: key", "openssl pkey -in locked.key -out open.key"),
    ("key", "/proc/self/mem", "cannot be read: key: Input/output error", ""),
]


@pytest.mark.parametrize(("name", "file", "problem", "hint"), WRONG)
def test_one_file_is_something_else(made: Path, name: str, file: str, problem: str, hint: str) -> None:
    error = refused(made, **{name: file})
    assert error.where == "executor=..."
    assert error.problem == f"the file of TLS {problem}"
    assert error.got == str(made / file)
    assert hint in (error.hint or "")


def test_all_of_them_are_told_of_at_once(made: Path) -> None:
    error = refused(made, ca="text", cert="me.key", key="me.pem")
    assert isinstance(error, UserErrors)
    assert [each.problem.rpartition(": ")[2] for each in error.errors] == ["ca", "cert", "key"]


@pytest.mark.parametrize("key", ["stranger.key", "kind.key"])
def test_the_key_of_another_certificate(made: Path, key: str) -> None:
    error = refused(made, key=key)
    assert "are no pair: key is of another certificate than cert" in error.problem
    assert error.got == f"{made / 'me.pem'}, {made / key}"


def test_a_chain_begins_with_the_own_certificate(made: Path) -> None:
    assert address_of(ADDRESS, tls_of(made, cert="chain.pem"), "executor").tls
    assert "the first one is that of the key" in (refused(made, cert="reverse.pem").hint or "")


@pytest.mark.parametrize("ca", ["other.pem", "me.pem"])
def test_an_authority_that_did_not_sign_it(made: Path, ca: str) -> None:
    error = refused(made, ca=ca)
    assert "do not fit: cert is not let in by ca: " in error.problem
    assert error.got == f"{made / 'me.pem'}, {made / ca}"
    assert "ca has to have signed cert" in (error.hint or "")


def test_certificates_that_are_over(made: Path) -> None:
    error = refused(made, cert="expired.pem", key="expired.key")
    assert error.problem.startswith("the certificate has expired (since ")
    assert error.problem.endswith(" GMT): cert")
    assert error.got == str(made / "expired.pem")
    error = refused(made, **tls_files("dead", "orphan"))
    assert (error.problem, error.got) == ("the certificate has expired: ca", str(made / "dead.pem"))


def test_a_certificate_of_tomorrow(made: Path) -> None:
    names = {"new_certs_dir": ".", "database": "index", "serial": "serial", "policy": "any", "default_md": "sha256"}
    (made / "ca.conf").write_text(
        "[ca]\ndefault_ca = own\n[own]\n"
        + "".join(f"{name} = {value}\n" for name, value in names.items())
        + "[any]\ncommonName = supplied\n"
    )
    (made / "index").touch()
    (made / "serial").write_text("1000\n")
    dates = ["-startdate", "20900101000000Z", "-enddate", "20910101000000Z"]
    signed = ["-cert", "ca.pem", "-keyfile", "ca.key", "-in", "me.csr", "-out", "tomorrow.pem", "-notext"]
    run(made, "openssl", "ca", "-batch", "-config", "ca.conf", *dates, *signed)
    error = refused(made, cert="tomorrow.pem")
    assert error.problem == "the certificate is not valid yet (before Jan  1 00:00:00 2090 GMT): cert"


def tls_of(folder: Path, **files: str) -> Tls:
    return Tls(**{name: folder / path for name, path in {**tls_files("ca", "me"), **files}.items()})


def named(tls: Mapping[str, Path]) -> dict[str, str]:
    return {f"EDGEWRIGHT_TLS_{name.upper()}": str(path) for name, path in tls.items()}


def test_whoever_would_use_them_refuses_them(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scheduler, worker and search; that scons does is a folder of tests/failing."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    lines = [f'{name} = "{made / file}"' for name, file in {**tls_files("ca", "me"), "key": "stranger.key"}.items()]
    (tmp_path / "machines.toml").write_text("\n".join([f'executor = "{ADDRESS}"', "[tls]", *lines]))
    monkeypatch.chdir(tmp_path)
    commands = [
        lambda: scheduler.main([ADDRESS]),
        lambda: worker.main([ADDRESS, "--folder", str(tmp_path / "worker")]),
        lambda: search.main(["micro", "tiny", "--executor", ADDRESS]),
        lambda: search.main(["micro", "tiny"]),
        lambda: address_in(tmp_path, ""),
    ]
    for command in commands:
        with pytest.raises(UserError, match="the files of TLS are no pair"):
            command()
    assert not (tmp_path / "build").exists()
    assert not (tmp_path / "worker").exists()


def test_as_a_person_sees_it(made: Path) -> None:
    pytest.importorskip("distributed")
    files = {name: made / file for name, file in tls_files("ca", "me").items()}
    process = Process(["scheduler", f"dask+tls://127.0.0.1:{free_port()}"], named({**files, "key": made / "text"}))
    assert process.process.wait(60) == 2
    process.kill()
    said = "".join(process.lines)
    assert said.startswith("error: executor=dask+tls://")
    assert f"the file of TLS is no private key: key, got '{made / 'text'}'" in said
    assert "Traceback" not in said
    assert str(ROOT) not in said
