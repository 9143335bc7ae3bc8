"""The stages of a build, each a command of its own: `python -m edgewright.stages.train ...`."""
