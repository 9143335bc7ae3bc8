"""Copies a model that several targets share, and its facts, into the folder of one of them.

python -m edgewright.stages.model.deliver --model build/models/kws/int8-0a1b2c3d/kws.tflite
    --out build/mcu/kws/kws.tflite --facts build/models/kws/int8-0a1b2c3d/kws_tflite.json
    --out-facts build/mcu/kws/kws_tflite.json
"""

from __future__ import annotations

from edgewright.command_line import run
from edgewright.files import write_bytes
from edgewright.options.deliver import Options
from edgewright.stage_command import stage


def deliver(options: Options) -> None:
    """Copy both files."""
    write_bytes(options.out, options.model.read_bytes())
    write_bytes(options.out_facts, options.facts.read_bytes())


main = stage(Options, deliver)

if __name__ == "__main__":
    run(main)
