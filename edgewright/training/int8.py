"""Full-integer int8: after training, by ranges that examples set; where that loses too much, with training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgewright.errors import UserError
from edgewright.sections.quantize import Quantize
from edgewright.tasks import Truths, threshold
from edgewright.tflite.anomaly import with_threshold
from edgewright.training import calibrate, coarse, conversion, mixed, qat, sensitivity
from edgewright.training.judge import Judge, Verdict
from edgewright.training.made import Made
from edgewright.training.quiet import say

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.several import Values

Training = Callable[[Any, str, qat.Means], qat.Trained]
"""Trains a Keras model in one of `qat.KINDS`: (model, kind, what else it needs)."""


@dataclass(frozen=True)
class Task:
    """What is to be quantized, and how: `where` names the model in messages, `samples` set ranges, `truths` judge."""

    tf: Any
    model: Any
    where: str
    data: Split
    samples: Values
    chosen: Quantize
    truths: Truths

    @property
    def layers(self) -> list[str]:
        """Names of all layers, those of models inside the model too."""
        return [layer.name for layer in self.model._flatten_layers(include_self=False)]


def make(task: Task, train: Training) -> Made:
    """The quantized model, trained for it if it was asked for or is needed."""
    plain = conversion.calibrated(task.tf, task.model, task.samples, task.where)
    ranges = _ranges(task, plain)
    made = Made(conversion.from_calibrated(task.tf, ranges, task.where))
    made.facts["calibration"] = task.chosen.calibration
    if task.chosen.int16_layers:
        _widen(task, made)
    make_coarse(made, task.chosen)
    judge = Judge(task.tf, task.truths, plain)
    if task.chosen.qat != "never":
        _judge_and_train(task, made, judge, train)
    if task.chosen.sensitivity:
        made.facts["sensitivity"] = sensitivity.rows(task.tf, ranges, task.truths, task.layers, task.where)
    if task.truths.task.kind == "reconstruction":
        made.facts["anomaly"] = _anomaly(task, made, judge)
    return made


def make_coarse(made: Made, chosen: Quantize) -> None:
    """Scales and biases of few bits, where they are asked for."""
    if chosen.factors == "coarse":
        made.tflite, layers = coarse.coarse(made.tflite)
        made.facts["coarse_layers"] = layers
        if not layers:
            say("quantize: factors stay exact: no layer has weights that latent coded, or others have biases, too")


def _anomaly(task: Task, made: Made, judge: Judge) -> dict[str, Any]:
    """The threshold of the model that is shipped, by its own errors on validation data."""
    truths = task.truths
    found = threshold(judge.errors(made.tflite), truths.truth[0], truths.task.false_alarms)
    caught = "" if found.found is None else f" and finds {found.found:.2%} of the anomalies"
    say(f"quantize: errors above {found.threshold:.4g} are anomalies: {found.false_alarms:.2%} false alarms{caught}")
    made.tflite = with_threshold(made.tflite, found.threshold)
    return found.as_json()


def _widen(task: Task, made: Made) -> None:
    """Give the chosen layers activations of 16 bits."""
    chosen = list(task.chosen.int16_layers)
    int16 = conversion.int16x8(task.tf, task.model, task.samples, task.where)
    made.tflite = mixed.with_int16(made.tflite, int16, chosen, task.layers, task.where)
    made.facts["int16_layers"] = chosen


def _ranges(task: Task, plain: bytes) -> bytes:
    choose = chooser(task.chosen)
    return plain if choose is None else calibrate.with_ranges(task.tf, plain, task.samples, choose)


def chooser(chosen: Quantize) -> calibrate.Chooser | None:
    """How a range comes from a histogram; None: the whole of it."""
    choosers = {"percentile": calibrate.by_percentile(chosen.percentile), "mse": calibrate.by_error}
    return choosers.get(chosen.calibration)


def _means(task: Task) -> qat.Means:
    def convert(model: Any) -> bytes:
        plain = conversion.calibrated(task.tf, model, task.samples, task.where)
        return conversion.from_calibrated(task.tf, _ranges(task, plain), task.where)

    return qat.Means(task.where, task.samples, chooser(task.chosen), convert)


def _judge_and_train(task: Task, made: Made, judge: Judge, train: Training) -> None:
    """Judge what there is; train where that is too bad, and keep the better one."""
    before = judge.judge(made.tflite, task.chosen.qat_threshold)
    made.facts["validation"] = before.as_json() if before else None
    always = task.chosen.qat == "always"
    limit = judge.limit(task.chosen.qat_threshold, before) if before else 0.0
    if not always and (before is None or before.loss <= limit):
        return
    if before is not None and not always:
        lost, most = before.terms.difference(before.loss), before.terms.difference(limit)
        say(f"quantize: int8 loses {lost} of {before.terms.title} on validation data, more than {most}")
    kind = task.chosen.qat_kind if task.chosen.qat_kind != "auto" else qat.kind_for(task.model)
    try:
        found = train(task.model, kind, _means(task))
    except UserError as error:
        if always:
            raise
        say(f"quantize: left as it is: {error}")
        made.facts["qat"] = {"kind": kind, "kept": False, "problem": str(error)}
        return
    for name, reason in found.facts["without_fake_quantization"].items():
        say(f"quantize: {name} {reason}: no fake quantization there")
    chosen = _choose(made, found.tflite, before, judge, always=always)
    made.facts["qat"] = {"kind": kind, **found.facts, **chosen, "training": found.history}


def _choose(made: Made, tflite: bytes, before: Verdict | None, judge: Judge, *, always: bool) -> dict[str, Any]:
    """Put the trained model in place if it is better, or asked for; gives what was found."""
    after = judge.all(tflite) if before is not None else None
    better = before is None or after is None or after.is_better_than(judge.all(made.tflite))
    found = {"without": before.as_json() if before else None, "with": after.as_json() if after else None}
    if always or better:
        made.tflite = tflite
        made.facts["validation"] = found["with"]
    return {"kept": always or better, **found}
