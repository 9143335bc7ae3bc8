"""Sounds as a model learns from them: the front end's C, built for this machine and run on whole sounds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler import compile_model, host
from edgewright.errors import UserError
from edgewright.frontend.graph import front_end
from edgewright.sections.preprocess import Preprocess

LEVELS = 256
"""A level is one of so many numbers from 0, which a model sees as level / LEVELS."""

_FULL = 32768


def features(section: Preprocess, sounds: NDArray[Any], where: str) -> NDArray[np.float32]:
    """What the model learns from: float32 [N, frames, bands, 1] in 0..1, multiples of 1 / LEVELS.

    Args:
        section: the front end.
        sounds: [N, samples] or [N, samples, 1] in -1..1. Samples behind the last whole step are left out.
        where: names the sounds in messages.

    Raises:
        UserError: these are no sounds, or shorter than a step.
        ToolError: this machine has no C compiler.
    """
    found = levels(section, _samples(sounds, where), where)
    return (np.minimum(found, LEVELS - 1).astype(np.float32) / np.float32(LEVELS))[..., np.newaxis]


def levels(section: Preprocess, samples: NDArray[np.int16], where: str) -> NDArray[np.int16]:
    """The front end's answers, int16 [N, frames, bands], to int16 [N, samples]; each sound begins from silence."""
    frames = samples.shape[1] // section.step
    if frames == 0:
        got = f"{samples.shape[1]} samples"
        raise UserError(where, "a sound is shorter than a step", got=got, allowed=f"at least {section.step} samples")
    steps = np.ascontiguousarray(samples[:, : frames * section.step]).reshape(-1, section.step)
    compiled = compile_model(front_end(section), "frontend")
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        (found,) = host.build(compiled, Path(folder)).run([steps], anew=frames)
    return found.reshape(len(samples), frames, section.bands)


def _samples(sounds: NDArray[Any], where: str) -> NDArray[np.int16]:
    """Whole numbers of 16 bits: those that a file of 16 bits had, without -32768.

    TensorFlow Lite Micro's SignalFftAutoScale, whose bytes ours are, takes that one for the quietest sample of all.
    """
    flat = sounds[..., 0] if sounds.ndim == 3 and sounds.shape[2] == 1 else sounds
    if flat.ndim != 2:
        shape = list(sounds.shape[1:])
        raise UserError(
            where, "[preprocess] takes sounds", got=f"examples of shape {shape}", allowed="[samples] or [samples, 1]"
        )
    most = float(np.abs(flat).max(initial=0.0))
    if most > 1.0:
        hint = "divide samples of 16 bits by 32768"
        raise UserError(where, "[preprocess] takes sounds in -1..1", got=f"values up to {most:g}", hint=hint)
    return np.asarray(np.clip(np.round(flat * _FULL), 1 - _FULL, _FULL - 1), np.int16)
