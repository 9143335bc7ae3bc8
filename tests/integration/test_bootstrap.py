"""The system packages of bindep.txt, with a dpkg and an apt-get that pretend; and the small parts of the set-up."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("packages", "say", "state", "system")

DPKG_QUERY = """#!/bin/sh
shift 3
for name in "$@"; do grep -qx "$name" "$FAKE/installed" && echo "$name installed"; done
exit 0
"""
# installs what is asked for, unless a file `offline` is there; a file `stale` stands for old package lists
APT_GET = """#!/bin/sh
echo "$*" >> "$FAKE/apt.log"
[ -e "$FAKE/offline" ] && { echo "E: no network"; exit 100; }
case "$*" in
*" update") rm -f "$FAKE/stale" ;;
*" install "*)
    [ -e "$FAKE/stale" ] && { echo "E: 404"; exit 100; }
    for name in "$@"; do echo "$name"; done >> "$FAKE/installed" ;;
esac
"""


@dataclass
class Machine:
    """A Debian machine of which only the package manager matters."""

    folder: Path
    system: ModuleType
    state: ModuleType

    def ensure(self, *packages: str, again: bool = False) -> None:
        self.system.ensure(packages, self.known, log=self.folder / "log", again=again)

    def apt_calls(self) -> list[str]:
        log = self.folder / "apt.log"
        return [line.split()[-1] for line in log.read_text().splitlines()] if log.exists() else []

    def __post_init__(self) -> None:
        self.known = self.state.State()


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The modules of scripts/bootstrap, which find each other as a started folder's do."""
    monkeypatch.syspath_prepend(ROOT / "scripts" / "bootstrap")
    yield {name: importlib.import_module(name) for name in NAMES}
    for name in NAMES:
        sys.modules.pop(name, None)


@pytest.fixture
def machine(bootstrap: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    (tmp_path / "installed").write_text("gcc\n")
    for name, script in {"dpkg-query": DPKG_QUERY, "apt-get": APT_GET, "dpkg": "#!/bin/sh\n"}.items():
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "sudo").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "sudo").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return Machine(tmp_path, bootstrap["system"], bootstrap["state"])


def test_root_installs_what_is_missing_and_remembers(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.ensure("gcc", "qemu-user")
    assert machine.known.present == ["gcc", "qemu-user"]
    assert machine.known.absent == []
    assert machine.apt_calls() == ["qemu-user"]
    assert "installing system packages: qemu-user ... done" in capsys.readouterr().err


def test_old_package_lists_are_brought_up_to_date(machine: Machine) -> None:
    (machine.folder / "stale").touch()
    machine.ensure("qemu-user")
    assert machine.apt_calls() == ["qemu-user", "update", "qemu-user"]
    assert machine.known.present == ["qemu-user"]


def test_without_network_the_build_goes_on(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    (machine.folder / "offline").touch()
    machine.ensure("gcc", "qemu-user")
    assert machine.known.absent == ["qemu-user"]
    message = capsys.readouterr().err
    assert "E: no network\n  The missing packages: apt-get install --no-install-recommends qemu-user\n" in message

    calls = len(machine.apt_calls())
    machine.ensure("gcc", "qemu-user")  # no second try by itself
    assert len(machine.apt_calls()) == calls
    assert capsys.readouterr().err == "sconsw: not installed: qemu-user (try again: ./sconsw --setup)\n"

    (machine.folder / "offline").unlink()
    machine.ensure("gcc", "qemu-user", again=True)
    assert machine.known.absent == []


def test_without_root_one_line_to_paste(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.ensure("gcc", "g++", "qemu-user")
    assert capsys.readouterr().err == (
        "sconsw: system packages are missing, and this is neither root nor sudo without a password. Run\n"
        "    sudo apt-get install --no-install-recommends g++ qemu-user\n"
        "  Going on with what can be done without them.\n"
    )
    assert machine.apt_calls() == []
    assert machine.known.absent == ["g++", "qemu-user"]

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.ensure("gcc", "g++", "qemu-user")  # root has the right that the user before had not
    assert machine.known.absent == []


def test_sudo_without_a_password_is_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (machine.folder / "sudo").write_text('#!/bin/sh\n[ "$1" = -n ] && shift && exec "$@"\n')
    machine.ensure("qemu-user")
    assert machine.known.present == ["qemu-user"]


def test_other_systems_are_told_once(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    machine.ensure("gcc")
    assert capsys.readouterr().err == "sconsw: this is no Debian: see yourself to what bindep.txt lists (gcc)\n"
    machine.ensure("gcc")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "profiles"),
    [
        (["-Q", "target=rpi,mcu"], {"rpi", "mcu"}),
        (["test", "model=all"], {"test"}),
        (["target=all"], {"all"}),
        ([], set()),
    ],
)
def test_profiles(bootstrap: dict[str, ModuleType], arguments: list[str], profiles: set[str]) -> None:
    assert bootstrap["system"].profiles_of(arguments) == profiles


def test_wanted(bootstrap: dict[str, ModuleType]) -> None:
    text = "# all\n\ngcc  # C\nclang [test]\nqemu-system-arm [mcu test]  # firmware\n"
    wanted = bootstrap["system"].wanted
    assert wanted(text, set()) == ["gcc"]
    assert wanted(text, {"mcu"}) == ["gcc", "qemu-system-arm"]
    assert wanted(text, {"all"}) == ["gcc", "clang", "qemu-system-arm"]
    with pytest.raises(bootstrap["say"].SetupError, match=r"bindep.txt:2: not `package \[profile ...\]`: two words"):
        wanted("gcc\ntwo words\n", set())


def test_the_own_bindep_can_be_read(bootstrap: dict[str, ModuleType]) -> None:
    assert "qemu-user" in bootstrap["system"].wanted((ROOT / "bindep.txt").read_text(), set())


def test_uv_is_in_the_lock(bootstrap: dict[str, ModuleType]) -> None:
    pin = bootstrap["packages"].lines_of("uv", (ROOT / "requirements.lock").read_text())
    assert pin.startswith("uv==")
    assert "--hash=sha256:" in pin
    assert "\nwheel" not in pin


def test_state_is_kept_and_damage_is_no_state(bootstrap: dict[str, ModuleType], tmp_path: Path) -> None:
    state = bootstrap["state"]
    known = state.State(packages="key", python="3.11", present=["gcc"])
    known.save(tmp_path)
    assert state.load(tmp_path) == known
    (tmp_path / "sconsw.json").write_text('{"packages": "ke')
    assert state.load(tmp_path) == state.State()


def test_clearing_keeps_a_link_to_another_disk(bootstrap: dict[str, ModuleType], tmp_path: Path) -> None:
    (tmp_path / "disk" / "lib").mkdir(parents=True)
    (tmp_path / ".venv").symlink_to(tmp_path / "disk")
    bootstrap["state"].clear(tmp_path / ".venv")
    assert (tmp_path / ".venv").is_symlink()
    assert list((tmp_path / "disk").iterdir()) == []


def test_a_target_needs_what_the_targets_need_that_it_extends(bootstrap: dict[str, ModuleType], tmp_path: Path) -> None:
    with_bases = bootstrap["system"].with_bases
    (tmp_path / "board.toml").write_text('description = "x"\nextends     = "mcu"\n')
    (tmp_path / "mcu.toml").write_text("extends = 'base'\n")
    (tmp_path / "ring.toml").write_text('extends = "ring"\n')
    assert with_bases({"board", "test"}, tmp_path) == {"board", "mcu", "base", "test"}
    assert with_bases({"ring"}, tmp_path) == {"ring"}
