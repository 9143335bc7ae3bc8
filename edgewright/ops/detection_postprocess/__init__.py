"""DETECTION_POSTPROCESS: the custom operator TFLite_Detection_PostProcess, whose fast suppression it has.

Outputs behind the last detection are 0, where TensorFlow Lite Micro leaves what was there; of more than one class a box
the answers are LiteRT's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import View

_SCALES = ("y_scale", "x_scale", "h_scale", "w_scale")


class DetectionPostprocess(Op):
    """Box encodings [1, boxes, 4], scores [1, boxes, classes], anchors [boxes, 4]; boxes, classes, scores, count."""

    name = "DETECTION_POSTPROCESS"
    inputs = range(3, 4)
    outputs = range(4, 5)
    dtypes = ("float32",)
    files = ("detection_postprocess_ref",)

    def check(self, view: View) -> Iterator[str]:
        faults = list(checks.not_empty(view))
        for place, what in enumerate(("box encodings", "scores", "anchors")):
            faults += checks.dtype(view.input(place), what, "float32")
        faults += [*checks.rank(view.input(0), "box encodings", 3), *checks.rank(view.input(1), "scores", 3)]
        faults += [fault for output in view.outputs for fault in checks.dtype(output, "output", "float32")]
        yield from faults or _faults_of_options(view) or _faults_of_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        boxes, columns = view.input(1).shape[1:]
        classes = int(view.option("num_classes"))
        fields = {"boxes": boxes, "columns": columns, "classes": classes, "per_box": _per_box(view)}
        fields |= {"detections": int(view.option("max_detections"))}
        scales = np.array([view.option(name) for name in _SCALES], np.float32)
        best = 16 * boxes
        is_open = best + -(-4 * boxes // 8) * 8
        arguments: tuple[Argument, ...] = (
            *(Input(name, i, "float") for i, name in enumerate(("encodings", "predictions", "anchors"))),
            *(Output(name, i, "float") for i, name in enumerate(("boxes", "classes", "scores", "count"))),
            Scratch("decoded", 16 * boxes, "ew_detection_box"),
            Scratch("best", 4 * boxes, "float", best),
            Scratch("open", boxes, "int8_t", is_open),
            Const("scales", scales, "scales of y, x, height and width", "float"),
            Scalar("score_threshold", float(view.option("nms_score_threshold")), "float"),
            Scalar("overlap_threshold", float(view.option("nms_iou_threshold")), "float"),
        )
        return (Call("detection_postprocess_ref", "ew_detection_postprocess_shape", tuple(fields.items()), arguments),)


def _per_box(view: View) -> int:
    return min(int(view.option("max_classes_per_detection")), int(view.option("num_classes")))


def _faults_of_options(view: View) -> list[str]:
    if view.option("use_regular_nms"):
        return ["use_regular_nms, suppression class by class, is not supported"]
    counts = ("max_detections", "max_classes_per_detection", "num_classes")
    faults = [f"{name} is {view.option(name)}" for name in counts if not 1 <= (view.option(name) or 0) <= 1 << 12]
    numbers = (*_SCALES, "nms_score_threshold", "nms_iou_threshold")
    faults += [f"{name} is {view.option(name)}" for name in numbers if not math.isfinite(view.option(name, math.nan))]
    if not faults and not 0 < view.option("nms_iou_threshold") <= 1:
        faults.append(f"nms_iou_threshold {view.option('nms_iou_threshold')} is not in 0..1")
    return faults or [f"{name} is 0" for name in _SCALES if not view.option(name)]


def _faults_of_shapes(view: View) -> Iterator[str]:
    _, boxes, columns = view.input(1).shape
    classes, most = int(view.option("num_classes")), int(view.option("max_detections")) * _per_box(view)
    yield from checks.shape(view.input(0), "box encodings", (1, boxes, 4))
    yield from checks.shape(view.input(1), "scores", (1, boxes, columns))
    yield from checks.shape(view.input(2), "anchors", (boxes, 4))
    if columns not in (classes, classes + 1):
        yield f"{columns} scores of a box for {classes} classes"
    for output, expected in zip(view.outputs, (4 * most, most, most, 1), strict=True):
        if output.elements != expected:
            yield f"an output has {output.elements} elements, expected {expected}"


OP = DetectionPostprocess()
