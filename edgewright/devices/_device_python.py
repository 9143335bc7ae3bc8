"""The Python environment of a Linux device: numpy and a TFLite runtime, in versions and hashes of ours, made once.

`python/<hash>/python` starts its interpreter. It is made by the device itself, in a venv by its own pip; or, for a
device that is offline or has neither, of wheels that this machine fetches and sends along. It takes its name when all
that a measurement imports could be imported.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import Literal

from edgewright.devices._remote import Remote, send
from edgewright.devices._ssh_errors import ConnectionLostError
from edgewright.devices.tools import wheelhouse
from edgewright.devices.tools.device_cache import ensure
from edgewright.errors import DeviceError, UserError

Source = Literal["auto", "device", "host"]

_MODULES = {"tflite-runtime": "tflite_runtime.interpreter", "litert": "ai_edge_litert.interpreter"}
_TIMEOUT_S = 1800.0
_SPACE_BYTES = 200 << 20
_LEFT_OUT = ("tests", "__pycache__", "bin", "include")  # of wheels that are carried: a measurement imports none of it

# $1 folder, $2 name, $3 python, $4 module, $5 a file in the store, $6 flag of venv
_SETUP = """
set -e
mkdir -p "$1/python"
cd "$1/python"
[ -x "$2/python" ] && exit 0
part="$PWD/.$2.$$"
trap 'rm -rf "$part"' EXIT
mkdir "$part"
cd "$part"
sha256sum < "../../store/$5" | grep -q "^$5 " || { echo "the file in the store is not whole" >&2; exit 1; }
{make}
chmod 755 python
./python -c "import importlib.metadata, numpy, $4" >&2
mv "$part" "../$2"
"""
_BY_PIP = """
"$3" -m venv $6 venv >&2
venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --only-binary=:all: --require-hashes \
    --requirement "../../store/$5" >&2
echo '#!/bin/sh' > python
echo 'exec "${0%/*}/venv/bin/python" "$@"' >> python
"""
_OF_WHEELS = """
"$3" -m zipfile -e "../../store/$5" site
echo '#!/bin/sh' > python
echo 'PYTHONPATH="${0%/*}/site" exec "'"$3"'" "$@"' >> python
"""


def environment(remote: Remote, runtime: str, source: Source) -> str:
    """Path on the device of the interpreter for a runtime; the environment is made when it is not there yet.

    Args:
        remote: the device.
        runtime: "tflite-runtime" or "litert".
        source: who fetches the wheels: the device, by its pip; this machine ("host"); or "auto", the one and if need be
            the other.

    Raises:
        DeviceError: the runtime is not released for this device, or could not be set up there.
        ToolError: the wheels could not be fetched here.
    """
    wheels = _wheels_for(remote, runtime)
    name = environment_name(remote.python, wheels)
    path = f"{remote.facts.folder}/python/{name}/python"
    if remote.session.run('[ -x "$1" ]', path, timeout_s=60.0).returncode:
        print(f"setting up {runtime} for Python {wheels.python} on {remote.host} (once)", flush=True)
        _check_space(remote, runtime)
        _set_up(remote, wheels, runtime, name, source)
    return path


def environment_name(python: str, wheels: wheelhouse.Wheels) -> str:
    """Name of the environment that a device's interpreter has of these wheels."""
    recipe = f"{python}\n{wheels.machine}\n{wheels.python}\n{wheels.text}"
    return hashlib.sha256(recipe.encode()).hexdigest()[:16]


def _wheels_for(remote: Remote, runtime: str) -> wheelhouse.Wheels:
    try:
        return wheelhouse.wheels_for(remote.facts.architecture, remote.facts.version, runtime)
    except UserError as error:
        raise DeviceError(f"{remote.host}: {error}") from None


def _check_space(remote: Remote, runtime: str) -> None:
    facts = remote.facts
    if facts.free_bytes < _SPACE_BYTES:
        needs = f"{facts.free_bytes >> 20} MiB are free at {facts.folder}, and {runtime} needs {_SPACE_BYTES >> 20}"
        hint = "make room, or name a folder on another disk: folder in [measure]"
        raise DeviceError(f"{remote.host}: its disk is full: {needs}\n  hint: {hint}")


def _set_up(remote: Remote, wheels: wheelhouse.Wheels, runtime: str, name: str, source: Source) -> None:
    if source != "host":
        try:
            return _by_pip(remote, wheels, runtime, name)
        except ConnectionLostError:
            raise
        except DeviceError as error:
            if source == "device":
                raise
            print(f"its own pip could not; carrying the wheels there: {_gist(error)}", flush=True)
    return _of_wheels(remote, wheels, runtime, name)


def _gist(error: DeviceError) -> str:
    lines = [line.strip(" |") for line in str(error).splitlines()]
    return lines[-1]


def _by_pip(remote: Remote, wheels: wheelhouse.Wheels, runtime: str, name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(wheels.text)
        _make(remote, _BY_PIP, runtime, name, requirements)


def _of_wheels(remote: Remote, wheels: wheelhouse.Wheels, runtime: str, name: str) -> None:
    _make(remote, _OF_WHEELS, runtime, name, packed(wheels, runtime))


def packed(wheels: wheelhouse.Wheels, runtime: str) -> Path:
    """What is in the wheels as one file, site.zip, in this machine's cache; ToolError when they cannot be fetched."""
    recipe = {"machine": wheels.machine, "python": wheels.python, "text": wheels.text, "without": list(_LEFT_OUT)}
    name = f"wheels-{wheels.machine}-{wheels.python}-{runtime}"
    return ensure(name, recipe, lambda folder: _pack(wheels, folder)) / "site.zip"


def _make(remote: Remote, script: str, runtime: str, name: str, file: Path) -> None:
    digest = send(remote, {file.name: file})[file.name]
    flag = "--system-site-packages" if remote.facts.architecture in wheelhouse.NUMPY_OF_SYSTEM else "--clear"
    words = (remote.facts.folder, name, remote.python, _MODULES[runtime], digest, flag)
    try:
        remote.session.do(f"setting up {runtime}", _SETUP.replace("{make}", script), *words, timeout_s=_TIMEOUT_S)
    except ConnectionLostError:
        raise
    except DeviceError as error:
        raise DeviceError(str(error) + _advice(str(error))) from None


def _advice(text: str) -> str:
    if "No module named 'numpy'" in text:
        return "\n  hint: there is no numpy for this architecture on PyPI; sudo apt install python3-numpy there"
    if "GLIBC" in text:
        return (
            "\n  hint: its C library is older than the runtime asks for; update its system, or take the other runtime"
        )
    return ""


def _pack(wheels: wheelhouse.Wheels, folder: Path) -> None:
    """Fetch the wheels, and pack what is in them as site.zip; equal wheels give equal bytes."""
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        site = Path(name)
        wheelhouse.install(wheels, site)
        files = [path for path in sorted(site.rglob("*")) if path.is_file()]
        with zipfile.ZipFile(folder / "site.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                inside = file.relative_to(site)
                if not set(inside.parts) & set(_LEFT_OUT):
                    archive.writestr(zipfile.ZipInfo(str(inside)), file.read_bytes(), zipfile.ZIP_DEFLATED)
