"""A random DETECTION_POSTPROCESS: (network, input) -> one of its outputs."""

from __future__ import annotations

import numpy as np

from testbench.differential.builder import Value
from testbench.differential.network import Generator, Network

_SHAPES = ((4,), (), ())


def detection_postprocess(net: Network, _: Value) -> Value:
    """Boxes of float32, with and without a background, that are all told of: none is under the threshold or covered."""
    boxes, classes, background = 4 * net.between(1, 3), net.between(1, 4), net.pick(0, 1)
    most, per_box = net.between(1, boxes), 1
    encodings = _below_one(net, (1, boxes, 4))
    scores = _below_one(net, (1, boxes, classes + background))
    anchors = net.builder.constant(net.random.uniform(0.1, 0.9, (boxes, 4)).astype(np.float32))
    outputs = [net.builder.tensor((1, most * per_box, *more), dtype="float32") for more in _SHAPES]
    outputs.append(net.builder.tensor((1,), dtype="float32"))
    options = {"max_detections": most, "max_classes_per_detection": per_box, "num_classes": classes}
    options |= {"use_regular_nms": False, "nms_score_threshold": -1e9, "nms_iou_threshold": 1.0}
    options |= {"y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}
    shown = net.between(0, 3)
    return net.builder.op("DETECTION_POSTPROCESS", [encodings, scores, anchors], outputs, shown=shown, **options)


def _below_one(net: Network, shape: tuple[int, ...]) -> Value:
    """A new input, brought to 0..1: TensorFlow Lite Micro ends where boxes leave all sense."""
    x = net.builder.tensor(shape, dtype="float32")
    net.inputs.append(x)
    return net.builder.op("LOGISTIC", [x], [net.builder.tensor(shape, dtype="float32")])


GENERATORS: dict[str, Generator] = {"DETECTION_POSTPROCESS": detection_postprocess}
"""By operator, for TensorFlow Lite Micro."""
