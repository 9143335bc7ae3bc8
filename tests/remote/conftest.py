from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgewright.remote import Remote
from tests.remote.builds import ALL, built, create, outputs
from tests.remote.cluster import Cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers with a core each."""
    pytest.importorskip("distributed")
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        made.add("one", "two")
        yield made
    finally:
        made.end()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def remote(cluster: Cluster, root: Path) -> Iterator[Remote]:
    made = cluster.remote(root)
    yield made
    made.close()


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the build of all targets writes on this machine alone."""
    folder = create(tmp_path_factory.mktemp("alone"))
    built(folder, "local", "-j2", *ALL)
    return outputs(folder)


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    sign = ["openssl", "x509", "-req", "-CAcreateserial", "-days", "2"]
    for authority, name in (("ca", "me"), ("other", "stranger")):
        own = ["-subj", "/CN=builds", "-keyout", f"{authority}.key", "-out", f"{authority}.pem"]
        run(tmp_path, *new, "-x509", "-days", "2", *own)
        run(tmp_path, *new, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        signed = ["-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-out", f"{name}.pem"]
        run(tmp_path, *sign, "-in", f"{name}.csr", *signed)
    return tmp_path


def run(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
