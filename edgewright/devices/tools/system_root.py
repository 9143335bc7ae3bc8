"""The system root of an emulated Linux device: Debian's Python and libraries, and the runtime's own wheels.

Two folders in the user's cache, each built once and shared by all checkouts:

    debian-<arch>-<hash>               packages of Debian, unpacked
    site-<arch>-<runtime>-<hash>       numpy, the TFLite runtime, and all modules that are imported, compiled

For a run, `lay_out` makes a small root for QEMU's -L that links to both and says what /proc and /sys say on the CPU.
QEMU looks absolute paths up below -L first, in most system calls: 32-bit statx is not among them. Python, the wheels
and the job are therefore found through /proc/self/cwd, which is the root itself: the same name on every machine, so no
length of a path changes a count.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.devices.tools import _apt, wheelhouse
from edgewright.devices.tools.cpus import CPUS, write_tree
from edgewright.devices.tools.device_cache import ensure, recipe_hash
from edgewright.devices.tools.run import need, run_tool
from edgewright.errors import ToolError, UserError, did_you_mean
from edgewright.files import read_json, write_json

_PACKAGES = ("python3.11-minimal", "libpython3.11-stdlib", "libstdc++6")
_SUITE = "bookworm"
_FORMAT = 2  # raise it when the way of building changes what is built
_SITE_FORMAT = 2  # the same, of the site folder
_VERSIONS = "versions.json"
_SMOKE_TIMEOUT_S = 120.0
_IMPORTED = (
    "argparse, ctypes, encodings.cp437, hashlib, importlib.metadata, json, resource, subprocess, tempfile, zipfile, "
    "numpy"
)

PYTHON = "3.11"
_PLACE = "edgewright-device"  # in the root, which is the working folder of the emulator
_GUEST = f"/proc/self/cwd/{_PLACE}"  # where the emulated Python sees its files
JOB_FOLDER = f"{_GUEST}/job"
"""Where the emulated Python sees the files of a job."""
ENVIRONMENT: Mapping[str, str] = {
    "PYTHONHOME": f"{_GUEST}/usr",
    "PYTHONPATH": f"{_GUEST}/site",
    "PYTHONHASHSEED": "0",
    "PYTHONPYCACHEPREFIX": f"{_GUEST}/site/compiled",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONSAFEPATH": "1",  # else the first place to import from is the true path of the program
    "LC_ALL": "C.UTF-8",
}
"""Of the emulated Python."""
MODULES: Mapping[str, str] = {
    "tflite-runtime": "tflite_runtime.interpreter",
    "litert": "ai_edge_litert.interpreter",
}


@dataclass(frozen=True)
class Machine:
    """An architecture that QEMU emulates for user programs.

    Attributes:
        name: what `uname -m` and wheels call it, where Debian's name is the key in MACHINES.
        qemu: the emulator.
        prctl: number of the system call prctl.
        cpu: a CPU of it for when none is asked for.
        packages: further packages of Debian.
    """

    name: str
    qemu: str
    prctl: int
    cpu: str
    packages: tuple[str, ...] = ()


MACHINES: Mapping[str, Machine] = {
    "arm64": Machine("aarch64", "qemu-aarch64", 167, "cortex-a53"),
    "armhf": Machine("armv7l", "qemu-arm", 172, "cortex-a7", ("python3-numpy",)),
}
QEMU_HINT = "apt-get install qemu-user"


@dataclass(frozen=True)
class Sysroot:
    """A built system root.

    Attributes:
        machine: name in MACHINES.
        debian, site: its folders.
        record: recipe and versions as JSON values; no path in it.
    """

    machine: str
    debian: Path
    site: Path
    record: Mapping[str, Any]

    def lay_out(self, root: Path, cpu: str, cores: int) -> Path:
        """Fill the empty folder `root` for a run on `cores` cores of the kind `cpu`; gives the place of JOB_FOLDER."""
        _link(root, self.debian, self.site)
        write_tree(root, CPUS[known_cpu(cpu)], cores)
        job = root / _PLACE / "job"
        job.mkdir()
        return job

    def command(self, root: Path, cpu: str, flags: Sequence[str] = ()) -> list[str]:
        """Command line of the emulated Python, to be run in a root that `lay_out` made; `flags` are QEMU's."""
        return _command(MACHINES[self.machine], root, cpu, flags)


def known_machine(name: str) -> Machine:
    """The architecture `name`; UserError when it is not emulated."""
    if name not in MACHINES:
        hint = did_you_mean(name, MACHINES)
        raise UserError("emulator.arch of the board", "cannot be emulated", got=name, allowed=MACHINES, hint=hint)
    return MACHINES[name]


def known_cpu(name: str) -> str:
    """`name` itself; UserError when it is no CPU that can be emulated."""
    if name not in CPUS:
        hint = did_you_mean(name, CPUS)
        raise UserError("emulator.cpu of the board", "unknown CPU", got=name, allowed=CPUS, hint=hint)
    return name


def ensure_sysroot(arch: str, runtime: str) -> Sysroot:
    """The system root for an architecture and a runtime, built when it is not in the cache.

    Raises:
        UserError: unknown architecture or runtime.
        ToolError: an outside program is missing, or something cannot be downloaded.
    """
    machine = known_machine(arch)
    wheels = wheelhouse.wheels_for(machine.name, PYTHON, runtime)
    need(machine.qemu, QEMU_HINT)
    debian_recipe = _debian_recipe(arch)
    site_recipe = {**debian_recipe, "format": _SITE_FORMAT, "wheels": wheels.text}
    debian = ensure_debian(arch)
    site = ensure(
        f"site-{arch}-{runtime}", site_recipe, lambda folder: _build_site(arch, wheels, debian, folder, runtime)
    )
    recipe = recipe_hash({"debian": debian_recipe, "site": site_recipe})
    record = {
        "schema": 1,
        "arch": arch,
        "runtime": runtime,
        "recipe": recipe,
        "python": PYTHON,
        "debian": read_json(debian / _VERSIONS),
        "wheels": dict(wheels.releases),
    }
    return Sysroot(arch, debian, site, record)


def ensure_debian(arch: str) -> Path:
    """The folder of Debian's Python for an architecture, built when it is not in the cache."""
    return ensure(f"debian-{arch}", _debian_recipe(arch), lambda folder: _build_debian(arch, folder))


def _packages(arch: str) -> list[str]:
    return [*_PACKAGES, *MACHINES[arch].packages]


def _debian_recipe(arch: str) -> dict[str, Any]:
    return {"format": _FORMAT, "suite": _SUITE, "arch": arch, "packages": _packages(arch)}


def _build_debian(arch: str, folder: Path) -> None:
    print(f"making the {arch} system root of Debian {_SUITE} (once; 15 to 25 MB to download)", flush=True)
    versions = _apt.unpack(_SUITE, arch, _packages(arch), folder)
    _choose_blas(folder)
    write_json(folder / _VERSIONS, versions)


def _choose_blas(folder: Path) -> None:
    """Link what numpy of Debian calls: the packages' own scripts would, by update-alternatives."""
    for name in ("blas", "lapack"):
        for library in folder.glob(f"usr/lib/*/{name}/lib{name}.so.3"):
            (library.parents[1] / library.name).symlink_to(f"{name}/{library.name}")


def _build_site(arch: str, wheels: wheelhouse.Wheels, debian: Path, folder: Path, runtime: str) -> None:
    print(f"fetching {runtime} for {arch} (once; about 30 MB to download)", flush=True)
    wheelhouse.install(wheels, folder)
    for found in (debian / "usr/lib/python3/dist-packages").glob("numpy*"):
        shutil.copytree(found, folder / found.name, symlinks=True)
    _smoke_test(MACHINES[arch], debian, folder, runtime)


def _link(root: Path, debian: Path, site: Path) -> None:
    for name in ("usr", "lib", "bin", "sbin", "etc"):
        (root / name).symlink_to(debian / name)
    guest = root / _PLACE
    guest.mkdir()
    (guest / "usr").symlink_to(debian / "usr")
    (guest / "site").symlink_to(site)


def _command(machine: Machine, root: Path, cpu: str, flags: Sequence[str]) -> list[str]:
    python = f"{_GUEST}/usr/bin/python{PYTHON}"
    qemu = [need(machine.qemu, QEMU_HINT), "-cpu", cpu, "-L", str(root), "-0", python, *flags]
    return [*qemu, f"{root}/{_PLACE}/usr/bin/python{PYTHON}", "-S"]


def _smoke_test(machine: Machine, debian: Path, site: Path, runtime: str) -> None:
    """Import in the emulated Python what the measuring program imports.

    This leaves the compiled modules in the site folder, which is its own: Debian's is shared by sites, and what one of
    them compiled there would move a count of another. Later runs write none, so each finds the same files, does the
    same and counts the same.
    """
    with tempfile.TemporaryDirectory(prefix="edgewright-") as root:
        _link(Path(root), debian, site)
        write_tree(Path(root), CPUS[machine.cpu], 1)
        code = f"import {_IMPORTED}, {MODULES[runtime]}; importlib.metadata.version('numpy')"
        command = [*_command(machine, Path(root), machine.cpu, ()), "-c", code]
        env = {key: value for key, value in ENVIRONMENT.items() if key != "PYTHONDONTWRITEBYTECODE"}
        run_tool("trying the new system root", command, _SMOKE_TIMEOUT_S, cwd=Path(root), env=env)


def qemu_version(machine: Machine) -> str:
    """Version of the emulator, for instance "7.2.22"; ToolError when it is missing or cannot be asked."""
    need(machine.qemu, QEMU_HINT)
    words = run_tool("asking QEMU for its version", [machine.qemu, "--version"], 30.0).split()
    if len(words) < 3 or words[1] != "version":
        raise ToolError(f"{machine.qemu} --version says {' '.join(words)[:80]!r}, which is no version of QEMU")
    return words[2]
