r"""Make features of a model's sounds, as [preprocess] declares: by the same C as on the device.

    python -m edgewright.stages.training.features --prepared build/models/m/data.npz \
        --out build/models/m/features.npz --options '{"preprocess": {"kind": "log-mel", "rate": 8000}}'

The front end is compiled for this machine and run on every example.
"""

from __future__ import annotations

from edgewright.command_line import run
from edgewright.datasets import Splits, load_data, write_prepared
from edgewright.errors import UserError
from edgewright.frontend import features
from edgewright.options.features import Options
from edgewright.several import Several, shape_of
from edgewright.stage_command import stage


def make(options: Options) -> None:
    """Read the data, and write them with features in the place of sounds."""
    splits = load_data(options.data, prepared=options.prepared, task=options.task)
    if isinstance(splits.train_x, Several):
        raise UserError(
            "[preprocess]", "takes one input", got=list(splits.train_x.arrays), allowed="one array of sounds"
        )
    where = f"the data of {options.out.parent.name}"
    made = {name: features(options.preprocess, splits.part(name)[0], where) for name in ("train", "validation", "test")}
    found = Splits(*(part for name, x in made.items() for part in (x, splits.part(name)[1])))
    write_prepared(options.out, found)
    print(f"features of {options.out.parent.name}: {shape_of(found.train_x)} an example")


main = stage(Options, make)

if __name__ == "__main__":
    run(main)
