"""The learning rate in the course of a training."""

from __future__ import annotations

from typing import Any

from edgewright.sections.train import Train


def learning_rate(tf: Any, options: Train, steps: int) -> Any:
    """A number, or a schedule over the steps of the whole training that the optimizer's step counter drives.

    Args:
        tf: the module `tensorflow`.
        options: rate, decay and epochs.
        steps: of an epoch.
    """
    rate, whole = options.learning_rate, options.epochs * steps
    schedules = tf.keras.optimizers.schedules
    if options.decay == "cosine":
        return _cosine(schedules.CosineDecay, options, steps)
    if options.decay == "linear":
        return schedules.PolynomialDecay(rate, whole, rate * options.decay_to)
    if options.decay == "exponential":
        return schedules.ExponentialDecay(rate, whole, options.decay_to)
    if options.decay == "steps":
        ends = [epoch * steps for epoch in options.decay_epochs]
        return schedules.PiecewiseConstantDecay(ends, [rate * 0.1**n for n in range(len(ends) + 1)])
    return rate


def _cosine(cosine: Any, options: Train, steps: int) -> Any:
    rate, to = options.learning_rate, options.decay_to
    warm = options.warmup_epochs * steps
    falling = options.epochs * steps - warm
    if not warm:
        return cosine(rate, falling, alpha=to)
    return cosine(0.0, falling, alpha=to, warmup_target=rate, warmup_steps=warm)
