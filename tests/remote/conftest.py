from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgewright.remote import Remote
from tests.remote.authority import new_authority, new_certificate
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
    for authority, name in (("ca", "me"), ("other", "stranger")):
        new_authority(tmp_path, authority)
        new_certificate(tmp_path, authority, name)
    return tmp_path
