"""Custom operators that the compiler knows: what they are called, and their attributes, a flexbuffer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flatbuffers import flexbuffers

NAMES: Mapping[str, str] = {"TFLite_Detection_PostProcess": "DETECTION_POSTPROCESS"}
"""By the name in the file."""

_NUMBERS: Mapping[str, Mapping[str, type]] = {
    "DETECTION_POSTPROCESS": {
        **dict.fromkeys(("max_detections", "max_classes_per_detection", "num_classes"), int),
        **dict.fromkeys(("nms_score_threshold", "nms_iou_threshold"), float),
        **dict.fromkeys(("y_scale", "x_scale", "h_scale", "w_scale"), float),
        "use_regular_nms": bool,
    }
}


def read_custom(op: str, data: bytes) -> dict[str, Any]:
    """The attributes that are there and can be read; the operator's check tells of those that are missing."""
    wanted = _NUMBERS.get(op)
    if wanted is None or not data:
        return {}
    found = {}
    for name, kind in wanted.items():
        try:
            value = flexbuffers.GetRoot(bytearray(data)).AsMap[name]
            found[name] = kind(value.AsFloat if kind is float else value.AsInt)
        except Exception:  # noqa: BLE001, S112 - the file is hostile, the library raises whatever it meets
            continue
    return found
