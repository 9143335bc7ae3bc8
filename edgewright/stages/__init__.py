"""The stages of a build, each a command of its own: `python -m edgewright.stages.training.train ...`."""

import sys

from edgewright import interrupts

if sys.argv[:1] == ["-m"]:  # Python imports this on its way to the stage that is the program
    interrupts.end_quietly()
