"""Makes the system root of an emulated Linux device, in the user's cache, and notes what is in it.

python -m edgewright.stages.device.sysroot --arch arm64 --runtime litert --out build/tools/sysroot-arm64-litert.json
"""

from __future__ import annotations

from edgewright.command_line import run
from edgewright.devices.tools.system_root import ensure_sysroot
from edgewright.files import write_json
from edgewright.options.sysroot import Options
from edgewright.stage_command import stage


def prepare(options: Options) -> None:
    """Make it, unless it is there, and write what is in it."""
    write_json(options.out, dict(ensure_sysroot(options.arch, options.runtime).record))


main = stage(Options, prepare)

if __name__ == "__main__":
    run(main)
